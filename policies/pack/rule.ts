import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import type { StackNode } from "./graph";
import type { Declared } from "./declared";

/**
 * One thing that a rule looked at. Without `finding` and `later` it keeps the rule.
 */
export interface Outcome {
  /** Name of what was looked at in messages, e.g. `tag ghcr.io/acme/hello:v1.2.3`. */
  what: string;
  /** The finding and the threshold, as the rest of a sentence that begins with `what`. */
  finding?: string;
  /**
   * Its values are not known yet, as at preview: the graph decides where the rule has a look at it,
   * else `up` does.
   */
  later?: boolean;
}

/** Configuration of a rule, with the defaults of its schema filled in. */
export type RuleConfig = Readonly<Record<string, unknown>>;

/** A rule as data and pure functions from a declared resource, or a whole stack, to outcomes. */
export interface Rule {
  /** Name of the policy, in kebab-case. */
  readonly name: string;
  /** One sentence that begins with "Checks". */
  readonly description: string;
  /** What to do about a finding: an imperative sentence. */
  readonly remedy: string;
  /** The same for what a `Distribution` makes, where its declaration has a word for it. */
  readonly distributionRemedy?: string;
  /** Level where the configuration gives none. */
  readonly level: "mandatory" | "advisory";
  readonly severity: "low" | "medium" | "high" | "critical";
  /** Singular and plural of what it looks at, for the report of a run: `["tag", "tags"]`. */
  readonly looksAt: readonly [one: string, several: string];
  /** Resource types it knows. */
  readonly types: readonly string[];
  /** JSON Schema of each setting of its configuration. */
  readonly config?: Readonly<Record<string, PolicyConfigJSONSchema>>;
  /** Settings without which the rule has nothing to compare with, and looks at nothing. */
  readonly needs?: readonly string[];
  /** Looks at one resource's inputs, before anything happens to it. It is what stops an `up`. */
  readonly check?: (resource: Declared, config: RuleConfig, seen: Seen) => readonly Outcome[];
  /** Looks at the stack: at preview before anything happens, at `up` after it. */
  readonly graph?: (
    stack: readonly StackNode[],
    config: RuleConfig,
  ) => readonly (Outcome & { urn: string })[];
}

/** Declarations of earlier resources in the same run. */
export interface Seen {
  /** Digests of the platforms of an index, where a resource of the run declares them. */
  platformsOf(indexDigest: string): ReadonlySet<string>;
  /** Whether a resource of the run declares a digest as that of a Helm chart, in which no program is. */
  isChart(digest: string): boolean;
}

/** The settings as the configuration gives them, and the schema's defaults for the others. */
export function settingsOf(rule: Rule, given: Readonly<Record<string, unknown>>): RuleConfig {
  const defaults = Object.entries(rule.config ?? {})
    .filter(([, schema]) => schema.default !== undefined)
    .map(([name, schema]) => [name, schema.default]);
  return { ...Object.fromEntries(defaults), ...given } as RuleConfig;
}

/** Returns whether the rule has what it compares with. */
export function isConfigured(rule: Rule, config: RuleConfig): boolean {
  return (rule.needs ?? []).every((name) => config[name] !== undefined);
}
