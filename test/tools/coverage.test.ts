import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { coveragePage, renderCoverage } from "../../tools/coverage/coverage-page";
import { readRequirements, requirementIds, type Requirement } from "../../tools/coverage/requirements";
import { titlesOf } from "../../tools/coverage/test-titles";

const repository = path.resolve(__dirname, "../..");

/** IDs that the sources below name; put together, so that this file claims none of them. */
const id = (name: string, number: string) => `${name}-${number}`;
const first = id("CORE", "01");
const second = id("TINY", "42");

describe("titles of tests", () => {
  for (const [what, source, expected] of [
    ["a test", `it("${first}: is published", () => {});`, [["is published", [first]]]],
    [
      "a template and several IDs",
      `it(\`${first}, ${second}: G-04: is \${what}\`, async function () {});`,
      [["is …", [first, second]]],
    ],
    ["a group", `describe("${first}: the gate", () => {});`, [["the gate", [first]]]],
    ["a group that is made once", `describeOnce("${first}: x", () => {});`, [["x", [first]]]],
    ["a table", `const rows = [{ title: "${second}: nightly", tags: [] }];`, [["nightly", [second]]]],
    ["a row", `const rows = [["${second}: nightly", 1], ["as in ${first}", 2]];`, [["nightly", [second]]]],
    [
      "steps by name",
      `const ids = { "first release": "${first}, ${second}", patch: "${second}: a fix" };`,
      [
        ["first release", [first, second]],
        ["a fix", [second]],
      ],
    ],
    ["a choice", `it(name === "a" ? \`${first}: \${name}\` : name, () => {});`, [["…", [first]]]],
    ["an ID within the title", `it("shows ${first}", () => {});`, [[`shows ${first}`, [first]]]],
    ["a comment", `// ${first}\nit("shows it", () => {});`, []],
    ["a text", `const text = "see ${first}: is published";`, []],
    ["a test that is skipped", `it.skip("${first}: x", () => {}); xit("${first}: x", () => {});`, []],
    ["a plan for a test", `it("${first}: is published");`, []],
  ] as [string, string, [string, string[]][]][]) {
    it(`of ${what}`, () => {
      const found = titlesOf("a.test.ts", source).map(({ title, ids }) => [title, ids]);
      assert.deepEqual(found, expected);
    });
  }
});

describe("test/requirements/coverage.md", () => {
  const page = coveragePage(repository);
  const file = path.join(repository, "test", "requirements", "coverage.md");

  it("is what requirements and titles make (npm run format writes it)", () => {
    assert.equal(readFileSync(file, "utf8"), `${page}\n`);
  });

  it("has a row for each of the 180 requirements, and a state in each", () => {
    const rows = [
      ...page.matchAll(/^\| ([A-Z]+-\d\d) \| (?:[^|]|\\\|)+ \| (claimed|partly: |not yet|not provable)/gm),
    ];
    assert.deepEqual(
      rows.map(([, found]) => found),
      requirementIds,
    );
    assert.equal(requirementIds.length, 180);
  });

  it("shows tests, what they leave open, and what cannot be proven", () => {
    const requirements = new Map<string, Requirement>([
      [first, { text: "A thing." }],
      [id("CORE", "02"), { text: "Another | thing.", open: "the half of it" }],
      [id("CORE", "03"), { text: "A third." }],
      [second, { text: "Users.", unprovable: "needs users" }],
    ]);
    const text = renderCoverage(requirements, [
      { file: "test/a.test.ts", title: "does", ids: [first, id("CORE", "02")] },
      { file: "test/a.test.ts", title: "does more", ids: [first] },
    ]);
    assert.deepEqual(
      text.split("\n").filter((line) => /^\| (CORE|TINY)-/.test(line)),
      [
        `| ${first} | A thing. | claimed | [test/a.test.ts](../a.test.ts): "does"; "does more" |`,
        `| ${id("CORE", "02")} | Another \\| thing. | partly: the half of it | [test/a.test.ts](../a.test.ts): "does" |`,
        `| ${id("CORE", "03")} | A third. | not yet |  |`,
        `| ${second} | Users. | not provable here: needs users |  |`,
      ],
    );
    assert.match(text, /^\| All \| 4 \| 1 \| 1 \| 1 \| 1 \|$/m);
  });

  for (const [what, requirement, ids, reason] of [
    ["a title with an ID that is none", {}, [id("CORE", "99")], /a\.test\.ts: CORE-99 is not a requirement/],
    ["a gap in what no test names", { open: "half" }, [], /CORE-01 has "open", but no test names it/],
    [
      "a test of what cannot be proven",
      { unprovable: "no" },
      [first],
      /CORE-01 is "unprovable", but .*a\.test/,
    ],
  ] as [string, Partial<Requirement>, string[], RegExp][]) {
    it(`is refused for ${what}`, () => {
      const requirements = new Map([[first, { text: "A thing.", ...requirement }]]);
      const titles = ids.length === 0 ? [] : [{ file: "test/a.test.ts", title: "does", ids }];
      assert.throws(() => renderCoverage(requirements, titles), reason);
    });
  }

  it("is made from a file that has each requirement once", () => {
    const requirements = readRequirements(path.join(repository, "test", "requirements", "requirements.json"));
    assert.deepEqual([...requirements.keys()], requirementIds);
  });
});

describe("IDs of requirements", () => {
  it("are in the titles of tests alone: sources are read by people who do not have the list", () => {
    const systems = [...new Set(requirementIds.map((name) => name.slice(0, -3)))];
    const pattern = new RegExp(`\\b(?:${[...systems, "CAP", "G"].join("|")})-\\d\\d\\b`);
    const sources = ["bench", "components", "examples", "lib", "policies", "provider", "resources", "tools"]
      .flatMap((folder) =>
        readdirSync(path.join(repository, folder), { recursive: true, encoding: "utf8" }).map(
          (file) => `${folder}/${file}`,
        ),
      )
      .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.includes("node_modules/"));
    assert.ok(sources.length > 300, `${sources.length} sources`);
    assert.match(`${first}`, pattern);
    const named = sources.filter((file) => pattern.test(readFileSync(path.join(repository, file), "utf8")));
    assert.deepEqual(named, []);
  });
});
