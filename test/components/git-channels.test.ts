import assert from "node:assert/strict";
import {
  asdfPlugin,
  aurPackage,
  homebrewCask,
  krewPlugin,
  nixFlake,
  type ChannelRelease,
  type ChannelTarget,
} from "../../components";

const author = { name: "Acme releases", email: "releases@acme.example" };
const what = { author, homepage: "https://acme.example/hello" };

const release: ChannelRelease = {
  distribution: "kubectl-hello",
  version: "v1.2.3",
  licenses: "Apache-2.0",
  sumsFile: "SHA256SUMS",
  extraArtifacts: {},
  isDownloadable: true,
  programs: { "kubectl-hello": ["linux/amd64"] },
  archives: {
    hello: [
      {
        name: "hello.tar.gz",
        platform: "linux/amd64",
        url: "https://downloads.acme.example/hello.tar.gz",
        format: "tar.gz",
        programs: ["kubectl-hello"],
        contents: ["kubectl-hello"],
      },
    ],
  },
};

const macArchive = {
  hello: (release.archives.hello ?? []).map((archive) => ({ ...archive, platform: "darwin/arm64" })),
};

const aur = (more: object = {}) => aurPackage({ ...what, description: "Greets", ...more });
const nix = (more: object = {}) =>
  nixFlake({ ...what, repository: ".slipway/nix.git", description: "Greets", ...more });
const cask = (more: object = {}) =>
  homebrewCask({ ...what, tap: ".slipway/tap.git", notarized: true, description: "Greets", ...more });
const asdf = (more: object = {}) => asdfPlugin({ author, repository: ".slipway/asdf.git", ...more });
const krew = (more: object = {}) =>
  krewPlugin({ ...what, index: ".slipway/index.git", shortDescription: "Greets", ...more });

describe("channels in git repositories", () => {
  it("take a release that they can carry, by names that follow from the distribution's", () => {
    for (const channel of [aur(), nix(), krew(), asdf()]) assert.deepEqual(channel.findings?.(release), []);
    const forMac = { ...release, archives: macArchive, programs: { "kubectl-hello": ["darwin/arm64"] } };
    assert.deepEqual(cask().findings?.(forMac), []);
    assert.deepEqual(
      [aur(), aur({ name: "hello-beta-bin" }), nix(), krew()].map(({ kind, name }) => `${kind} ${name}`),
      [
        "AUR package aur.archlinux.org",
        "AUR package hello-beta-bin in aur.archlinux.org",
        "Nix flake .slipway/nix.git",
        "Krew plugin .slipway/index.git",
      ],
    );
  });

  it("say for how long they may wait for the other side", () => {
    assert.deepEqual([aur().grace, aur({ grace: "7d" }).grace], [undefined, "7d"]);
  });

  it("take a pre-release that pacman orders in another way only where it is not given to it", () => {
    const other = { ...release, version: "v1.2.3-20260131" };
    assert.deepEqual(aur().findings?.(other), []);
    assert.deepEqual(
      aur({ prereleases: true })
        .findings?.(other)
        .map(({ property }) => property),
      ["prereleases"],
    );
  });

  for (const [title, channel, changed, property] of [
    ["without a license", aur(), { licenses: undefined }, "license"],
    ["by a name that is none", aur({ name: "hello" }), {}, "name"],
    ["by a name that is none", nix({ name: "a.b" }), {}, "name"],
    ["of a program of another name", krew({ name: "other" }), {}, "program"],
    ["that nobody can download", nix(), { isDownloadable: false }, ""],
    ["for another system", cask(), {}, "archive"],
    ["of programs that others have built", cask(), { archives: macArchive, programs: {} }, "archive"],
  ] as [string, ChannelTarget, Partial<ChannelRelease>, string][]) {
    it(`${channel.kind}: refuse a release ${title}`, () => {
      const findings = channel.findings?.({ ...release, ...changed }) ?? [];
      assert.deepEqual(
        findings.map((finding) => finding.property),
        [property],
      );
    });
  }

  for (const [title, make, finding] of [
    [
      "an address where the AUR is read",
      () => aur({ repository: "https://aur.archlinux.org/hello-bin.git" }),
      /repository: .*takes files by ssh .*ssh:\/\/aur@/s,
    ],
    ["a branch of the AUR", () => aur({ branch: "main" }), /branch/],
    ["a grace that is no duration", () => aur({ grace: "a week" }), /grace: .*a valid example: "7d"/s],
    [
      "a dependency that is no package",
      () => aur({ dependencies: ["a b"] }),
      /dependencies\[0\]: .*name of a package/s,
    ],
    ["a version of what is provided", () => aur({ provides: "hello=1" }), /provides: .*the release's/s],
    [
      "libraries without autoPatchelf",
      () => nix({ libraries: ["openssl"] }),
      /libraries: .*autoPatchelf: true/s,
    ],
    [
      "an address of nixpkgs that is none",
      () => nix({ nixpkgs: "nixpkgs" }),
      /nixpkgs: .*address of a flake/s,
    ],
    [
      "no word about notarization",
      () => cask({ notarized: undefined }),
      /notarized: .*a valid example: true/s,
    ],
    ["a misspelled argument", () => krew({ descripton: "x" }), /descripton/],
  ] as [string, () => ChannelTarget, RegExp][]) {
    it(`refuse ${title}`, () => {
      assert.throws(make, finding);
    });
  }
});
