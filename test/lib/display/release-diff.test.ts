import assert from "node:assert/strict";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString } from "mdast-util-to-string";
import { unknownValue } from "../../../lib/display/changed-values";
import { diffMarkdown } from "../../../lib/display/diff-markdown";
import { longestComment } from "../../../lib/display/markdown-document";
import { diffText } from "../../../lib/display/diff-text";
import { isEmptyDiff } from "../../../lib/display/diff-summary";
import type { EngineEvent, Step } from "../../../lib/display/engine-event";
import { ReleaseDiffReader, type ReleaseDiff } from "../../../lib/display/release-diff";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const urn = (type: string, name: string) => `urn:pulumi:dev::test::${type}::${name}`;
const step = (op: string, type: string, name: string, rest: Partial<Step> = {}): EngineEvent => ({
  resOutputsEvent: { metadata: { op, type, urn: urn(type, name), ...rest } },
});
const said = (type: string, name: string, message: string, severity = "info"): EngineEvent => ({
  diagnosticEvent: { urn: urn(type, name), message, severity },
});
const sum = (resourceChanges: Record<string, number>): EngineEvent => ({
  summaryEvent: { durationSeconds: 2, isPreview: true, resourceChanges },
});

function diffOf(...events: EngineEvent[]): ReleaseDiff {
  const reader = new ReleaseDiffReader();
  for (const event of events) reader.take(event);
  return reader.diff();
}

const repository = "ghcr.io/acme/hello";
const aliases = step("update", "slipway:oci:Tags", "hello:aliases", {
  old: {
    outputs: { repository, pointers: { latest: digest("a"), "v0.1": digest("a"), stays: digest("c") } },
  },
  new: { inputs: { repository, pointers: { latest: digest("b"), "v0.2": digest("b"), stays: digest("c") } } },
});
const place = { directory: ".slipway/releases", name: "acme/hello" };
const released = (tag: string, files: Record<string, string>) => ({
  inputs: {
    ...place,
    tag,
    assets: Object.entries(files).map(([name, of]) => ({ name, digest: digest(of) })),
  },
});

const release = [
  said("slipway:release:Ledger", "hello", "hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello"),
  aliases,
  said(
    "slipway:oci:Tags",
    "hello:aliases",
    `${repository}:latest will move from ${digest("a")} to ${digest("b")}`,
  ),
  said("slipway:oci:Tags", "hello:aliases", `${repository}: v0.1 stays in the registry`),
  step("create", "slipway:release:Directory", "hello@.slipway/releases", {
    new: { inputs: { ...released("v0.2.0", { "hello.tgz": "d" }).inputs } },
  }),
  step("update", "slipway:oci:Index", "hello", {
    old: { outputs: { digest: digest("a") } },
    new: { inputs: { digest: digest("b") } },
    detailedDiff: { digest: {} },
  }),
  step("create", "slipway:release:Stage", "hello-tagged"),
  step("same", "slipway:build:Command", "hello"),
  sum({ create: 2, update: 2, same: 20 }),
];

