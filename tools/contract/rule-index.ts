import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRequire } from "../../lib/machine/repository";
import type { Rule } from "../../policies/pack/rule";

const folder = "policies/rules";

/** Worst first: what a run tells of first is what its reader has to see. */
const severities: readonly Rule["severity"][] = ["critical", "high", "medium", "low"];

/** The list of all rules of the policy pack, by file: a rule is a file of `policies/rules/`. */
export function ruleIndex(repository: string): Record<string, string> {
  const found = foundRules(repository);
  const lines = [
    "// Made from the files of policies/rules/ by `npm run format`; changes here are lost.",
    `import type { Rule } from "../pack/rule";`,
    ...found.map(({ constant, file }) => `import { ${constant} } from "./${file}";`).sort(),
    "",
    "/** Every rule of the pack, in the order in which a run tells of them: the most severe first. */",
    `export const rules: readonly Rule[] = [${found.map(({ constant }) => constant).join(", ")}];`,
    "",
  ];
  return { [`${folder}/index.ts`]: lines.join("\n") };
}

interface FoundRule {
  readonly rule: Rule;
  readonly constant: string;
  /** Name of the file, without its ending. */
  readonly file: string;
}

function foundRules(repository: string): FoundRule[] {
  return readdirSync(join(repository, folder))
    .filter((name) => name.endsWith(".ts") && name !== "index.ts")
    .flatMap((name) => {
      const exported = Object.entries(repositoryRequire(join(repository, folder, name)) as object);
      const rules = exported.filter((entry): entry is [string, Rule] => isRule(entry[1]));
      if (rules.length !== 1) throw new Error(`${folder}/${name} exports ${rules.length} rules; give it one`);
      return rules.map(([constant, rule]) => ({ rule, constant, file: name.replace(/\.ts$/, "") }));
    })
    .sort(
      (a, b) =>
        severities.indexOf(a.rule.severity) - severities.indexOf(b.rule.severity) ||
        (a.rule.name < b.rule.name ? -1 : 1),
    );
}

function isRule(value: unknown): value is Rule {
  return typeof value === "object" && value !== null && "remedy" in value && "severity" in value;
}
