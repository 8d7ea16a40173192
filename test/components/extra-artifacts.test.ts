import assert from "node:assert/strict";
import { checkDistribution } from "../../components/declaration/check-distribution";
import { DeclarationError } from "../../components/declaration/declaration-error";
import { ociRegistry } from "../../components/declaration/registry";
import { directoryRelease } from "../../components/directory-release";
import type { DistributionArgs } from "../../components/distribution-args";
import { aurPackage, homebrewFormula, pypiProject, shellInstaller } from "../../components";

const about = {
  author: { name: "Acme releases", email: "releases@acme.example" },
  description: "Greets the world",
  homepage: "https://acme.example/hello",
};
const disk = { command: ["sh", "disk.sh"], sources: ["disk.sh"] };
const wheels = { wheels: { summary: "Greets the world" } };

const valid: DistributionArgs = {
  version: "v1.0.0",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", binary: "hello" }] } },
  binaries: { hello: { command: ["go", "build"], sources: ["**/*.go"] } },
  archives: { hello: { binaries: ["hello"] } },
  extraArtifacts: { disk: { ...disk, outputs: ["{name}-{semver}.iso", "disk-{tag}.img"] } },
  installers: { "install.sh": shellInstaller() },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.example.com" }),
  channels: [homebrewFormula({ ...about, tap: "tap.git", asset: true }), pypiProject({ artifacts: "disk" })],
};

describe("further files of a release", () => {
  it("are accepted beside archives, installers and manifests, and alone", () => {
    checkDistribution("hello", valid);
    const { archives: _archives, channels: _channels, installers: _installers, ...alone } = valid;
    checkDistribution("hello", { ...alone, trust: { sbom: false } });
  });

  const outputs = (...names: string[]) => ({ extraArtifacts: { disk: { ...disk, outputs: names } } });

  for (const [title, change, property, reason] of [
    ["in a folder", outputs("iso/disk.iso"), "extraArtifacts.disk.outputs[0]", /without folders/],
    [
      "by a name that nothing fills",
      outputs("disk-{os}.iso"),
      "extraArtifacts.disk.outputs[0]",
      /nothing takes the place of \{os\}/,
    ],
    [
      "named as an archive",
      outputs("hello_1.0.0_linux_amd64.tar.gz"),
      "extraArtifacts.disk.outputs[0]",
      /also the name of the archive hello for linux\/amd64/,
    ],
    [
      "named as an installer",
      outputs("install.sh"),
      "extraArtifacts.disk.outputs[0]",
      /also the name of an installer/,
    ],
    [
      "named as the sums",
      outputs("SHA256SUMS"),
      "extraArtifacts.disk.outputs[0]",
      /also the name of the sums file/,
    ],
    [
      "named twice",
      outputs("disk.iso", "disk.iso"),
      "extraArtifacts.disk.outputs[1]",
      /also the name of a file of disk/,
    ],
    [
      "of a manifest's name",
      outputs("hello.rb"),
      "channels[0]",
      /"hello.rb" is also the name of a file of disk/,
    ],
    [
      "that a release cannot have",
      { channels: [aurPackage({ ...about, asset: true })] },
      "channels[0]",
      /"\.SRCINFO" is not a name that a file of a release can have/,
    ],
    [
      "of an image that there is not",
      { extraArtifacts: { disk: { ...disk, image: "hallo", outputs: ["disk.tar"] } } },
      "extraArtifacts.disk.image",
      /there is no image "hallo"; declared are hello/,
    ],
    [
      "that name an image and do not say which",
      { extraArtifacts: { disk: { ...disk, command: "crane pull {reference} x", outputs: ["disk.tar"] } } },
      "extraArtifacts.disk.command",
      /\{reference\} is that of an image, and none is named \(a valid example: image: "hello"\)/,
    ],
    [
      "whose variables name an image and do not say which",
      { extraArtifacts: { disk: { ...disk, env: { DIGEST: "{digest}" }, outputs: ["disk.tar"] } } },
      "extraArtifacts.disk.command",
      /\{digest\} is that of an image/,
    ],
    [
      "that nothing makes",
      { channels: [pypiProject({ artifacts: "python" })] },
      "channels[0].artifacts",
      /there are no extraArtifacts "python"; declared are disk/,
    ],
  ] as [string, Partial<DistributionArgs>, string, RegExp][]) {
    it(`are refused ${title}, before any resource`, () => {
      assert.throws(
        () => checkDistribution("hello", { ...valid, ...change }),
        (error) =>
          error instanceof DeclarationError && error.message.includes(property) && reason.test(error.message),
      );
    });
  }

  it("of a Python project are named in one way", () => {
    assert.throws(
      () => pypiProject({ artifacts: "python", ...wheels }),
      /either files that a command has built/,
    );
    assert.throws(() => pypiProject({}), /either files that a command has built/);
  });

  it("a token that PyPI wants is missed, and one of an index that wants none is not", () => {
    assert.match(pypiProject(wheels).missing?.().join() ?? "", /no token for upload\.pypi\.org/);
    const index = { simple: "https://pypi.acme.example/simple", upload: "https://pypi.acme.example/" };
    for (const channel of [pypiProject({ ...wheels, token: "t" }), pypiProject({ ...wheels, index })]) {
      assert.deepEqual(channel.missing?.(), []);
    }
  });
});
