import assert from "node:assert/strict";
import {
  emptyHistory,
  freshReport,
  historyText,
  parseHistory,
  withChanges,
  withReport,
} from "../../../lib/metrics/history";
import { reportOf, type MetricsReport } from "../../../lib/metrics/report";
import { keyOf, notAvailable, row } from "../../../lib/metrics/row";

describe("what was found over time", () => {
  const hour = 3_600_000;
  const start = Date.parse("2026-11-01T00:00:00.000Z");
  const pulls = row("pulls", "docker.io/acme/app", 0);
  const found = (hours: number, count: number | undefined): MetricsReport =>
    reportOf(new Date(start + hours * hour), [
      count === undefined ? notAvailable("pulls", pulls.of, "no answer") : { ...pulls, value: count },
      row("age", "version", hours * 3600, { version: "v1.0.0" }),
    ]);
  const after = (...looks: MetricsReport[]) =>
    looks.reduce((history, report) => withReport(history, report, 5), emptyHistory);

  it("TINY-40: is a series that shows how pulls grow, with gaps where nobody told", () => {
    const history = after(found(0, 0), found(24, 40), found(48, undefined), found(72, 130));
    assert.deepEqual(
      history.times,
      [0, 24, 48, 72].map((hours) => new Date(start + hours * hour).toISOString()),
    );
    assert.deepEqual(history.series, { [keyOf(pulls)]: [0, 40, null, 130] });
  });

  it("is compared with the last look that had a number", () => {
    const history = after(found(0, 10), found(24, 40), found(48, undefined));
    const { rows } = withChanges(found(72, 130), history);
    assert.deepEqual(
      rows.map(({ metric, change, since }) => [metric, change, since]),
      [
        ["pulls", 90, "2026-11-02T00:00:00.000Z"],
        ["age", undefined, undefined],
      ],
    );
    assert.equal(withChanges(found(72, undefined), history).rows[0]?.change, undefined);
    assert.deepEqual(withChanges(found(0, 1), emptyHistory), found(0, 1));
  });

  it("is bounded, and forgets what nobody has told since", () => {
    const looks = [found(0, 1), ...[1, 2, 3, 4, 5].map((hours) => found(hours * 24, undefined))];
    const history = after(...looks);
    assert.equal(history.times.length, 5);
    assert.deepEqual(history.series, {});
  });

  it("is not asked for again within an hour, and by a clock that went back at once", () => {
    const history = after(found(0, 1));
    const at = (hours: number) => freshReport(history, new Date(start + hours * hour));
    assert.deepEqual(at(0), found(0, 1));
    assert.deepEqual(at(0.99), found(0, 1));
    assert.equal(at(1), undefined);
    assert.equal(at(-0.5), undefined);
    assert.equal(freshReport(emptyHistory, new Date(start)), undefined);
  });

  it("is read as it was written, and nothing else is", () => {
    const history = after(found(0, 1), found(24, undefined));
    assert.deepEqual(parseHistory(historyText(history)), history);
    const broken = [
      "",
      "[]",
      '{"schemaVersion":2,"times":[],"series":{}}',
      '{"schemaVersion":1,"times":["2026-11-01T00:00:00Z"],"series":{"x":[1,2]}}',
      '{"schemaVersion":1,"times":["yesterday"],"series":{}}',
    ];
    for (const text of broken) assert.throws(() => parseHistory(text), Error, text);
  });
});
