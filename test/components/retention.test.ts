import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  branchTags,
  channelTags,
  combineTags,
  deprecatedFile,
  deprecationsTable,
  Distribution,
  fileTemplate,
  imageFolder,
  ociRegistry,
  pullRequestTags,
  semverTags,
  type DistributionArgs,
} from "../../components";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const digest = `sha256:${"a".repeat(64)}`;
const [first, second] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];

/** The resources of a distribution, in mocks in which the ledger has two versions. */
async function made(more: Partial<DistributionArgs>): Promise<Made[]> {
  const found: Made[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        found.push({ type, name, inputs: inputs as Record<string, unknown> });
        const versions = {
          "v0.9.0": `2024-01-31T00:00:00Z\ntag ghcr.io/acme/hello:v0.9.0 ${first}\ntag docker.io/acme/hello:v0.9.0 ${first}`,
          "v1.0.0": `2025-01-31T00:00:00Z\ntag ghcr.io/acme/hello:v1.0.0 ${second}`,
        };
        return { id: name, state: { ...(inputs as object), digest, versions, pointers: {}, missing: [] } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", {
    version: "v1.2.3",
    registries: [
      ociRegistry({ host: "ghcr.io", namespace: "acme" }),
      ociRegistry({ host: "docker.io", namespace: "acme" }),
      imageFolder({ directory: "images" }),
    ],
    platforms: ["linux/amd64"],
    images: { hello: { files: [{ to: "/hello.txt", content: "hello" }] } },
    ...more,
  });
  await pulumi.runtime.disconnect();
  return found;
}

const of = (type: string, all: readonly Made[]) => all.filter((one) => one.type === type);
const retention = { versions: { majors: 3, after: "2y" } };
const deprecated = [
  { versions: "0", since: "2026-01-31", removal: "2026-07-31", reason: "No more fixes", instead: "v1" },
  { versions: "1.1", since: "2026-02-28" },
];

