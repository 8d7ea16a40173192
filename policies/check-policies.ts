import * as z from "zod";
import { textProblems } from "./pack/configuration-file";
import { configurable } from "./pack/configuration";
import { rules } from "./rules";

/**
 * Returns everything that is wrong with the text of a configuration file: names, levels, and values
 * of settings, which the engine checks in a run.
 */
export function configurationProblems(text: string): readonly string[] {
  const problems = textProblems(text, rules);
  return problems.length > 0 || text.trim() === "" ? problems : valueProblems(JSON.parse(text) as object);
}

function valueProblems(parsed: object): string[] {
  const given = new Map(Object.entries(parsed));
  return configurable(rules).flatMap(({ name, config }) => {
    const entry: unknown = given.get(name);
    if (typeof entry !== "object" || entry === null) return [];
    const schema = {
      type: "object" as const,
      properties: config as Record<string, z.core.JSONSchema.JSONSchema>,
    };
    const result = z.fromJSONSchema(schema).safeParse(entry);
    return (result.error?.issues ?? []).map(
      ({ path, message }) => `${[name, ...path.map(String)].join(".")}: ${message}`,
    );
  });
}
