import assert from "node:assert/strict";
import {
  asdfPlugin,
  aurPackage,
  homebrewCask,
  krewPlugin,
  nixFlake,
  snapPackage,
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
  releasedImages: {},
  downloadUrl: (file) => `https://downloads.acme.example/${file}`,
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
const snap = (more: object = {}) =>
  snapPackage({ programs: ["kubectl-hello"], summary: "Greets", description: "Greets everybody", ...more });
const kept = { repository: ".slipway/snap.git", author };
const krew = (more: object = {}) =>
  krewPlugin({ ...what, index: ".slipway/index.git", shortDescription: "Greets", ...more });

describe("channels in git repositories", () => {
  it("take a release that they can carry, by names that follow from the distribution's", () => {
    for (const channel of [aur(), nix(), krew(), asdf(), snap(), snap({ snapcraft: kept })])
      assert.deepEqual(channel.findings?.(release), []);
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

  it("are files of the release alone, where a snap has no repository for snapcraft", () => {
    assert.ok(!("create" in snap()));
    assert.equal(typeof snap({ snapcraft: kept }).create, "function");
    assert.deepEqual(snap().assetNames?.(release), ["kubectl-hello_1.2.3_amd64.snap"]);
    assert.deepEqual(
      snap().findings?.({ ...release, downloadUrl: () => undefined }),
      [],
      "a snap needs no address",
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
    ["that nobody can download", nix(), { downloadUrl: () => undefined }, ""],
    ["of a program that is not built", snap({ programs: ["other"] }), {}, "programs"],
    ["for no Linux", snap(), { programs: { "kubectl-hello": ["darwin/arm64"] } }, "programs"],
    ["for a platform without snaps", snap({ platforms: ["windows/amd64"] }), {}, "platforms"],
    ["by a name that is none", snap({ name: "Hello" }), {}, "name"],
    ["of a version that is too long", snap(), { version: `1.2.3-rc.${"1".repeat(30)}` }, "version"],
    [
      "that nobody can download, for snapcraft",
      snap({ snapcraft: kept }),
      { downloadUrl: () => undefined },
      "snapcraft",
    ],
    [
      "with a file that is in no archive, for snapcraft",
      snap({ files: [{ path: "etc/hello.yaml", content: "a: 1\n" }], snapcraft: kept }),
      {},
      "files[0].path",
    ],
    [
      "in an archive that there is not",
      snap({ snapcraft: { ...kept, archive: "x" } }),
      {},
      "snapcraft.archive",
    ],
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
    ["a base without snapcraft", () => snap({ base: "core18" }), /base: .*core24/s],
    [
      "a file with two contents",
      () => snap({ files: [{ path: "a", source: "a", content: "a" }] }),
      /files\[0\]: .*exactly one of source and content/s,
    ],
    ["an app without a command", () => snap({ apps: { hello: {} } }), /apps\.hello\.command/],
    ["a misspelled argument", () => krew({ descripton: "x" }), /descripton/],
  ] as [string, () => ChannelTarget, RegExp][]) {
    it(`refuse ${title}`, () => {
      assert.throws(make, finding);
    });
  }
});
