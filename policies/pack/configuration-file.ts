import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { nearest } from "../../lib/text/nearest";
import type { CliProcess } from "./cli-process";
import { allPolicies, configurable, unknownNames } from "./configuration";
import type { Rule } from "./rule";

/** Levels as a configuration names them, and what the engine takes beside them. */
export const levels = ["advisory", "mandatory", "disabled"];
const levelsOfEngine = [...levels, "remediate"];

/** A key of the engine's: environments of Pulumi ESC, which give a pack variables. */
const environments = "environments";

/**
 * Returns what is wrong with the text of a configuration file, as far as names, levels and the form
 * of entries go.
 */
export function textProblems(text: string, rules: readonly Rule[]): readonly string[] {
  // The engine takes an empty file for no configuration.
  if (text.trim() === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return [`it is not JSON: ${(error as Error).message}`];
  }
  if (!isRecord(parsed)) return [`it is no object (a valid example: {"${allPolicies}": "mandatory"})`];
  const problems: string[] = [];
  const settings = new Map<string, Record<string, unknown>>();
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === environments) continue;
    if (name === "$schema") {
      problems.push(
        "$schema is refused by the engine, as any name that is no rule's: give the schema to your editor instead (docs/policies.md)",
      );
      continue;
    }
    settings.set(name, isRecord(entry) ? entry : {});
    const level = isRecord(entry) ? entry.enforcementLevel : entry;
    const hasNone = isRecord(entry) && !Object.hasOwn(entry, "enforcementLevel");
    if (!hasNone && !levelsOfEngine.includes(level as string))
      problems.push(levelProblem(name, entry, level, rules));
    if (name === allPolicies && isRecord(entry)) {
      const [other] = Object.keys(entry).filter((setting) => setting !== "enforcementLevel");
      if (hasNone || other !== undefined)
        problems.push(
          `${allPolicies} takes a level and nothing else (a valid example: "${allPolicies}": "advisory")`,
        );
    }
  }
  const ofAll = settings.get(allPolicies);
  if (ofAll) settings.set(allPolicies, {});
  return [...unknownNames(rules, settings), ...problems];
}

function levelProblem(name: string, entry: unknown, level: unknown, rules: readonly Rule[]): string {
  const match = typeof level === "string" ? nearest(level, levels) : undefined;
  const hint = match === undefined ? "" : `, did you mean "${match}"?`;
  const where = isRecord(entry) ? `enforcementLevel of ${name}` : name;
  const config = configurable(rules).find((one) => one.name === name)?.config ?? {};
  const setting = Object.keys(config)[0];
  const withSetting =
    setting === undefined ? "" : `, or "${name}": {"enforcementLevel": "advisory", "${setting}": …}`;
  return (
    `${where}: ${JSON.stringify(level)} is no level${hint}; the levels are ${levels.join(", ")} ` +
    `(a valid example: "${name}": "advisory"${withSetting})`
  );
}

/**
 * Returns what is wrong with the files that a CLI was told to take a pack's configuration from, each
 * with the file's name.
 *
 * @param pack folder of the pack
 */
export function fileProblems(
  cli: CliProcess | undefined,
  pack: string,
  rules: readonly Rule[],
): readonly string[] {
  if (!cli) return [];
  const packs = values(cli.args, "--policy-pack");
  const files = values(cli.args, "--policy-pack-config");
  return files.flatMap((file, index) => {
    const folder = packs[index];
    if (folder === undefined || !isSame(resolve(cli.directory, folder), pack)) return [];
    let text: string;
    try {
      text = readFileSync(resolve(cli.directory, file), "utf8");
    } catch {
      // The engine says why it cannot be read.
      return [];
    }
    return textProblems(text, rules).map((problem) => `${file}: ${problem}`);
  });
}

/** Values of an option that may be given several times, and with several values at once. */
function values(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => {
    if (arg === option) return args[index + 1]?.split(",") ?? [];
    return arg.startsWith(`${option}=`) ? arg.slice(option.length + 1).split(",") : [];
  });
}

function isSame(folder: string, other: string): boolean {
  try {
    return realpathSync(folder) === realpathSync(other);
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
