import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { allPolicies, configurable } from "./configuration";
import { levels } from "./configuration-file";
import type { Rule } from "./rule";

const level = { type: "string", enum: levels } as const;

/** The JSON Schema of a configuration of the pack, for editors: what it refuses, the pack refuses. */
export function configurationSchema(rules: readonly Rule[]): object {
  const entries = configurable(rules).map((one) => [one.name, entryOf(one)] as const);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of Slipway's policy pack",
    type: "object",
    additionalProperties: false,
    properties: {
      [allPolicies]: { ...level, description: "Level of every rule that has none of its own." },
      environments: {
        type: "array",
        items: { type: "string" },
        description: "Environments of Pulumi ESC, for the engine.",
      },
      ...Object.fromEntries(entries),
    },
  };
}

function entryOf({ config, ...rule }: Pick<Rule, "config" | "description" | "level">): object {
  const settings: Readonly<Record<string, PolicyConfigJSONSchema>> = config ?? {};
  return {
    description: rule.description,
    anyOf: [
      level,
      {
        type: "object",
        additionalProperties: false,
        properties: {
          enforcementLevel: { ...level, description: `Default: \`${rule.level}\`, or that of \`all\`.` },
          ...settings,
        },
      },
    ],
  };
}
