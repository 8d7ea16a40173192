import assert from "node:assert/strict";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { checkCommunityRules } from "../../../lib/channels/chocolatey/community-rules";
import { parseFeedEntry } from "../../../lib/channels/chocolatey/feed-entry";
import { installScript } from "../../../lib/channels/chocolatey/install-script";
import { checkPackageId, packageParts, type ChocolateyAbout } from "../../../lib/channels/chocolatey/package";
import { chocolateyVersion } from "../../../lib/channels/chocolatey/version";

const about: ChocolateyAbout = {
  id: "hello",
  version: "1.2.0",
  authors: "Acme",
  description: "Greets the world, in as many languages as it knows.",
  homepage: "https://acme.example/hello",
  tags: ["hello"],
};

const artifact: ChannelArtifact = {
  name: "hello_windows_amd64.zip",
  platform: "windows/amd64",
  url: "https://acme.example/v1/hello_windows_amd64.zip",
  digest: `sha256:${"a".repeat(64)}`,
  format: "zip",
  programs: ["hello.exe"],
  contents: ["hello.exe"],
};

describe("packages of Chocolatey", () => {
  for (const [text, expected] of [
    ["v1.2.0", "1.2.0"],
    ["1.2.0-rc.1", "1.2.0-rc0001"],
    ["1.2.0-rc1", "1.2.0-rc0001"],
    ["1.2.0-beta.10", "1.2.0-beta0010"],
    ["2022.04.1", "2022.4.1"],
  ] as const) {
    it(`have ${expected} for ${text}`, () => assert.equal(chocolateyVersion(text), expected));
  }

  it("have pre-releases that sort as text", () => {
    const sorted = ["1.0.0-alpha.2", "1.0.0-beta.9", "1.0.0-beta.10", "1.0.0-rc.1"].map(chocolateyVersion);
    assert.deepEqual(sorted.toSorted(), sorted);
  });

  for (const [text, reason] of [
    ["latest", /version: "latest" is not a semantic version \(a valid example/],
    ["1.2.0+abc", /has build metadata \(\+abc\)/],
    ["1.2.0-1", /has the pre-release 0001, and one of Chocolatey begins with a letter/],
    ["1.2.3000000000", /has 3000000000 in it, and Chocolatey counts up to 2147483647/],
    ["1.2.0-nightly.of.the.master.branch", /Chocolatey takes 20 characters/],
  ] as const) {
    it(`do not have ${text}`, () => assert.throws(() => chocolateyVersion(text), reason));
  }

  it("have ids of NuGet", () => {
    for (const id of ["hello", "hello.portable", "mlos-core", "a_b"]) checkPackageId(id);
    for (const id of ["", "-a", "a..b", "a b", "a/b", "x".repeat(101), "é'"]) {
      assert.throws(() => checkPackageId(id), /is not an id of a package/);
    }
  });

  it("carry texts with signs of XML, and say what they need", () => {
    const parts = packageParts(
      { ...about, authors: 'A & "B" <c>', dependencies: { docker: "[1.2,2.0)" } },
      "exit 0",
    );
    assert.match(parts["hello.nuspec"] ?? "", /<authors>A &amp; &quot;B&quot; &lt;c&gt;<\/authors>/);
    assert.match(parts["hello.nuspec"] ?? "", /<dependency id="docker" version="\[1\.2,2\.0\)" \/>/);
    assert.throws(
      () => packageParts({ ...about, dependencies: { docker: "^1" } }, ""),
      /dependencies\.docker: "\^1"/,
    );
  });

  it("install the program as it is, or what a zip holds, for both machines of Windows", () => {
    const program: ChannelArtifact = { ...artifact, format: "binary", programs: ["it's.exe"] };
    assert.match(
      installScript([program]),
      /Join-Path \$toolsDir 'it''s\.exe'[^]*Get-ChocolateyWebFile @packageArgs/,
    );
    const both = installScript([
      artifact,
      { ...artifact, platform: "windows/386", url: "https://acme.example/ä.zip" },
    ]);
    assert.match(both, /url64bit +=[^]*url +=  ?'https:\/\/acme\.example\/%C3%A4\.zip'/);
    assert.match(both, /Install-ChocolateyZipPackage/);
  });

  for (const [what, change, reason] of [
    ["other systems", { platform: "linux/amd64" }, /has none of the platforms of Chocolatey/],
    ["tar.gz", { format: "tar.gz" }, /Chocolatey unpacks zip/],
    ["a zip without a program", { programs: ["hello.cmd"] }, /has no \.exe/],
  ] as [string, Partial<ChannelArtifact>, RegExp][]) {
    it(`do not install ${what}`, () =>
      assert.throws(() => installScript([{ ...artifact, ...change }]), reason));
  }

  for (const [change, reason] of [
    [{ id: "hello-beta" }, /id: "hello-beta" .*CPMR0024/],
    [{ id: "hello.config" }, /CPMR0029/],
    [{ description: "Greets the world" }, /description: has 16 characters, and at least 31.*CPMR0032/],
    [{ description: "x".repeat(4001) }, /CPMR0026/],
    [{ description: `${about.description}\n#Usage` }, /"#Usage" is no heading.*CPMR0030/],
    [{ tags: ["Chocolatey"] }, /TagsDoNotContainChocolatey/],
    [{ copyright: "2026" }, /CPMR0001/],
    [{ authors: "Acme <a@acme.example>" }, /authors: has the address a@acme\.example in it.*CPMR0020/],
  ] as [Partial<ChocolateyAbout>, RegExp][]) {
    it(`keep the community's rules: ${JSON.stringify(change).slice(0, 60)}`, () => {
      checkCommunityRules(about);
      assert.throws(() => checkCommunityRules({ ...about, ...change }), reason);
    });
  }

  it("are read from entries of feeds, and nothing else is", () => {
    const entry = (more: string, version = "1.2.0", hash = Buffer.alloc(64).toString("base64")) =>
      `<entry><d:Version>${version}</d:Version><d:PackageHash>${hash}</d:PackageHash>` +
      `<d:PackageHashAlgorithm>SHA512</d:PackageHashAlgorithm>${more}</entry>`;
    const digest = `sha512:${"0".repeat(128)}`;
    assert.deepEqual(parseFeedEntry(entry(""), "1.2.0"), { digest, moderation: "approved" });
    const waiting = '<d:IsApproved m:type="Edm.Boolean">false</d:IsApproved>';
    for (const [status, moderation] of [
      ["Submitted", "waiting"],
      ["Rejected", "rejected"],
      ["Exempted", "approved"],
    ] as const) {
      const text = entry(`${waiting}<d:PackageStatus>${status}</d:PackageStatus>`);
      assert.equal(parseFeedEntry(text, "1.2.0").moderation, moderation);
    }
    assert.throws(() => parseFeedEntry(entry("", "1.3.0"), "1.2.0"), /it is of the version "1\.3\.0"/);
    assert.throws(() => parseFeedEntry(entry("", "1.2.0", "AAAA"), "1.2.0"), /no SHA-512/);
    assert.throws(() => parseFeedEntry("<html>", "1.2.0"), /no entry|not an entry/);
  });
});
