import assert from "node:assert/strict";
import * as z from "zod";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { renderScoopManifest, type ScoopDeclaration } from "../../../lib/channels/scoop/manifest";

const hash = z.string().regex(/^[a-f0-9]{64}$/);
const address = z.url().refine((url) => !url.includes("$"));
const platform = z.strictObject({
  url: address,
  hash,
  extract_dir: z.string().optional(),
  bin: z.array(z.string()).min(1),
});
const names = z.enum(["64bit", "32bit", "arm64"]);

/** What Scoop's published schema (0.5.3, `additionalProperties: false`) says of the fields that are written. */
const schema = z.strictObject({
  version: z.string().regex(/^[\w.+-]+$/),
  description: z.string(),
  homepage: z.url(),
  license: z.string(),
  notes: z.array(z.string()).min(1).optional(),
  depends: z.array(z.string()).min(1).optional(),
  architecture: z.partialRecord(names, platform),
  checkver: z.strictObject({ github: z.url() }).optional(),
  autoupdate: z
    .strictObject({
      architecture: z.partialRecord(
        names,
        z.strictObject({ url: z.string(), extract_dir: z.string().optional() }),
      ),
      hash: z.strictObject({ url: z.string().regex(/^\$baseurl\/./) }).optional(),
    })
    .optional(),
});

function artifactFor(name: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const file = `hello_1.2.3_${name.replace("/", "_")}.zip`;
  return {
    name: file,
    platform: name,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${file}`,
    digest: `sha256:${"ab".repeat(32)}`,
    format: "zip",
    programs: ["hello.exe"],
    contents: ["hello.exe", "README.md"],
    ...more,
  };
}

const declared: ScoopDeclaration = {
  version: "v1.2.3",
  description: "Greets the world",
  homepage: "https://acme.example/hello",
  license: "MIT OR Apache-2.0",
};
const all = ["windows/amd64", "windows/386", "windows/arm64"].map((name) => artifactFor(name));
const render = (more: Partial<ScoopDeclaration> = {}, files = all) =>
  schema.parse(JSON.parse(renderScoopManifest({ ...declared, ...more }, files)));

describe("a manifest of a Scoop bucket", () => {
  it("has address, sum and programs of each platform, and how later versions are found", () => {
    const manifest = render({ sumsFile: "SHA256SUMS" }, [...all, artifactFor("linux/amd64")]);
    assert.deepEqual(Object.keys(manifest.architecture), ["64bit", "32bit", "arm64"]);
    assert.deepEqual(manifest.architecture["64bit"], {
      url: "https://github.com/acme/hello/releases/download/v1.2.3/hello_1.2.3_windows_amd64.zip",
      hash: "ab".repeat(32),
      bin: ["hello.exe"],
    });
    assert.equal(manifest.version, "1.2.3");
    assert.equal(manifest.license, "MIT|Apache-2.0");
    assert.deepEqual(manifest.checkver, { github: "https://github.com/acme/hello" });
    assert.equal(
      manifest.autoupdate?.architecture["64bit"]?.url,
      "https://github.com/acme/hello/releases/download/v$version/hello_$version_windows_amd64.zip",
    );
    assert.deepEqual(manifest.autoupdate?.hash, { url: "$baseurl/SHA256SUMS" });
  });

  it("of a project without programs for Windows has the script that takes their place", () => {
    const script = artifactFor("windows/amd64", {
      programs: [],
      contents: ["bin/hello.cmd"],
      root: "hello-1.2.3",
    });
    const manifest = render({ programs: ["bin/hello.cmd"], dependencies: ["main/docker"], notes: "a\nb\n" }, [
      script,
    ]);
    assert.deepEqual(manifest.architecture["64bit"]?.bin, ["bin\\hello.cmd"]);
    assert.equal(manifest.architecture["64bit"]?.extract_dir, "hello-1.2.3");
    assert.equal(manifest.autoupdate?.architecture["64bit"]?.extract_dir, "hello-$version");
    assert.deepEqual(manifest.depends, ["main/docker"]);
    assert.deepEqual(manifest.notes, ["a", "b"]);
  });

  it("gives a bare program its name, and says nothing of later versions where nobody tells the latest", () => {
    const manifest = render({}, [
      artifactFor("windows/amd64", {
        format: "binary",
        url: "https://downloads.acme.example/1.2.3/hello_x64.exe",
      }),
    ]);
    assert.equal(
      manifest.architecture["64bit"]?.url,
      "https://downloads.acme.example/1.2.3/hello_x64.exe#/hello.exe",
    );
    assert.equal(manifest.checkver, undefined);
    assert.equal(manifest.autoupdate, undefined);
  });

  for (const [what, more, files, finding] of [
    ["no platform of Scoop", {}, [artifactFor("linux/amd64")], /archive: has none of the platforms.*script/],
    [
      "a program that is not there",
      { programs: ["other.exe"] },
      all,
      /programs: "other\.exe" is not in hello_1/,
    ],
    ["no program", {}, [artifactFor("windows/amd64", { programs: [] })], /programs: .* has no program/],
    [
      "what Scoop does not unpack",
      {},
      [artifactFor("windows/amd64", { format: "tar.zst" })],
      /Scoop unpacks/,
    ],
  ] as [string, Partial<ScoopDeclaration>, ChannelArtifact[], RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => renderScoopManifest({ ...declared, ...more }, files), finding);
    });
  }
});
