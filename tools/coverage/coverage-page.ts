import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRequirements, systems, type Requirement } from "./requirements";
import { titlesOf, type TestTitle } from "./test-titles";

/** How far tests claim a requirement. A title is a claim by its author, not a proof. */
type State = "claimed" | "partly" | "not yet" | "not provable here";

const states: readonly State[] = ["claimed", "partly", "not yet", "not provable here"];

interface Row {
  id: string;
  requirement: Requirement;
  tests: readonly TestTitle[];
  state: State;
}

/**
 * Returns which test claims which requirement, as Markdown, made from
 * `test/requirements/requirements.json` and test titles.
 *
 * @param repository absolute path
 * @throws if a title has an unknown ID, or a requirement contradicts the tests
 */
export function coveragePage(repository: string): string {
  const requirements = readRequirements(join(repository, "test", "requirements", "requirements.json"));
  return renderCoverage(requirements, testTitles(repository));
}

/** The page for given requirements and titles. @throws as {@link coveragePage} */
export function renderCoverage(
  requirements: ReadonlyMap<string, Requirement>,
  titles: readonly TestTitle[],
): string {
  for (const { file, title, ids } of titles) {
    const unknown = ids.filter((id) => !requirements.has(id));
    if (unknown.length > 0)
      throw new Error(`${file}: ${unknown.join(", ")} is not a requirement, in "${title}"`);
  }
  const rows = [...requirements].map(([id, requirement]): Row => {
    const tests = titles.filter(({ ids }) => ids.includes(id));
    return { id, requirement, tests, state: stateOf(id, requirement, tests) };
  });
  return [
    "<!-- Made from requirements.json and the titles of the tests by `npm run format`; changes here are lost. -->",
    "# Requirements and their tests",
    "Each requirement of the five systems and of the product, with the tests that claim it: a test claims a requirement\n" +
      "by its ID in the title. A requirement is claimed where its tests are meant to check all of it, partly where\n" +
      "something is left open, which the row says. Tests that need something a machine does not have report\n" +
      '"not executed".',
    summary(rows),
    ...systems.map(({ prefix, name }) => section(name, ofSystem(rows, prefix))),
  ].join("\n\n");
}

function stateOf(id: string, { open, unprovable }: Requirement, tests: readonly TestTitle[]): State {
  if (open !== undefined && tests.length === 0) {
    throw new Error(`requirements.json: ${id} has "open", but no test names it: remove "open"`);
  }
  if (unprovable !== undefined && tests.length > 0) {
    throw new Error(`requirements.json: ${id} is "unprovable", but ${tests[0]?.file} names it`);
  }
  if (unprovable !== undefined) return "not provable here";
  if (tests.length === 0) return "not yet";
  return open === undefined ? "claimed" : "partly";
}

function testTitles(repository: string): TestTitle[] {
  return readdirSync(join(repository, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file) => titlesOf(file, readFileSync(join(repository, file), "utf8")));
}

function summary(rows: readonly Row[]): string {
  const line = (name: string, some: readonly Row[]) =>
    `| ${[name, some.length, ...states.map((state) => some.filter((row) => row.state === state).length)].join(" | ")} |`;
  return [
    `| | requirements | ${states.join(" | ")} |`,
    `| --- |${" ---: |".repeat(states.length + 1)}`,
    ...systems.map(({ prefix, name }) => line(`[${name}](#${anchorOf(name)})`, ofSystem(rows, prefix))),
    line("All", rows),
  ].join("\n");
}

function section(name: string, rows: readonly Row[]): string {
  return [
    `## ${name}`,
    "",
    "| ID | requirement | state | claimed by |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ id, requirement, tests, state }) =>
        `| ${id} | ${escaped(requirement.text)} | ${escaped(stateText(state, requirement))} | ${testsText(tests)} |`,
    ),
  ].join("\n");
}

function stateText(state: State, { open, unprovable }: Requirement): string {
  const more = open ?? unprovable;
  return more === undefined ? state : `${state}: ${more}`;
}

function testsText(tests: readonly TestTitle[]): string {
  const files = [...new Set(tests.map(({ file }) => file))];
  return files
    .map((file) => {
      const titles = tests.filter((test) => test.file === file).map(({ title }) => escaped(`"${title}"`));
      return `[${file}](../${file.replace(/^test\//, "")}): ${[...new Set(titles)].join("; ")}`;
    })
    .join("<br>");
}

function ofSystem(rows: readonly Row[], prefix: string): Row[] {
  return rows.filter(({ id }) => id.startsWith(`${prefix}-`));
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
