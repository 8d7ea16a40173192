import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText } from "../reading/values";

/** Automatic deletion must not reach a released version. */
export const retentionSparesProtectedVersions: Rule = {
  name: "retention-spares-protected-versions",
  description: "Checks that rules by which ECR expires images never reach a protected tag.",
  remedy:
    'Select untagged images, or tags that no version has: tagStatus "untagged", or "tagged" with tagPatternList such as ["dev-*", "pr-*"].',
  level: "mandatory",
  severity: "critical",
  looksAt: ["rule", "rules"],
  types: ["aws:ecr/lifecyclePolicy:LifecyclePolicy"],
  config: {
    protectedTags: {
      type: "array",
      items: { type: "string" },
      default: ["v1.2.3", "1.2.3", "v10.20.30", "v1.2", "v1", "latest"],
      description: "Examples of tags that must stay: a rule that could select one of them is refused.",
    },
  },
  check: ({ name, props }, config) => {
    const what = `lifecycle policy ${name}`;
    if (props.policy === UNKNOWN) return [{ what, later: true }];
    const rules = rulesOf(props.policy);
    if (!rules) return [{ what, finding: "has a policy that is not JSON with rules" }];
    const tags = asList(config.protectedTags).flatMap((tag) => asText(tag) ?? []);
    return rules.map((rule) => ofRule(what, asRecord(rule), tags));
  },
};

/** The rules of a policy document, which programs give as JSON or as an object. */
function rulesOf(policy: unknown): readonly unknown[] | undefined {
  let document = policy;
  if (typeof policy === "string") {
    try {
      document = JSON.parse(policy) as unknown;
    } catch {
      return undefined;
    }
  }
  const { rules } = asRecord(document);
  return Array.isArray(rules) ? rules : undefined;
}

function ofRule(policy: string, rule: Readonly<Record<string, unknown>>, tags: readonly string[]): Outcome {
  const what = `rule ${JSON.stringify(rule.rulePriority)} of ${policy}`;
  const { tagStatus, tagPrefixList, tagPatternList } = asRecord(rule.selection);
  if (tagStatus === "untagged") return { what };
  if (tagStatus !== "tagged") return { what, finding: "expires images whatever their tags" };
  // An image is selected when each pattern has a tag of it, and a version has other tags too: one
  // pattern is enough.
  const patterns = [
    ...asList(tagPrefixList).map((prefix) => `${asText(prefix) ?? ""}*`),
    ...asList(tagPatternList).map((pattern) => asText(pattern) ?? "*"),
  ];
  const reached = tags.find((tag) => patterns.some((pattern) => matchesPattern(pattern, tag)));
  if (reached === undefined) return { what };
  return { what, finding: `expires images with the tags ${patterns.join(", ")}, such as ${reached}` };
}