describe("the diff of a release", () => {
  it("tells tags, files, resources and what is said, each once", () => {
    const diff = diffOf(...release);
    assert.deepEqual(diff.versions, ["hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello"]);
    assert.deepEqual(diff.tags, [
      { repository, tag: "latest", change: "moved", from: digest("a"), to: digest("b") },
      { repository, tag: "v0.2", change: "made", from: undefined, to: digest("b") },
    ]);
    assert.deepEqual(diff.assets, [
      {
        release: ".slipway/releases/acme/hello v0.2.0",
        name: "hello.tgz",
        change: "made",
        from: undefined,
        to: digest("d"),
      },
    ]);
    assert.deepEqual(diff.resources, [
      {
        operation: "update",
        kind: "oci:Index",
        name: "hello",
        changes: "digest sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
      },
    ]);
    assert.deepEqual(diff.notes, [
      { about: "hello:aliases", severity: "info", text: `${repository}: v0.1 stays in the registry` },
    ]);
    assert.deepEqual(diff.counts, { create: 2, update: 2, same: 20 });
  });

  it("reads as text and as Markdown", () => {
    const diff = diffOf(...release);
    assert.equal(
      diffText(diff),
      [
        "hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello",
        "",
        "tags:",
        "  ~ ghcr.io/acme/hello:latest  sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
        "  + ghcr.io/acme/hello:v0.2  sha256:bbbbbbbbbbbb",
        "",
        "files:",
        "  + .slipway/releases/acme/hello v0.2.0: hello.tgz  sha256:dddddddddddd",
        "",
        "resources:",
        "  ~ oci:Index  hello  digest sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb",
        "",
        "what is said:",
        "  hello:aliases: ghcr.io/acme/hello: v0.1 stays in the registry",
        "",
        "2 to create, 2 to update, 20 unchanged",
      ].join("\n"),
    );
    assert.equal(
      diffMarkdown(diff, "Release of v0.2.0"),
      `### Release of v0.2.0

hello v0.1.0 → v0.2.0 in ghcr.io/acme/hello

#### Tags (2)

|  | tag | before | after |
| --- | --- | --- | --- |
| moved | \`ghcr.io/acme/hello:latest\` | \`sha256:aaaaaaaaaaaa\` | \`sha256:bbbbbbbbbbbb\` |
| made | \`ghcr.io/acme/hello:v0.2\` |  | \`sha256:bbbbbbbbbbbb\` |

#### Files (1)

|  | file | before | after |
| --- | --- | --- | --- |
| made | \`hello.tgz\` of \`.slipway/releases/acme/hello v0.2.0\` |  | \`sha256:dddddddddddd\` |

#### What is said (1)

- \`hello:aliases\`: ghcr.io/acme/hello: v0.1 stays in the registry

<details><summary>Resources (1)</summary>

|  | type | name | changes |
| --- | --- | --- | --- |
| update | \`oci:Index\` | \`hello\` | digest sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb |

</details>

**2 to create, 2 to update, 20 unchanged**
`,
    );
  });

  it("tells of files of one release which are new, others, or gone", () => {
    const diff = diffOf(
      step("update", "slipway:release:Directory", "hello", {
        old: released("v1", { same: "a", other: "b", gone: "e" }),
        new: released("v1", { same: "a", other: "c", fresh: "d" }),
      }),
      sum({ update: 1 }),
    );
    assert.deepEqual(
      diff.assets.map(({ name, change }) => [name, change]),
      [
        ["fresh", "made"],
        ["gone", "removed"],
        ["other", "changed"],
      ],
    );
  });

  it("counts files that nobody knows yet, and calls none gone that may be one of them", () => {
    const now = released("v1", { same: "a" }).inputs;
    const diff = diffOf(
      step("update", "slipway:release:Directory", "hello", {
        old: released("v1", { same: "a", SHA256SUMS: "b" }),
        new: { inputs: { ...now, assets: [...now.assets, unknownValue, unknownValue] } },
      }),
      sum({ update: 1 }),
    );
    assert.deepEqual(diff.assets, []);
    assert.match(diffText(diff), /and 2 that the preview does not know yet/);
    assert.match(diffMarkdown(diff, "x"), /and 2 that the preview does not know yet/);
  });

  it("tells how large images and archives become, and what only the build will tell", () => {
    const image = (platform: string) => ({ inputs: { repository, platform } });
    const diff = diffOf(
      step("update", "slipway:oci:Image", "hello-linux-amd64", {
        old: { ...image("linux/amd64"), outputs: { totalSize: 4_000_000 } },
        new: { ...image("linux/amd64"), outputs: { totalSize: 4_100_000 } },
      }),
      step("update", "slipway:oci:Manifest", "hello-linux-arm64", {
        old: { ...image("linux/arm64"), outputs: { totalSize: 4_000_000 } },
        new: { ...image("linux/arm64"), outputs: { totalSize: unknownValue } },
      }),
      step("create", "slipway:oci:Image", "hello-linux-arm", {
        new: { ...image("linux/arm/v7"), outputs: { totalSize: 900 } },
      }),
      step("update", "slipway:build:Archive", "hello-archive", {
        old: { inputs: { path: "dist/hello_1.tgz" }, outputs: { size: 1000 } },
        new: { inputs: { path: "dist/hello_2.tgz" }, outputs: { size: 1000 } },
      }),
      step("delete", "slipway:oci:Image", "gone", { old: { outputs: { totalSize: 1 } } }),
      sum({ update: 3 }),
    );
    const text = diffText(diff);
    for (const line of [
      "hello_2.tgz  1.0 kB → 1.0 kB (as large as before)",
      `${repository} linux/amd64  4.0 MB → 4.1 MB (+100.0 kB, +2.5 %)`,
      `${repository} linux/arm64  4.0 MB → known after the build`,
      `${repository} linux/arm/v7  900 B`,
      "packages and vulnerabilities are known after the build: `slipway diff --from OLD --to NEW` tells them",
    ]) {
      assert.ok(text.includes(`\n  ${line}\n`), text);
    }
    assert.equal(diff.sizes.length, 4);
    assert.match(
      diffMarkdown(diff, "x"),
      /#### Sizes \(4\)[^]*\| `ghcr\.io\/acme\/hello` \| linux\/arm64 \| 4\.0 MB → known after the build \|/,
    );
  });

  it("tells what is left for people: channels that wait, and those that will", () => {
    const diff = diffOf(
      step("same", "slipway:npm:Package", "waits", { new: { outputs: { state: "staged", reason: "as 7" } } }),
      step("same", "slipway:npm:Package", "done", {
        new: { inputs: { staged: true }, outputs: { state: "published" } },
      }),
      step("update", "slipway:npm:Package", "npm", { new: { inputs: { staged: true } } }),
      step("update", "slipway:git:Files", "winget", {
        new: {
          inputs: { remote: "https://github.com/microsoft/winget-pkgs.git", pullRequest: { fork: "a/b" } },
        },
      }),
      step("update", "slipway:git:Files", "tap", { new: { inputs: { remote: "tap.git" } } }),
      step("update", "slipway:chocolatey:Package", "choco", { new: { inputs: {} } }),
      sum({ update: 4, same: 2 }),
    );
    assert.match(
      diffText(diff),
      new RegExp(
        [
          "for people:",
          "  choco: the moderators of Chocolatey's community feed approve the package",
          "  npm: somebody approves the staged versions with a second factor",
          "  waits: staged: as 7",
          "  winget: the owners of https://github.com/microsoft/winget-pkgs.git merge a pull request\n",
        ].join("\n"),
      ),
    );
    assert.match(diffMarkdown(diff, "x"), /#### For people \(4\)\n\n- `choco`: the moderators/);
  });

  it("knows tags by their names where their digest is not known yet", () => {
    const unknown = { repository, digest: unknownValue, tags: [{ tag: "v1" }], pointers: unknownValue };
    const diff = diffOf(
      step("create", "slipway:oci:Tags", "t", { new: { inputs: unknown } }),
      sum({ create: 1 }),
    );
    assert.deepEqual(diff.tags, [{ repository, tag: "v1", change: "made", from: undefined, to: undefined }]);
    assert.match(diffText(diff), /\+ ghcr\.io\/acme\/hello:v1 {2}not known yet/);
  });

  it("has what policies refuse and what failed at its head", () => {
    const violation = (name: string, enforcementLevel: string) => ({
      policyEvent: {
        resourceUrn: urn("t", name),
        message: "it is not signed",
        policyName: "signed",
        enforcementLevel,
      },
    });
    const refused = diffOf(violation("a", "mandatory"), violation("b", "mandatory"), sum({ create: 1 }));
    assert.deepEqual(refused.policies, [
      { policy: "signed", mandatory: true, about: ["a", "b"], text: "it is not signed" },
    ]);
    assert.match(
      diffText(refused),
      /refused by signed \(a, b\): it is not signed[^]*refused by a policy, 1 to create$/,
    );
    const failed = diffOf(said("pulumi:pulumi:Stack", "test-dev", "it cannot be", "error"), sum({}));
    assert.match(
      diffMarkdown(failed, "x"),
      /#### Errors \(1\)\n\n```diff\nit cannot be\n```[^]*\*\*the preview failed\*\*/,
    );
    assert.equal(isEmptyDiff(failed), false);
    assert.equal(isEmptyDiff(diffOf(sum({ same: 3 }))), true);
    assert.equal(diffText(diffOf(sum({ same: 3 }))), "no changes, 3 unchanged");
  });

  it("keeps the lines of a file that changes as they are", () => {
    const text = 'Formula/hello.rb in tap:\n-  version "1.0.0"\n+  version "1.1.0"\n   ```';
    const markdown = diffMarkdown(diffOf(said("slipway:git:Files", "tap", text), sum({ update: 1 })), "x");
    assert.ok(
      markdown.includes('  ````diff\n  -  version "1.0.0"\n  +  version "1.1.0"\n     ```\n  ````'),
      markdown,
    );
  });

  it("is no longer than a comment may be, with 400 changes or 40,000, and says what it leaves out", () => {
    for (const count of [400, 40_000]) {
      const steps = Array.from({ length: count }, (_, index) =>
        step("create", "slipway:oci:Tags", `image-${index}:aliases`, {
          new: { inputs: { repository: `ghcr.io/acme/image-${index}`, pointers: { latest: digest("b") } } },
        }),
      );
      const markdown = diffMarkdown(diffOf(...steps, sum({ create: count })), "x");
      assert.ok(markdown.length <= longestComment, String(markdown.length));
      assert.match(markdown, new RegExp(`<summary>Tags \\(${count}\\)</summary>`));
      assert.match(markdown, new RegExp(`\\*\\*${count} to create\\*\\*\n$`));
      if (count === 400) assert.doesNotMatch(markdown, /…and/);
      else assert.match(markdown, /…and \d+ more/);
    }
  });

  it("takes no words of others for markup", () => {
    const hostile = "</details><!-- @acme | `x` **bold** [a](http://b)";
    const diff = diffOf(
      step("create", "slipway:oci:Index", hostile),
      said("slipway:oci:Index", hostile, hostile, "warning"),
      { policyEvent: { message: hostile, policyName: hostile, enforcementLevel: "advisory" } },
      sum({ create: 1 }),
    );
    const markdown = diffMarkdown(diff, hostile);
    const html = /"type":"(html|link|strong|image)","value":"([^"]*)"/g;
    const found = [...JSON.stringify(fromMarkdown(markdown)).matchAll(html)].map(([, , value = ""]) => value);
    assert.deepEqual(
      found.filter(
        (value) => !/^<details><summary>\w+ \(1\)<\/summary>$|^<\/details>$|^<!-- -->$/.test(value),
      ),
      [],
    );
    assert.ok(!JSON.stringify(fromMarkdown(markdown)).includes('"type":"link"'));
    assert.ok(toString(fromMarkdown(markdown)).includes("[a](http://b)"));
  });
});
