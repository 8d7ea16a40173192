import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as z from "zod";
import { configurationProblems } from "../../policies/check-policies";
import { fileProblems } from "../../policies/pack/configuration-file";
import { configurationSchema } from "../../policies/pack/configuration-schema";
import { rules } from "../../policies/rules";

const policies = path.resolve(__dirname, "..", "..", "policies");

interface Case {
  title: string;
  configuration: unknown;
  /** The one problem; undefined where there is none. */
  problem?: RegExp;
}

const cases: Case[] = [
  { title: "no entry", configuration: {} },
  { title: "a level for all", configuration: { all: "mandatory" } },
  { title: "a rule with its level", configuration: { "size-budget": "disabled" } },
  { title: "a rule with settings", configuration: { "size-budget": { maximumBytes: 1 } } },
  { title: "a rule without settings", configuration: { "size-budget": {} } },
  {
    title: "level and settings",
    configuration: { "size-budget": { enforcementLevel: "advisory", maximumBytes: 1 } },
  },
  { title: "details of the report", configuration: { "report-what-was-looked-at": { details: true } } },
  { title: "environments of the engine", configuration: { environments: ["prod"] } },
  {
    title: "a misspelled rule with a level",
    configuration: { "promoted-tags-are-scaned": "disabled" },
    problem: /there is no rule "promoted-tags-are-scaned", did you mean "promoted-tags-are-scanned"\?/,
  },
  {
    title: "a misspelled rule with settings, which the engine refuses without its name",
    configuration: { all: "mandatory", "allowed-license": { licenses: ["MIT"] } },
    problem: /there is no rule "allowed-license", did you mean "allowed-licenses"\?/,
  },
  {
    title: "a misspelled rule without content, which the engine leaves out",
    configuration: { "size-budgt": {} },
    problem: /there is no rule "size-budgt", did you mean "size-budget"\?/,
  },
  {
    title: "a rule that nothing resembles",
    configuration: { everything: "disabled" },
    problem: /there is no rule "everything"; the rules are .*size-budget/,
  },
  {
    title: "a misspelled setting",
    configuration: { "size-budget": { maximumByte: 1 } },
    problem: /rule size-budget has no setting "maximumByte", did you mean "maximumBytes"\?/,
  },
  {
    title: "a part of a setting's name",
    configuration: { "promoted-tags-are-scanned": { kinds: ["secret"] } },
    problem: /has no setting "kinds", did you mean "requiredKinds"\?/,
  },
  {
    title: "a misspelled level's name",
    configuration: { "size-budget": { enforcementlevel: "advisory", maximumBytes: 1 } },
    problem: /has no setting "enforcementlevel", did you mean "enforcementLevel"\?/,
  },
  {
    title: "a misspelled level",
    configuration: { "size-budget": "mandatry" },
    problem: /size-budget: "mandatry" is no level, did you mean "mandatory"\?.*"size-budget": "advisory"/,
  },
  {
    title: "an empty level",
    configuration: { "size-budget": { enforcementLevel: "" } },
    problem: /enforcementLevel of size-budget: "" is no level/,
  },
  {
    title: "a truth value for a level",
    configuration: { "size-budget": true },
    problem: /size-budget: true is no level.*\(a valid example: "size-budget": "advisory"/,
  },
  {
    title: "a list",
    configuration: { "size-budget": ["advisory"] },
    problem: /size-budget: \["advisory"\] is no level/,
  },
  { title: "nothing", configuration: { "size-budget": null }, problem: /size-budget: null is no level/ },
  { title: "settings for all", configuration: { all: { maximumBytes: 1 } }, problem: /all takes a level/ },
  {
    title: "an address of the schema, which the engine takes for a rule",
    configuration: { $schema: "./schema.json" },
    problem: /\$schema is refused by the engine/,
  },
  {
    title: "a setting of another type",
    configuration: { "size-budget": { maximumBytes: "1 MB" } },
    problem: /^size-budget\.maximumBytes: .*number/,
  },
  {
    title: "an item that is none of the known ones",
    configuration: { "promoted-tags-are-scanned": { requiredKinds: ["vulnerabilities"] } },
    problem: /^promoted-tags-are-scanned\.requiredKinds\.0: .*"vulnerability"/,
  },
  { title: "a list instead of an object", configuration: [], problem: /it is no object/ },
];

describe("configuration of the policy pack", () => {
  const schema = z.fromJSONSchema(configurationSchema(rules) as z.core.JSONSchema.JSONSchema);

  for (const { title, configuration, problem } of cases) {
    it(`${problem ? "refuses" : "accepts"} ${title}, and so does the schema`, () => {
      const problems = configurationProblems(JSON.stringify(configuration));
      assert.equal(problems.length, problem ? 1 : 0, problems.join("\n"));
      if (problem) assert.match(problems[0] ?? "", problem);
      assert.equal(schema.safeParse(configuration).success, problem === undefined);
    });
  }

  it("is refused where it is not JSON, and empty it is none", () => {
    assert.match(configurationProblems('{"all": }')[0] ?? "", /it is not JSON: /);
    assert.deepEqual(configurationProblems(" \n"), []);
  });

  it("has the schema that is shipped (npm run format writes it)", () => {
    const shipped = JSON.parse(readFileSync(path.join(policies, "schema.json"), "utf8")) as object;
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(configurationSchema(rules))));
  });

  describe("in the file that the engine was told of", () => {
    let directory: string;
    before(() => {
      directory = mkdtempSync(path.join(tmpdir(), "slipway-policies-"));
      writeFileSync(path.join(directory, "bad.json"), '{"size-budgt": {}}');
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    const forms: [title: string, args: string[], refused: boolean][] = [
      ["beside the pack", ["--policy-pack", policies, "--policy-pack-config", "bad.json"], true],
      ["with equals signs", [`--policy-pack=${policies}`, "--policy-pack-config=bad.json"], true],
      [
        "of the second pack",
        [
          "--policy-pack",
          "/other",
          "--policy-pack-config",
          "other.json",
          `--policy-pack=${policies}`,
          "--policy-pack-config=bad.json",
        ],
        true,
      ],
      ["in one list", [`--policy-pack=/other,${policies}`, "--policy-pack-config=other.json,bad.json"], true],
      ["of another pack", ["--policy-pack", "/other", "--policy-pack-config", "bad.json"], false],
      ["that does not exist", ["--policy-pack", policies, "--policy-pack-config", "none.json"], false],
    ];
    for (const [title, args, refused] of forms) {
      it(`${refused ? "refuses" : "leaves alone"} one ${title}`, () => {
        const cli = { args: ["pulumi", "preview", ...args], directory, isTerminal: false };
        const problems = fileProblems(cli, policies, rules);
        if (refused) assert.match(problems.join(), /^bad\.json: there is no rule "size-budgt"/);
        else assert.deepEqual(problems, []);
      });
    }
  });
});