describe("the retention of a distribution", () => {
  it("is declared for each registry, and for no folder, with what is known of its versions", async () => {
    const all = await made({
      retention,
      deprecated,
      tags: combineTags(semverTags({ commit: [] }), pullRequestTags()),
      externalImages: {
        old: "ghcr.io/acme/hello:v0.8.0",
        pinned: `docker.io/acme/hello@${first}`,
        redis: "redis:7",
      },
    });
    const found = of("slipway:oci:Retention", all);
    assert.deepEqual(
      found
        .map(({ inputs }) => [inputs.repository, inputs.versions, inputs.needs])
        .sort(([one], [other]) => (String(one) < String(other) ? 1 : -1)),
      [
        [
          "ghcr.io/acme/hello",
          { "v0.9.0": `2024-01-31 ${first}`, "v1.0.0": `2025-01-31 ${second}` },
          ["v1.2.3", "v1.2", "v1", "latest", "v0.8.0"],
        ],
        [
          "docker.io/acme/hello",
          { "v0.9.0": `2024-01-31 ${first}` },
          ["v1.2.3", "v1.2", "v1", "latest", first],
        ],
      ],
    );
    for (const { inputs } of found) {
      assert.deepEqual(inputs.rule, retention);
      assert.deepEqual(inputs.notices, deprecated);
      assert.deepEqual(
        (inputs.names as { kind: string }[]).map(({ kind }) => kind),
        ["version", "pullRequest"],
      );
    }
    const [ledger] = of("slipway:release:Ledger", all);
    assert.deepEqual(ledger?.inputs.retired, { ...retention.versions, notices: deprecated });
  });

  for (const [title, more] of [
    ["where none is declared", {}],
    ["in a test", { retention, environment: "test" }],
    [
      "for a pull request",
      { retention, version: undefined, pullRequest: 7, tags: combineTags(semverTags(), pullRequestTags()) },
    ],
  ] as const satisfies [string, Partial<DistributionArgs>][]) {
    it(`is none ${title}`, async () => assert.deepEqual(of("slipway:oci:Retention", await made(more)), []));
  }

  for (const [title, more, message] of [
    [
      "of branches without a prefix",
      { retention: { branches: { keep: 3 } }, tags: combineTags(semverTags(), branchTags()) },
      /retention\.branches: no rule in `tags` gives such tags.*branchTags\(\{ prefix: "branch-" \}\)/,
    ],
    [
      "of dates without a channel",
      { retention: { dates: { keep: 3 } } },
      /retention\.dates: no rule in `tags`.*channelTags\("nightly"\)/,
    ],
    ["of commits that no rule gives", { retention: { commits: { keep: 3 } } }, /retention\.commits: no rule/],
    [
      "with a count of none",
      { retention: { rebuilds: { keep: 0 } } },
      /retention\.rebuilds\.keep.*a valid example: 10/,
    ],
    [
      "without count and age",
      { retention: { rebuilds: {} } },
      /retention\.rebuilds.*valid example: \{ keep: 10 \}/,
    ],
    [
      "with an age in words",
      { retention: { untagged: { after: "a month" } } },
      /retention\.untagged\.after.*"30d"/,
    ],
    [
      "with a notice of a day that is none",
      { deprecated: [{ versions: "1", since: "2026-02-30" }] },
      /deprecated\[0\]\.since.*"2026-01-31"/,
    ],
    [
      "with a removal before it is announced",
      { deprecated: [{ versions: "1", since: "2026-02-28", removal: "2026-02-28" }] },
      /deprecated\[0\]\.removal: "2026-02-28" is not after 2026-02-28/,
    ],
    [
      "with a notice of all versions",
      { deprecated: [{ versions: "*", since: "2026-02-28" }] },
      /deprecated\[0\]\.versions/,
    ],
  ] as const satisfies [string, Partial<DistributionArgs>, RegExp][]) {
    it(`is refused ${title}`, async () => {
      await assert.rejects(made(more), message);
    });
  }

  it("counts nightly builds and their commits", async () => {
    const tags = combineTags(semverTags(), channelTags("nightly", { commit: ["short"] }));
    const all = await made({ tags, retention: { dates: { keep: 3 }, commits: { after: "30d" } } });
    assert.equal(of("slipway:oci:Retention", all).length, 2);
  });
});

describe("deprecated versions, TINY-36", () => {
  it("are listed for people, and for machines", async () => {
    const all = await made({
      deprecated,
      documents: [
        fileTemplate("DOCKER_HUB.md", {
          from: "DOCKER_HUB.md",
          values: { deprecations: deprecationsTable() },
        }),
        deprecatedFile(),
      ],
    });
    const texts = of("slipway:files:Document", all).map(({ inputs }) => [inputs.path, inputs.edits]) as [
      string,
      { whole?: { text: string }; template?: { values: Record<string, string> } }[],
    ][];
    const edits = Object.fromEntries(texts);
    assert.equal(
      edits["DOCKER_HUB.md"]?.[0]?.template?.values.deprecations,
      [
        "| Versions | Deprecated since | Removed from | Why | Use instead |",
        "| --- | --- | --- | --- | --- |",
        "| 0 | 2026-01-31 | 2026-07-31 | No more fixes | v1 |",
        "| 1.1 | 2026-02-28 |  |  |  |",
      ].join("\n"),
    );
    assert.deepEqual(JSON.parse(edits["deprecated.json"]?.[0]?.whole?.text ?? ""), {
      schemaVersion: 1,
      distribution: "hello",
      deprecated,
    });
  });

  it("are none where none is declared", async () => {
    const all = await made({ documents: [deprecatedFile("docs/deprecated.json")] });
    const [document] = of("slipway:files:Document", all);
    const [{ whole }] = document?.inputs.edits as [{ whole: { text: string } }];
    assert.deepEqual(JSON.parse(whole.text), { schemaVersion: 1, distribution: "hello", deprecated: [] });
  });
});
