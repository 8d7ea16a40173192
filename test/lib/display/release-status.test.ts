import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { EngineEvent, Step } from "../../../lib/display/engine-event";
import { ReleaseStatusReader, type StatusRow } from "../../../lib/display/release-status";
import { badStates } from "../../../lib/display/served-state";
import { statusJunit, statusMarkdown, statusPrometheus, statusText } from "../../../lib/display/status-texts";

const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

type Outputs = Record<string, unknown>;

/** What the engine tells of a resource: what it was, and what was found; null where it is gone. */
function seen(type: string, old: Outputs, now: Outputs | null, more: Partial<Step> = {}): EngineEvent[] {
  const urn = `urn:pulumi:dev::app::slipway:components:Distribution$${type}::app`;
  const step: Step = {
    op: JSON.stringify(old) === JSON.stringify(now) ? "same" : now === null ? "delete" : "update",
    urn,
    type,
    old: { outputs: old },
    new: now && { outputs: now },
    ...more,
  };
  return [
    { resourcePreEvent: { metadata: { ...step, new: null } } },
    { resOutputsEvent: { metadata: step } },
  ];
}

function statusOf(...events: EngineEvent[]) {
  const reader = new ReleaseStatusReader();
  for (const event of events) reader.take(event);
  return reader.status();
}

const tags = (pointers: Record<string, string>) => ({ repository: "ghcr.io/acme/app", pointers });
const release = (digests: Record<string, string>, draft = false) => ({
  repository: "acme/app",
  tag: "v1.0.0",
  digests,
  draft,
});
const channel = (state: string, more: Outputs = {}) => ({ state, version: "1.0.0", ...more });
const mirror = (pointers: Record<string, string>, missing: string[]) => ({
  target: "quay.io/acme/app",
  pointers,
  missing,
});

describe("the status of a release", () => {
  const cases: [title: string, events: EngineEvent[], rows: string[]][] = [
    [
      "has a tag as it was, one that was moved and one that is gone",
      seen("slipway:oci:Tags", tags({ v1: one, latest: one, edge: one }), tags({ v1: one, latest: two })),
      ["tag edge: missing", "tag latest: drifted", "tag v1: served"],
    ],
    [
      "has every tag of a resource that is gone",
      seen("slipway:oci:Tags", tags({ v1: one }), null),
      ["tag v1: missing"],
    ],
    [
      "says unknown where the credentials of the last run are refused",
      seen("slipway:oci:Tags", tags({ v1: one }), { ...tags({ v1: one }), __unobserved: true }),
      ["tag v1: unknown"],
    ],
    [
      "has files of a release with other content, and without any",
      seen("slipway:github:Release", release({ a: one, b: one, c: one }), release({ a: one, b: two })),
      ["file a: served", "file b: drifted", "file c: missing"],
    ],
    [
      "has a release whose files are as they were, and whose page is not",
      seen("slipway:github:Release", release({ a: one }), release({ a: one }, true)),
      ["file a: served", "release app: drifted"],
    ],
    [
      "has a mirror that cannot be reached, whatever its tags were",
      seen(
        "slipway:oci:Mirror",
        mirror({ v1: one }, []),
        mirror({ v1: one }, ["quay.io/acme/app cannot be observed: down"]),
      ),
      ["tag v1: unknown"],
    ],
    [
      "has a mirror that lacks content of its tags",
      seen("slipway:oci:Mirror", mirror({ v1: one }, []), mirror({ v1: one }, [`blob ${two} is gone`])),
      ["mirror app: drifted", "tag v1: served"],
    ],
    ...(["published", "held", "staged", "awaiting", "served", "behind", "failed"] as const).map(
      (state): [string, EngineEvent[], string[]] => [
        `has a channel that is ${state}, as it says`,
        seen("slipway:npm:Package", channel(state), channel(state)),
        [`channel app: ${state}`],
      ],
    ),
    [
      "has a channel with other content than it was given",
      seen("slipway:git:Files", channel("published", { digest: one }), channel("published", { digest: two })),
      ["channel app: drifted"],
    ],
    [
      "has a channel in a repository to which others have pushed something else",
      seen("slipway:git:Files", channel("published", { commit: "a" }), channel("published", { commit: "b" })),
      ["channel app: published"],
    ],
    [
      "has a channel that nobody could ask",
      seen("slipway:npm:Package", channel("published"), channel("unknown", { reason: "503" })),
      ["channel app: unknown"],
    ],
    ["has no image that is as it was", seen("slipway:oci:Image", { digest: one }, { digest: one }), []],
    [
      "has an image that is gone",
      seen("slipway:oci:Image", { digest: one }, null),
      ["oci:Image app: missing"],
    ],
    [
      "has no stage, no ledger and no component",
      [
        ...seen("slipway:release:Stage", {}, null),
        ...seen("slipway:release:Ledger", {}, null),
        ...seen("slipway:components:Distribution", {}, null),
      ],
      [],
    ],
  ];
  for (const [title, events, rows] of cases) {
    it(title, () => {
      assert.deepEqual(
        statusOf(...events).rows.map(({ kind, name, state }) => `${kind} ${name}: ${state}`),
        rows,
      );
    });
  }

  it("says unknown, with the reason, of what the engine could not look at", () => {
    const [begin] = seen("slipway:oci:Tags", tags({ v1: one }), null);
    const urn = begin?.resourcePreEvent?.metadata.urn;
    const status = statusOf(begin as EngineEvent, {
      diagnosticEvent: { urn: urn ?? "", message: "ghcr.io does not answer\n", severity: "error" },
    });
    assert.deepEqual(
      status.rows.map(({ name, served, state, reason }) => [name, served, state, reason]),
      [["v1", "", "unknown", "ghcr.io does not answer"]],
    );
    assert.deepEqual(status.errors, []);
  });

  it("says since when a channel waits", () => {
    const waiting = channel("awaiting", { awaitingSince: "2026-11-01T00:00:00Z", reason: "in moderation" });
    const [row] = statusOf(...seen("slipway:chocolatey:Package", waiting, waiting)).rows;
    assert.deepEqual([row?.since, row?.reason], ["2026-11-01T00:00:00Z", "in moderation"]);
  });
});

