import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StatusRow } from "../../../lib/display/release-status";
import type { ServedState } from "../../../lib/display/served-state";
import { timesMarkdown, timesPrometheus, timesText } from "../../../lib/served/time-to-served-texts";
import { REPOSITORY } from "../../../lib/machine/repository";
import {
  emptyServedHistory,
  parseServedHistory,
  servedHistorySchema,
  servedHistoryText,
  withServed,
  type ServedHistory,
} from "../../../lib/served/history";
import { slowestOf, timesToServed } from "../../../lib/served/time-to-served";

const start = Date.parse("2026-11-01T00:00:00.000Z");
const at = (hours: number) => new Date(start + hours * 3_600_000).toISOString();

/** A channel at a look. */
const catalog = (state: ServedState, version = "v1.0.0", released = at(0)): StatusRow => ({
  kind: "catalog",
  place: "homebrew-core hello",
  name: "homebrew-core hello",
  declared: version,
  served: "",
  state,
  reason: "",
  version,
  released,
});
const tag = (name: string, state: ServedState, version?: string): StatusRow => ({
  ...catalog(state),
  kind: "tag",
  place: "ghcr.io/acme/hello",
  name,
  version,
  released: version === undefined ? undefined : at(0),
});

/** The history after looks at hours. */
function after(
  looks: readonly (readonly [hours: number, ...rows: StatusRow[]])[],
  keep = 100,
): ServedHistory {
  return looks.reduce<ServedHistory>(
    (history, [hours, ...rows]) => withServed(history, { subject: "hello/prod", rows, at: at(hours) }, keep),
    emptyServedHistory,
  );
}

