import assert from "node:assert/strict";
import { severityOf, type Finding } from "../../../lib/scan/finding";
import { defaultPolicy, judge, type Exception, type Policy } from "../../../lib/scan/verdict";
import { dayOf } from "../../../lib/text/day";
import { lodashFinding } from "./planted";

const today = "2026-06-15";

function vulnerability(fields: Partial<Finding> = {}): Finding {
  return { ...lodashFinding, ...fields };
}

const unfixed = { fixedVersion: undefined };

function secret(fields: Partial<Finding> = {}): Finding {
  return {
    kind: "secret",
    id: "private-key",
    aliases: [],
    severity: "low",
    title: "Asymmetric Private Key",
    path: "/app/server.key:1",
    ...fields,
  };
}

function exception(fields: Partial<Exception> = {}): Exception {
  return { id: "CVE-2021-23337", reason: "not called", expires: "2026-06-30", ...fields };
}

describe("G-32: threshold of a scan", () => {
  const cases: [string, Finding, Partial<Policy>, "passed" | "failed"][] = [
    ["fixable critical, by default", vulnerability(), {}, "failed"],
    ["critical without a fix, by default", vulnerability(unfixed), {}, "passed"],
    ["fixable high, by default", vulnerability({ severity: "high" }), {}, "passed"],
    ["fixable unknown, by default", vulnerability({ severity: "unknown" }), {}, "passed"],
    ["critical without a fix, all count", vulnerability(unfixed), { fixableOnly: false }, "failed"],
    ["fixable high at high", vulnerability({ severity: "high" }), { failOn: "high" }, "failed"],
    ["fixable critical at high", vulnerability(), { failOn: "high" }, "failed"],
    ["fixable medium at high", vulnerability({ severity: "medium" }), { failOn: "high" }, "passed"],
    ["negligible at low", vulnerability({ severity: "negligible" }), { failOn: "low" }, "passed"],
    ["unknown at negligible", vulnerability({ severity: "unknown" }), { failOn: "negligible" }, "passed"],
    ["unknown at unknown", vulnerability({ severity: "unknown" }), { failOn: "unknown" }, "failed"],
    ["a secret of low severity", secret(), {}, "failed"],
    ["a secret of unknown severity", secret({ severity: "unknown" }), {}, "failed"],
    [
      "a critical misconfiguration, which no version repairs",
      secret({ kind: "misconfiguration", severity: "critical" }),
      {},
      "failed",
    ],
    ["a high misconfiguration", secret({ kind: "misconfiguration", severity: "high" }), {}, "passed"],
  ];
  for (const [name, finding, policy, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const judgment = judge([finding], { ...defaultPolicy, ...policy }, today);
      assert.equal(judgment.verdict, expected);
      assert.equal(judgment.stopping.length, expected === "failed" ? 1 : 0);
      assert.equal(judgment.counts[finding.severity], 1);
    });
  }

  it("passes without findings, and counts nothing", () => {
    const { verdict, counts } = judge([], defaultPolicy, today);
    assert.equal(verdict, "passed");
    assert.ok(Object.values(counts).every((count) => count === 0));
  });

  it("names the severest first", () => {
    const findings = [
      vulnerability({ id: "CVE-2", severity: "high" }),
      secret(),
      vulnerability({ id: "CVE-3" }),
      vulnerability({ id: "CVE-1" }),
    ];
    const { stopping } = judge(findings, { ...defaultPolicy, failOn: "high" }, today);
    assert.deepEqual(
      stopping.map(({ id }) => id),
      ["CVE-1", "CVE-3", "CVE-2", "private-key"],
    );
  });
});

describe("G-32: exceptions of a scan", () => {
  const cases: [string, Finding, Exception, "passed" | "failed"][] = [
    ["by its identifier", vulnerability(), exception(), "passed"],
    ["by an alias", vulnerability(), exception({ id: "GHSA-35jh-r3h4-6jhm" }), "passed"],
    ["another identifier", vulnerability(), exception({ id: "CVE-2021-2333" }), "failed"],
    ["in its package", vulnerability(), exception({ package: "lodash" }), "passed"],
    ["in another package", vulnerability(), exception({ package: "lodash-es" }), "failed"],
    ["on its last day", vulnerability(), exception({ expires: today }), "passed"],
    ["a day after its last", vulnerability(), exception({ expires: "2026-06-14" }), "failed"],
    ["a year before, on a later day", vulnerability(), exception({ expires: "2025-12-31" }), "failed"],
    ["a secret by its rule only", secret(), exception({ id: "private-key" }), "failed"],
    ["a secret in its file", secret(), exception({ id: "private-key", path: "/app/server.key" }), "passed"],
    ["a secret in another file", secret(), exception({ id: "private-key", path: "/app/server" }), "failed"],
    ["a vulnerability in another file", vulnerability(), exception({ path: "/app/a.jar" }), "failed"],
  ];
  for (const [name, finding, accepted, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const judgment = judge([finding], { ...defaultPolicy, exceptions: [accepted] }, today);
      assert.equal(judgment.verdict, expected);
      assert.deepEqual(judgment.excepted, expected === "passed" ? [{ finding, exception: accepted }] : []);
    });
  }

  it("tells the expired ones that would have been needed, and no others", () => {
    const expired = exception({ expires: "2026-06-14" });
    const exceptions = [expired, exception({ id: "CVE-2000-1", expires: "2020-01-01" })];
    const judgment = judge([vulnerability()], { ...defaultPolicy, exceptions }, today);
    assert.deepEqual(judgment.expired, [expired]);
  });

  it("takes the valid one of two for the same finding", () => {
    const exceptions = [exception({ expires: "2026-01-01" }), exception({ expires: "2026-12-31" })];
    const judgment = judge([vulnerability()], { ...defaultPolicy, exceptions }, today);
    assert.equal(judgment.verdict, "passed");
    assert.deepEqual(judgment.expired, []);
  });

  it("does not use one up on a finding below the threshold", () => {
    const policy = { ...defaultPolicy, exceptions: [exception()] };
    assert.deepEqual(judge([vulnerability({ severity: "low" })], policy, today).excepted, []);
  });

  it("lets one exception leave the others standing", () => {
    const other = vulnerability({ id: "CVE-2020-8203", aliases: [] });
    const policy = { ...defaultPolicy, exceptions: [exception()] };
    const judgment = judge([vulnerability(), other], policy, today);
    assert.equal(judgment.verdict, "failed");
    assert.deepEqual(judgment.stopping, [other]);
  });
});

describe("words for severities", () => {
  const cases: [string | undefined, string][] = [
    ["CRITICAL", "critical"],
    ["High", "high"],
    ["important", "high"],
    ["MODERATE", "medium"],
    ["low", "low"],
    ["Negligible", "negligible"],
    ["UNKNOWN", "unknown"],
    ["toString", "unknown"],
    ["", "unknown"],
    [undefined, "unknown"],
  ];
  for (const [word, severity] of cases) {
    it(`${JSON.stringify(word)} is ${severity}`, () => assert.equal(severityOf(word), severity));
  }
});

it("the day of a time is that of UTC", () => {
  assert.equal(dayOf(new Date("2026-12-31T23:59:59-05:00")), "2027-01-01");
});
