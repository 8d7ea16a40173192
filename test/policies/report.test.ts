import assert from "node:assert/strict";
import { RunOutcomes } from "../../policies/pack/run-outcomes";
import { detailLines, summaryLine } from "../../policies/pack/report";
import { rules } from "../../policies/rules";

const rule = rules.find(({ looksAt: [singular] }) => singular === "tag");

function lineOf(name: string, lines: readonly string[]): string {
  return lines.find((line) => line.includes(name)) ?? "";
}

describe("report of what the rules looked at", () => {
  assert.ok(rule);
  const { name } = rule;

  const cases = [
    { title: "one", outcomes: [{ what: "tag a" }], line: `slipway: ${name} looked at 1 tag: no violation` },
    {
      title: "several, with violations",
      outcomes: [{ what: "tag a" }, { what: "tag b", finding: "is wrong" }],
      line: `slipway: ${name} looked at 2 tags: 1 violation`,
    },
    {
      title: "what is not known yet",
      outcomes: [{ what: "tag a" }, { what: "tag b", later: true }],
      line: `slipway: ${name} looked at 2 tags, 1 of them not known before up: no violation`,
    },
  ];
  for (const { title, outcomes, line } of cases) {
    it(`counts ${title}`, () => {
      const run = new RunOutcomes();
      run.note(name, "urn", outcomes);
      assert.equal(lineOf(name, detailLines(rules, run)), line);
    });
  }

  it("says of a rule that looked at nothing that it did not", () => {
    const lines = detailLines(rules, new RunOutcomes());
    assert.equal(lines.length, 1);
    for (const { name: each } of rules) assert.ok(lines[0]?.includes(each), each);
  });

  const all = rules.length;
  const sums: { title: string; note: (run: RunOutcomes) => void; line: string }[] = [
    {
      title: "rules that passed, and those that are not configured",
      note(run) {
        run.note(name, "urn", [{ what: "tag a" }]);
        run.noteNotConfigured("size-budget");
      },
      line: `slipway: 1 rule passed; ${all - 2} had nothing to look at; 1 not configured: size-budget`,
    },
    {
      title: "a rule that judges by what is not known yet",
      note: (run) => run.note(name, "urn", [{ what: "tag a", later: true }]),
      line: `slipway: 1 rule passed (1 for what is known; up decides); ${all - 1} had nothing to look at`,
    },
    {
      title: "violated rules first",
      note: (run) => run.note(name, "urn", [{ what: "tag a", finding: "is wrong" }]),
      line: `slipway: 1 rule violated: ${name}; 0 rules passed; ${all - 1} had nothing to look at`,
    },
  ];
  for (const { title, note, line } of sums) {
    it(`sums up in one line: ${title}`, () => {
      const run = new RunOutcomes();
      note(run);
      assert.equal(summaryLine(rules, run), line);
    });
  }

  it("counts a thing once, and a finding is not taken back by a later look", () => {
    const run = new RunOutcomes();
    run.note(name, "urn", [{ what: "tag a", later: true }]);
    run.note(name, "urn", [{ what: "tag a" }]);
    run.note(name, "urn", [{ what: "tag b", finding: "is wrong" }]);
    run.note(name, "urn", [{ what: "tag b" }]);
    assert.deepEqual(run.tally(name), { looked: 2, violations: 1, undecided: 0 });
  });
});