describe("what was served when", () => {
  it("MESH-30: says how long each channel took from the release to its users, and names the slowest", () => {
    const tags = [tag("v1.0.0", "served", "v1.0.0"), tag("latest", "served")];
    const history = after([
      [1, catalog("awaiting"), ...tags],
      [25, catalog("awaiting"), ...tags],
      [49, catalog("served"), ...tags],
    ]);
    assert.deepEqual(history.series, {
      "catalog homebrew-core hello": ["awaiting", "awaiting", "served"],
      "registry ghcr.io/acme/hello": ["served", "served", "served"],
    });
    assert.deepEqual(history.releases, {
      "catalog homebrew-core hello": [{ version: "v1.0.0", released: at(0), open: at(25), served: at(49) }],
      "registry ghcr.io/acme/hello": [{ version: "v1.0.0", released: at(0), served: at(1) }],
    });
    const times = timesToServed(history);
    assert.equal(slowestOf(times)?.channel, "catalog homebrew-core hello");
    assert.equal(
      timesText(times),
      "\n" +
        "channel                      version  time to served  usually\n" +
        "catalog homebrew-core hello  v1.0.0   2 days          -\n" +
        "registry ghcr.io/acme/hello  v1.0.0   at most 60 min  -\n" +
        "\nSlowest: catalog homebrew-core hello, which served v1.0.0 after 2 days.\n",
    );
  });

  it("says that a version is not served yet, and how long former ones took", () => {
    const history = after([
      [1, catalog("behind")],
      [10, catalog("served")],
      [20, catalog("served")],
      [40, catalog("awaiting", "v1.1.0", at(30))],
    ]);
    const [time] = timesToServed(history);
    assert.deepEqual(
      [time?.version, time?.isServed, time?.seconds, time?.usualSeconds],
      ["v1.1.0", false, 10 * 3600, 10 * 3600],
    );
    assert.match(timesText(timesToServed(history)), /does not serve v1\.1\.0 yet, after 10 h\.\n$/);
  });

  const notTaken: [title: string, rows: StatusRow[], releases: ServedHistory["releases"]][] = [
    ["nobody could look", [catalog("unknown")], {}],
    ["the channel keeps a higher version", [catalog("held")], { "catalog homebrew-core hello": [] }],
    [
      "nobody knows when it was released",
      [{ ...catalog("served"), released: undefined }],
      { "catalog homebrew-core hello": [] },
    ],
    ["it is a file of the project", [{ ...catalog("drifted"), kind: "project:Document" }], {}],
  ];
  for (const [title, rows, releases] of notTaken) {
    it(`notes no version where ${title}`, () => {
      assert.deepEqual(after([[1, ...rows]]).releases, releases);
    });
  }

  it("has the worst state of what a channel has, and a version is served when all of it is", () => {
    const looks = after([
      [
        1,
        tag("v1.0.0", "served", "v1.0.0"),
        tag("v1.0.0-slim", "missing", "v1.0.0"),
        tag("latest", "unknown"),
      ],
      [
        2,
        tag("v1.0.0", "served", "v1.0.0"),
        tag("v1.0.0-slim", "served", "v1.0.0"),
        tag("latest", "drifted"),
      ],
    ]);
    assert.deepEqual(looks.series, { "registry ghcr.io/acme/hello": ["missing", "drifted"] });
    assert.deepEqual(looks.releases, {
      "registry ghcr.io/acme/hello": [{ version: "v1.0.0", released: at(0), open: at(1), served: at(2) }],
    });
  });

  it("has one release for all versions, in a folder and on GitHub", () => {
    const file = (place: string) => ({ ...catalog("served"), kind: "file", place, name: "hello.tar.gz" });
    const rows = [file("acme/hello v1.0.0"), file("acme/hello v1.1.0"), file("releases/download/v1.0.0")];
    assert.deepEqual(Object.keys(after([[1, ...rows]]).series), ["release .", "release acme/hello"]);
  });

  it("stays as it was seen first, also where a served version drifts", () => {
    const { releases } = after([
      [1, catalog("served")],
      [2, catalog("missing")],
      [3, catalog("served")],
    ]);
    assert.deepEqual(releases["catalog homebrew-core hello"], [
      { version: "v1.0.0", released: at(0), served: at(1) },
    ]);
  });

  it("is bounded, and forgets a channel that is no more", () => {
    const history = after(
      [[0, catalog("served")], ...[1, 2, 3].map((hours) => [hours, tag("v1", "served")] as const)],
      3,
    );
    assert.deepEqual(history.times, [at(1), at(2), at(3)]);
    assert.deepEqual(Object.keys(history.series), ["registry ghcr.io/acme/hello"]);
    assert.deepEqual(Object.keys(history.releases), ["registry ghcr.io/acme/hello"]);
    const versions = Array.from({ length: 120 }, (_, index) => catalog("served", `v1.${index}.0`, at(index)));
    const many = after(versions.map((row, index) => [index, row] as const));
    assert.equal(many.releases["catalog homebrew-core hello"]?.length, 100);
    assert.equal(many.releases["catalog homebrew-core hello"]?.at(-1)?.version, "v1.119.0");
  });

  it("says so where all was served at the first look, and nothing where nothing was", () => {
    const times = timesToServed(after([[1, catalog("served")]]));
    assert.match(timesText(times), /\nEach channel had its version when it was looked at first\.\n$/);
    assert.deepEqual([timesText([]), timesMarkdown([])], ["", ""]);
  });

  it("is Markdown in which words of others are no markup, and metrics of Prometheus", () => {
    const row = { ...catalog("awaiting"), name: "a|b <img>" };
    const times = timesToServed(
      after([
        [1, row],
        [2, { ...row, state: "served" }],
      ]),
    );
    const text = timesMarkdown(times);
    assert.doesNotMatch(text, /[^\\]<img>|[^\\]\|b/);
    assert.match(text, /Slowest: catalog a/);
    assert.match(
      timesPrometheus(times),
      /\nslipway_time_to_served_seconds\{channel="catalog a\|b <img>",version="v1\.0\.0",served="true",at_most="false"\} 7200\n$/,
    );
  });

  it("is read as it was written, by its schema too, and nothing else is", () => {
    const history = after([
      [1, catalog("awaiting"), tag("latest", "unknown")],
      [2, catalog("served"), tag("v1", "served", "v1")],
    ]);
    assert.deepEqual(parseServedHistory(servedHistoryText(history)), history);
    const kept = JSON.parse(
      readFileSync(join(REPOSITORY, "lib/served/history.schema.json"), "utf8"),
    ) as object;
    assert.deepEqual(kept, JSON.parse(JSON.stringify(servedHistorySchema())));
    const broken = [
      "",
      "[]",
      '{"schemaVersion":2,"subject":"a","times":[],"series":{},"releases":{}}',
      '{"schemaVersion":1,"subject":"a","times":["2026-11-01T00:00:00Z"],"series":{"x":["served","served"]},"releases":{}}',
      '{"schemaVersion":1,"subject":"a","times":[],"series":{"x":["fine"]},"releases":{}}',
    ];
    for (const text of broken) assert.throws(() => parseServedHistory(text), Error, text);
  });
});
