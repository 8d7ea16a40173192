import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { planArchives } from "../../components/declaration/archive-plan";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";
import { DeclarationError } from "../../components/declaration/declaration-error";
import { ociRegistry } from "../../components/declaration/registry";
import { directoryRelease } from "../../components/directory-release";

const go = { command: ["go", "build"], sources: ["**/*.go"] };
const release = { from: "https://example.com/acme/hello", tag: "v1.0.0", asset: "*_{os}_{arch}.tar.gz" };
const linux = ["linux/amd64", "linux/arm64"];
const darwin = ["darwin/amd64", "darwin/arm64"];

describe("archives of a distribution", () => {
  for (const [title, args, expected] of [
    [
      "CORE-13: CORE-14: G-04: MLOS Core: version without v, five targets, none for windows/arm64",
      {
        version: "v1.0.0",
        binaries: { "mlos-core": { ...go, platforms: [...linux, ...darwin, "windows/amd64"] } },
        archives: { "mlos-core": { binaries: ["mlos-core"] } },
      },
      [
        ["dist/mlos-core_1.0.0_linux_amd64.tar.gz"],
        ["dist/mlos-core_1.0.0_linux_arm64.tar.gz"],
        ["dist/mlos-core_1.0.0_darwin_amd64.tar.gz"],
        ["dist/mlos-core_1.0.0_darwin_arm64.tar.gz"],
        ["dist/mlos-core_1.0.0_windows_amd64.tar.gz"],
      ],
    ],
    [
      "DISTRO-06: DISTRO-07: G-21: MLOS Distro: version with v, the targets that both components have",
      {
        version: "v1.0.0",
        binaries: {
          "mlos-core": { ...go, platforms: ["linux/amd64", "darwin/amd64", "windows/amd64"] },
          axon: { ...go, platforms: ["linux/amd64", "linux/arm64", "darwin/amd64"] },
        },
        archives: {
          mlos: {
            name: "{name}-{tag}_{os}_{arch}",
            files: [
              { path: "bin/mlos-core", binary: "mlos-core" },
              { path: "bin/axon", binary: "axon" },
              { path: "config/mlos.yaml", source: "config/mlos.yaml" },
            ],
          },
        },
      },
      [["dist/mlos-v1.0.0_linux_amd64.tar.gz"], ["dist/mlos-v1.0.0_darwin_amd64.tar.gz"]],
    ],
    [
      "MESH-08: MESH-10: G-26: MCP Mesh: an alias with latest, four targets and no Windows archive",
      {
        version: "v1.0.0",
        platforms: linux,
        binaries: {
          meshctl: { ...go, platforms: [...linux, ...darwin] },
          registry: { ...go, platforms: [...linux, ...darwin] },
        },
        archives: {
          "mcp-mesh": {
            binaries: ["meshctl", "registry"],
            name: "mcp-mesh_{version}_{os}_{arch}",
            alsoNames: ["mcp-mesh_latest_{os}_{arch}"],
          },
        },
      },
      [
        ["dist/mcp-mesh_v1.0.0_linux_amd64.tar.gz", "dist/mcp-mesh_latest_linux_amd64.tar.gz"],
        ["dist/mcp-mesh_v1.0.0_linux_arm64.tar.gz", "dist/mcp-mesh_latest_linux_arm64.tar.gz"],
        ["dist/mcp-mesh_v1.0.0_darwin_amd64.tar.gz", "dist/mcp-mesh_latest_darwin_amd64.tar.gz"],
        ["dist/mcp-mesh_v1.0.0_darwin_arm64.tar.gz", "dist/mcp-mesh_latest_darwin_arm64.tar.gz"],
      ],
    ],
    [
      "G-21: downloads count as binaries do: the targets that both have",
      {
        version: "v1.0.0",
        downloads: {
          axon: { ...release, platforms: ["linux/amd64", "darwin/amd64"] },
          "mlos-core": { ...release, platforms: ["linux/amd64", "windows/amd64"] },
        },
        archives: {
          mlos: { binaries: ["axon"], files: [{ path: "bin/mlos-core{exe}", binary: "mlos-core" }] },
        },
      },
      [["dist/mlos_1.0.0_linux_amd64.tar.gz"]],
    ],
    [
      "MESH-11: targets of an archive limit what is built",
      {
        version: "v1.0.0",
        binaries: { meshctl: { ...go, platforms: [...linux, ...darwin] } },
        archives: { meshctl: { binaries: ["meshctl"], platforms: ["linux/arm64"] } },
      },
      [["dist/meshctl_1.0.0_linux_arm64.tar.gz"]],
    ],
    [
      "formats by operating system, variants, and another folder",
      {
        version: "1.2.3",
        binaries: { hello: { ...go, platforms: ["linux/arm/v7", "windows/amd64"] } },
        archives: {
          hello: {
            binaries: ["hello"],
            format: "tar.zst",
            formats: { windows: "zip" },
            directory: "out/files",
          },
        },
      },
      [["out/files/hello_1.2.3_linux_armv7.tar.zst"], ["out/files/hello_1.2.3_windows_amd64.zip"]],
    ],
    [
      "words of its own for systems and architectures, and Rust's triples",
      {
        version: "1.2.3",
        binaries: { hello: { ...go, platforms: ["linux/amd64", "darwin/arm64", "linux/arm/v7"] } },
        archives: {
          hello: {
            binaries: ["hello"],
            name: "{name}-{os}-{arch}{variant}",
            names: { amd64: "x86_64", darwin: "macOS", arm: "armhf", v7: "" },
            alsoNames: ["{name}-{triple}"],
          },
        },
      },
      [
        ["dist/hello-linux-x86_64.tar.gz", "dist/hello-x86_64-unknown-linux-musl.tar.gz"],
        ["dist/hello-macOS-arm64.tar.gz", "dist/hello-aarch64-apple-darwin.tar.gz"],
        ["dist/hello-linux-armhf.tar.gz", "dist/hello-armv7-unknown-linux-musleabihf.tar.gz"],
      ],
    ],
    [
      "a program without an archive",
      {
        version: "1.2.3",
        binaries: { hello: { ...go, platforms: ["linux/amd64", "windows/amd64"] } },
        archives: {
          hello: { binaries: ["hello"], format: "binary" },
          packed: { binaries: ["hello"], name: "hello-{os}{exe}", format: "gz" },
        },
      },
      [
        ["dist/hello_1.2.3_linux_amd64"],
        ["dist/hello_1.2.3_windows_amd64.exe"],
        ["dist/hello-linux.gz"],
        ["dist/hello-windows.exe.gz"],
      ],
    ],
    [
      "BLEU-21: a tarball of files, for each platform of the distribution",
      {
        version: "1.0.0",
        archives: { "bleu-os": { files: [{ path: "rootfs", source: "rootfs/{arch}" }] } },
      },
      [["dist/bleu-os_1.0.0_linux_amd64.tar.gz"], ["dist/bleu-os_1.0.0_linux_arm64.tar.gz"]],
    ],
  ] as [string, Partial<DistributionArgs>, string[][]][]) {
    it(title, () => {
      const plan = planArchives({ platforms: linux, ...args }, "dist");
      assert.deepEqual(
        plan.map(({ paths }) => paths),
        expected,
      );
    });
  }

  const valid: DistributionArgs = {
    version: "v1.0.0",
    registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
    platforms: linux,
    images: { hello: { files: [{ to: "/hello", binary: "hello" }] } },
    binaries: { hello: { ...go, platforms: [...linux, ...darwin, "windows/amd64"] } },
    archives: { hello: { binaries: ["hello"], formats: { windows: "zip" } } },
    release: directoryRelease({ directory: ".slipway/releases" }),
  };

  it("are accepted with several binaries, targets and release targets", () => {
    checkDistribution("hello", valid);
    checkDistribution("hello", {
      ...valid,
      release: [directoryRelease({ directory: "a" }), directoryRelease({ directory: "a", name: "x/y" })],
    });
  });

  it("a release of SBOMs alone is accepted, and one of nothing is not", () => {
    const { archives: _archives, ...others } = valid;
    checkDistribution("hello", { ...others, trust: {} });
    assert.throws(
      () => checkDistribution("hello", { ...others, trust: { sbom: false } }),
      /nothing to release/,
    );
  });

  for (const [what, change, property, reason] of [
    [
      "an unknown binary",
      { archives: { a: { binaries: ["b"] } } },
      "archives.a",
      /no binary "b"; declared are hello/,
    ],
    [
      "a download with the name of a binary",
      { downloads: { hello: release } },
      "downloads.hello",
      /binaries\.hello has the same name/,
    ],
    [
      "a download that an image takes for a platform that it is not released for",
      {
        binaries: {},
        downloads: { hello: { ...release, platforms: ["linux/amd64"] } },
      },
      "images.hello.files[0].binary",
      /"hello" is not available for linux\/arm64/,
    ],
    ["nothing in it", { archives: { a: {} } }, "archives.a", /is empty: declare binaries or files/],
    [
      "one name for all targets",
      { archives: { a: { binaries: ["hello"], name: "hello" } } },
      "archives.a.name",
      /"hello\.tar\.gz" is also the name of a for linux\/amd64: use \{name\}, \{os\}/,
    ],
    [
      "a name that leads out",
      { archives: { a: { binaries: ["hello"], name: "../{os}_{arch}" } } },
      "archives.a.name",
      /"\.\." component/,
    ],
    [
      "no target in common",
      {
        binaries: {
          hello: { ...go, platforms: ["linux/amd64"] },
          other: { ...go, platforms: ["darwin/arm64"] },
        },
        archives: { a: { binaries: ["hello", "other"] } },
      },
      "archives.a",
      /has no platforms: its binaries hello, other have none in common/,
    ],
    [
      "an unknown target",
      { binaries: { hello: { ...go, platforms: ["linux/x64"] } } },
      "binaries.hello.platforms[0]",
      /unknown platform "linux\/x64"/,
    ],
    [
      "a file of two kinds",
      { archives: { a: { files: [{ path: "x", source: "y", content: "z" }] } } },
      "archives.a.files[0]",
      /has source and content: exactly one/,
    ],
    [
      "an unknown format",
      { archives: { a: { binaries: ["hello"], format: "rar" } } },
      "archives.a.format",
      /"rar"/,
    ],
    [
      "two files and no archive",
      { archives: { a: { binaries: ["hello"], files: [{ path: "x", content: "y" }], format: "binary" } } },
      "archives.a.format",
      /"binary" is one program without an archive, and has no place for 2 files \(a valid example/,
    ],
    [
      "a sums file and no archive",
      { archives: { a: { binaries: ["hello"], checksums: "SHA256SUMS", formats: { linux: "gz" } } } },
      "archives.a.formats.linux",
      /"gz" is one program .* no place for checksums/,
    ],
    [
      "a word that no platform has",
      { archives: { a: { binaries: ["hello"], names: { x86_64: "amd64" } } } },
      "archives.a.names.x86_64",
      /"x86_64" is neither a system nor an architecture.*did you mean "amd64"\?/,
    ],
    [
      "a triple that Rust does not have",
      {
        binaries: { hello: { ...go, platforms: ["plan9/amd64"] } },
        archives: { a: { binaries: ["hello"], name: "a-{triple}" } },
      },
      "archives.a.name",
      /"a-\{triple\}": Rust has no triple for plan9\/amd64/,
    ],
    [
      "two files in one place",
      { binaries: { hello: { ...go, platforms: linux, place: "dist/{name}" } } },
      "binaries.hello.place",
      /"dist\/hello" is also the path of hello for linux\/amd64 \(a valid example/,
    ],
    [
      "a place outside the project",
      { binaries: { hello: { ...go, place: "../{os}_{arch}/{name}" } } },
      "binaries.hello.place",
      /\.\.\/linux_amd64\/hello/,
    ],
    ["a release of nothing", { archives: {} }, "release", /nothing to release: declare archives/],
    [
      "a release twice in one place",
      { release: [directoryRelease({ directory: "a" }), directoryRelease({ directory: "a" })] },
      "release[1]",
      /a is listed twice/,
    ],
    ["no release target", { release: { directory: "a" } }, "release", /directoryRelease/],
  ] as [string, object, string, RegExp][]) {
    it(`PROD-10: are refused with ${what}, before any resource`, () => {
      assert.throws(
        () => checkDistribution("hello", { ...valid, ...change }),
        (error: Error) => {
          assert.ok(error instanceof DeclarationError && error instanceof pulumi.RunError);
          const found = error.findings.find((finding) => finding.property === property);
          assert.ok(found, JSON.stringify(error.findings));
          assert.match(found.reason, reason);
          return true;
        },
      );
    });
  }
});