describe("the texts of a status", () => {
  const row = (more: Partial<StatusRow>): StatusRow => ({
    kind: "tag",
    place: "ghcr.io/acme/app",
    name: "v1.0.0",
    declared: one,
    served: one,
    state: "served",
    reason: "",
    ...more,
  });
  const status = {
    rows: [
      row({}),
      row({ name: "latest", served: two, state: "drifted", reason: "`pulumi up` puts it back" }),
      row({
        kind: "channel",
        place: "npm:Package",
        name: 'a<b>&"c|d',
        served: "",
        state: "awaiting",
        reason: "in\nreview",
      }),
    ],
    errors: ["ghcr.io does not answer"],
    looked: 3,
  };

  it("are a table and a sum in a terminal", () => {
    assert.equal(
      statusText(status),
      [
        "kind     place             name       declared             served               state     next step",
        "tag      ghcr.io/acme/app  v1.0.0     sha256:111111111111  sha256:111111111111  served    -",
        "tag      ghcr.io/acme/app  latest     sha256:111111111111  sha256:222222222222  drifted   `pulumi up` puts it back",
        'channel  npm:Package       a<b>&"c|d  sha256:111111111111  -                    awaiting  in review',
        "",
        "error: ghcr.io does not answer",
        "",
        "3 published: 1 drifted, 1 awaiting, 1 served",
        "",
      ].join("\n"),
    );
    assert.equal(statusText({ rows: [], errors: [], looked: 0 }), "Nothing is published.\n");
  });

  it("are a table of Markdown in which no cell ends early, and words of others are no markup", () => {
    const lines = statusMarkdown(status).split("\n");
    assert.equal(lines[0], "3 published: 1 drifted, 1 awaiting, 1 served");
    assert.match(lines[6] ?? "", /a\\<b>&"c\\\|d/);
    const said = statusMarkdown({ rows: [row({ reason: "ask @octocat <img>" })], errors: [], looked: 1 });
    assert.doesNotMatch(said, /@octocat|[^\\]<img>/);
    assert.equal(lines.at(-2), "- error: ghcr.io does not answer");
  });

  it("are a report of JUnit that a reader of XML takes", function () {
    const read =
      "import sys, json; from xml.dom import minidom; d = minidom.parse(sys.stdin).documentElement;" +
      "c = d.getElementsByTagName('testcase');" +
      "print(json.dumps([dict(d.attributes.items()), [[x.getAttribute('name'), [y.tagName for y in x.childNodes]] for x in c]]))";
    const [suite, cases] = JSON.parse(
      execFileSync("python3", ["-c", read], { input: statusJunit(status, badStates), encoding: "utf8" }),
    ) as [Record<string, string>, [string, string[]][]];
    assert.deepEqual(suite, { name: "slipway status", tests: "4", failures: "1", errors: "1", skipped: "1" });
    assert.deepEqual(cases, [
      ["v1.0.0", []],
      ["latest", ["failure"]],
      ['a<b>&"c|d', ["skipped"]],
      ["run", ["error"]],
    ]);
  });

  it("are metrics of Prometheus", () => {
    const text = statusPrometheus(status);
    assert.match(
      text,
      /^slipway_published_state\{kind="channel",place="npm:Package",name="a<b>&\\"c\|d",state="awaiting"\} 1$/m,
    );
    assert.match(text, /^slipway_published\{state="drifted"\} 1$/m);
    assert.match(text, /^slipway_published\{state="behind"\} 0$/m);
    assert.match(text, /^slipway_status_errors 1\n$/m);
    for (const line of text.trimEnd().split("\n")) {
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? \d+)$/);
    }
  });
});
