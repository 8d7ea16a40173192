import assert from "node:assert/strict";
import { compareContents } from "../../../lib/contents/compare-contents";
import type { ImageContents } from "../../../lib/contents/image-contents";
import { pairedImages, publishedImages } from "../../../lib/contents/published-images";
import { contentsMarkdown, contentsText, isSameContents } from "../../../lib/display/contents-text";
import { longestComment } from "../../../lib/display/markdown-document";
import { entryText } from "../../../lib/release/published-version";
import type { Finding } from "../../../lib/scan/finding";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const finding = (id: string, name: string, version: string, rest: Partial<Finding> = {}): Finding => ({
  kind: "vulnerability",
  id,
  aliases: [],
  severity: "high",
  title: "",
  package: name,
  version,
  ...rest,
});
const contents = (rest: Partial<ImageContents> & { versions?: Record<string, string[]> }): ImageContents => {
  const { versions, ...fields } = rest;
  const packages = versions && new Map(Object.entries(versions));
  return { platform: "linux/amd64", digest: digest("a"), size: 1_000_000, packages, ...fields };
};
const name = "ghcr.io/acme/hello";

describe("what is in two images", () => {
  it("differs by packages that came, went or changed, told once for all platforms", () => {
    const platforms = ["linux/amd64", "linux/arm64"];
    const before = platforms.map((platform) =>
      contents({
        platform,
        vulnerabilities: [],
        versions: { "npm/a": ["1"], "npm/b": ["1"], "npm/same": ["1"] },
      }),
    );
    const after = platforms.map((platform) =>
      contents({
        platform,
        digest: digest("b"),
        size: 1_250_000,
        vulnerabilities: [],
        versions: { "npm/a": ["1", "2"], "npm/c": ["3"], "npm/same": ["1"] },
      }),
    );
    const difference = compareContents([{ name, before, after }]);
    const where = platforms.map((platform) => `${name} ${platform}`);
    assert.deepEqual(difference.packages, [
      { change: "changed", package: "npm/a", from: ["1"], to: ["1", "2"], in: where },
      { change: "went", package: "npm/b", from: ["1"], to: [], in: where },
      { change: "came", package: "npm/c", from: [], to: ["3"], in: where },
    ]);
    assert.deepEqual(difference.notKnown, []);
    assert.equal(
      contentsText(difference, "v1.0.0 → v1.1.0"),
      [
        "v1.0.0 → v1.1.0",
        "",
        "sizes:",
        "  ghcr.io/acme/hello linux/amd64  1.0 MB → 1.3 MB (+250.0 kB, +25.0 %)",
        "  ghcr.io/acme/hello linux/arm64  1.0 MB → 1.3 MB (+250.0 kB, +25.0 %)",
        "",
        "packages:",
        "  ~ npm/a 1 → 1, 2 (ghcr.io/acme/hello linux/amd64, ghcr.io/acme/hello linux/arm64)",
        "  - npm/b 1 (ghcr.io/acme/hello linux/amd64, ghcr.io/acme/hello linux/arm64)",
        "  + npm/c 3 (ghcr.io/acme/hello linux/amd64, ghcr.io/acme/hello linux/arm64)",
        "",
        "packages: 1 came, 1 went, 1 changed; vulnerabilities: 0 new, 0 fixed",
      ].join("\n"),
    );
  });

  it("differs by vulnerabilities that are new or fixed, the severest first", () => {
    const old = contents({
      versions: { "npm/lodash": ["4.17.20"], "deb/debian/openssl": ["3.0"] },
      vulnerabilities: [finding("CVE-1", "lodash", "4.17.20"), finding("CVE-2", "openssl", "3.0")],
    });
    const now = contents({
      digest: digest("b"),
      versions: { "npm/lodash": ["4.17.21"], "deb/debian/openssl": ["3.0"], "npm/new": ["1"] },
      vulnerabilities: [
        finding("CVE-3", "new", "1", { severity: "low" }),
        finding("CVE-4", "new", "1", { severity: "critical", fixedVersion: "1.0.1" }),
        // By another of its names.
        finding("GHSA-2", "openssl", "3.0", { aliases: ["CVE-2"] }),
      ],
    });
    const difference = compareContents([{ name, before: [old], after: [now] }]);
    assert.deepEqual(
      difference.vulnerabilities.map(({ change, finding: { id } }) => `${change} ${id}`),
      ["new CVE-4", "new CVE-3", "fixed CVE-1"],
    );
    assert.match(
      contentsText(difference, "x"),
      /^ {2}new: CVE-4 \(critical\) in new 1, fixed in 1\.0\.1 \(ghcr\.io\/acme\/hello linux\/amd64\)$/m,
    );
    assert.match(
      contentsMarkdown(difference, "x"),
      /\| new \| critical \| `CVE-4` \| `new 1` \| 1\.0\.1 \| `ghcr\.io\/acme\/hello linux\/amd64` \|/,
    );
  });

  it("does not differ by what one scan knows and the other did not, of a package that is in both", () => {
    const versions = { "npm/@acme/lib": ["1"], "golang/github.com/acme/mod": ["v1"] };
    const first = finding("CVE-1", "@acme/lib", "1");
    const second = finding("CVE-2", "github.com/acme/mod", "v1");
    const difference = compareContents([
      {
        name,
        before: [contents({ versions, vulnerabilities: [first] })],
        after: [contents({ digest: digest("b"), versions, vulnerabilities: [second] })],
      },
    ]);
    assert.deepEqual(difference.vulnerabilities, []);
  });

  it("is said not to be known where nothing is attached, and is not guessed", () => {
    const difference = compareContents([
      {
        name,
        before: [contents({ versions: { "npm/a": ["1"] } })],
        after: [contents({ digest: digest("b"), vulnerabilities: [] })],
      },
    ]);
    assert.deepEqual(difference.packages, []);
    assert.deepEqual(difference.notKnown, [
      `${name} linux/amd64: packages after are not known, for no SBOM is attached`,
      `${name} linux/amd64: vulnerabilities before are not known, for no report of a scan is attached`,
    ]);
    assert.equal(isSameContents(difference), false);
    assert.match(contentsMarkdown(difference, "x"), /#### Not known \(2\)\n\n- ghcr/);
  });

  it("of a platform or an image that is new or gone is its size", () => {
    const of = (platform: string, size: number) => contents({ platform, size, versions: { "npm/a": ["1"] } });
    const text = contentsText(
      compareContents([{ name, before: [of("linux/arm64", 812)], after: [of("linux/amd64", 999_960)] }]),
      "x",
    );
    assert.match(text, /hello linux\/amd64 {2}1\.0 MB, new\n {2}\S+ linux\/arm64 {2}812 B → gone\n/);
    assert.match(text, /packages: 0 came, 0 went/);
  });

  it("is nothing where the digest is the same, whatever was attached since", () => {
    const old = contents({ vulnerabilities: [] });
    const now = contents({ vulnerabilities: [finding("CVE-1", "a", "1")] });
    const difference = compareContents([{ name, before: [old], after: [now] }]);
    assert.equal(isSameContents(difference), true);
  });

  it("fits a comment with 10,000 packages, which are no markup", () => {
    const hostile = "</details>|`x` @acme";
    const versions = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`npm/${hostile}${index}`, ["1"]]),
    );
    const markdown = contentsMarkdown(
      compareContents([
        { name, before: [contents({ versions: {} })], after: [contents({ digest: digest("b"), versions })] },
      ]),
      "x",
    );
    assert.ok(markdown.length <= longestComment, String(markdown.length));
    assert.match(markdown, /<details><summary>Packages \(10000\)<\/summary>/);
    assert.match(markdown, /…and \d+ more/);
    assert.doesNotMatch(markdown, /^[^`]*<\/details>\|/m);
  });
});

describe("images of published versions", () => {
  const entry = (published: string, tags: Record<string, string>) => entryText({ published, tags });
  const exported = JSON.stringify({
    deployment: {
      resources: [
        { type: "slipway:oci:Index", outputs: { versions: { "v9.0.0": "no ledger" } } },
        {
          type: "slipway:release:Ledger",
          outputs: {
            versions: {
              "v1.10.0": entry("2026-03-01T00:00:00Z", {
                "ghcr.io/acme/hello:v1.10.0": digest("b"),
                "docker.io/acme/hello:v1.10.0": digest("b"),
                "ghcr.io/acme/more:v1.10.0": digest("c"),
              }),
              "v1.9.0": entry("2026-02-01T00:00:00Z", {
                "ghcr.io/acme/hello:v1.9.0": digest("a"),
                "docker.io/acme/hello:v1.9.0": digest("a"),
              }),
            },
          },
        },
      ],
    },
  });

  it("are those of the ledger, in the order of publication", () => {
    assert.deepEqual([...publishedImages(exported).keys()], ["v1.9.0", "v1.10.0"]);
  });

  it("are compared once where several registries have the same", () => {
    const versions = publishedImages(exported);
    const imagesOf = (version: string) => versions.get(version)?.images ?? [];
    assert.deepEqual(pairedImages(imagesOf("v1.9.0"), imagesOf("v1.10.0")), [
      {
        before: { repository: "ghcr.io/acme/hello", digest: digest("a") },
        after: { repository: "ghcr.io/acme/hello", digest: digest("b") },
      },
      { after: { repository: "ghcr.io/acme/more", digest: digest("c") } },
    ]);
  });
});
