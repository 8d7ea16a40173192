import assert from "node:assert/strict";
import { defined } from "../../../lib/objects/defined";
import {
  apiHost,
  checkRegistryHost,
  checkRepositoryPath,
  checkTag,
  formatReference,
  isLocalRegistry,
  parseReference,
  parseRepository,
} from "../../../lib/oci/reference";
import {
  formatPlatform,
  matchesPlatform,
  normalizePlatform,
  parsePlatform,
  runsOn,
} from "../../../lib/oci/platform";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("references", () => {
  const parsed: [string, string][] = [
    ["alpine", "docker.io/library/alpine"],
    ["alpine:3.20", "docker.io/library/alpine:3.20"],
    ["tinyolly/ui:v2.0.0", "docker.io/tinyolly/ui:v2.0.0"],
    ["index.docker.io/tinyolly/ui", "docker.io/tinyolly/ui"],
    ["ghcr.io/acme/hello:v1", "ghcr.io/acme/hello:v1"],
    ["localhost:5000/a/b/c:x", "localhost:5000/a/b/c:x"],
    ["localhost/hello", "localhost/hello"],
    [`r.example.com/a@${digest}`, `r.example.com/a@${digest}`],
    [`r.example.com:8443/a:1@${digest}`, `r.example.com:8443/a:1@${digest}`],
    ["[::1]:5000/a:1", "[::1]:5000/a:1"],
  ];
  for (const [text, written] of parsed) {
    it(`reads ${text}`, () => assert.equal(formatReference(parseReference(text)), written));
  }

  const refused: [string, () => unknown, RegExp][] = [
    [
      "upper-case repository (G-01), with the form that works",
      () => checkRepositoryPath("mlOS-foundation/mlos-core"),
      /upper-case letters.*use "mlos-foundation\/mlos-core"/,
    ],
    ["empty repository", () => checkRepositoryPath(""), /is not valid.*a valid example: "acme\/hello"/],
    ["path that goes up", () => checkRepositoryPath("a/../b"), /is not valid/],
    ["doubled slash", () => checkRepositoryPath("a//b"), /is not valid/],
    [
      "scheme in a registry",
      () => checkRegistryHost("https://ghcr.io"),
      /has the scheme "https:\/\/".*"ghcr\.io"/,
    ],
    ["path in a registry", () => checkRegistryHost("ghcr.io/acme"), /has a path/],
    ["port beyond 65535", () => checkRegistryHost("localhost:99999"), /is not a host name/],
    ["space in a registry", () => checkRegistryHost("my host"), /is not a host name/],
    ["tag with a plus", () => checkTag("1.0+5"), /tag "1\.0\+5" is not valid/],
    ["tag that starts with a dash (G-40)", () => checkTag("-abc1234"), /tag "-abc1234" is not valid/],
    ["tag of 129 characters", () => checkTag("a".repeat(129)), /up to 128/],
    ["short digest", () => parseReference("a/b@sha256:abc"), /digest "sha256:abc" is not valid/],
    ["upper-case reference", () => parseRepository("ghcr.io/Acme/Hello"), /use "acme\/hello"/],
  ];
  for (const [title, check, message] of refused) {
    it(`refuses: ${title}`, () => assert.throws(check, message));
  }

  it("Docker Hub's API is not at its name", () => {
    assert.equal(apiHost("docker.io"), "registry-1.docker.io");
    assert.equal(apiHost("ghcr.io"), "ghcr.io");
  });

  it("knows which registries are on this machine", () => {
    for (const local of [
      "localhost",
      "localhost:5000",
      "127.0.0.1:5000",
      "127.1.2.3",
      "[::1]:5000",
      "registry.localhost:80",
    ]) {
      assert.ok(isLocalRegistry(local), local);
    }
    for (const remote of ["ghcr.io", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1:5000"]) {
      assert.ok(!isLocalRegistry(remote), remote);
    }
  });
});

describe("platforms", () => {
  for (const text of ["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"]) {
    it(`reads ${text}`, () => assert.equal(formatPlatform(parsePlatform(text)), text));
  }
  const refused: [string, RegExp][] = [
    ["linux/x86_64", /did you mean "linux\/amd64"\?/],
    ["arm64", /did you mean "linux\/arm64"\?/],
    ["linux/arm", /did you mean "linux\/arm\/v7"\?/],
    ["Linux/AMD64", /did you mean "linux\/amd64"\?/],
    ["linux", /unknown platform "linux" \(a valid example: "linux\/amd64"\)/],
    ["plan9/amd64", /unknown platform/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${text}`, () => assert.throws(() => parsePlatform(text), message));
  }
  const spellings: [os: string, architecture: string, variant: string | undefined, platform: string][] = [
    ["linux", "x86_64", undefined, "linux/amd64"],
    ["linux", "x86-64", "", "linux/amd64"],
    ["Linux", "AMD64", "v1", "linux/amd64"],
    ["linux", "amd64", "V3", "linux/amd64/v3"],
    ["linux", "aarch64", undefined, "linux/arm64"],
    ["linux", "arm64", "8", "linux/arm64"],
    ["linux", "arm64", "v8.0", "linux/arm64"],
    ["linux", "arm64", "9", "linux/arm64/v9"],
    ["linux", "armhf", undefined, "linux/arm/v7"],
    ["linux", "armel", undefined, "linux/arm/v6"],
    ["linux", "arm", undefined, "linux/arm/v7"],
    ["linux", "arm", "6", "linux/arm/v6"],
    ["linux", "i386", undefined, "linux/386"],
    ["macOS", "aarch64", undefined, "darwin/arm64"],
    ["linux", "riscv64", undefined, "linux/riscv64"],
  ];
  for (const [os, architecture, variant, platform] of spellings) {
    const written = defined({ os, architecture, variant });
    it(`${formatPlatform(written)} of others is ${platform}`, () => {
      assert.equal(formatPlatform(normalizePlatform(written)), platform);
      const [system = "", name = "", version] = platform.split("/");
      assert.ok(matchesPlatform(defined({ os: system, architecture: name, variant: version }), written));
    });
  }
  it("a machine runs what is for an older variant", () => {
    const runs = (machine: string, program: string) => runsOn(parsePlatform(machine), parsePlatform(program));
    assert.ok(runs("linux/arm/v7", "linux/arm/v6"));
    assert.ok(runs("linux/amd64/v3", "linux/amd64"));
    assert.ok(!runs("linux/arm/v6", "linux/arm/v7"));
    assert.ok(!runs("linux/amd64", "linux/amd64/v2"));
    assert.ok(!runs("linux/arm64", "linux/arm/v7"));
  });
  it("arm64 and arm64/v8 are one machine", () => {
    assert.ok(matchesPlatform(parsePlatform("linux/arm64"), parsePlatform("linux/arm64/v8")));
    assert.ok(matchesPlatform(parsePlatform("linux/arm64/v8"), parsePlatform("linux/arm64")));
    assert.ok(!matchesPlatform(parsePlatform("linux/arm/v7"), parsePlatform("linux/arm/v6")));
    assert.ok(!matchesPlatform(parsePlatform("linux/amd64"), parsePlatform("linux/arm64")));
  });
});
