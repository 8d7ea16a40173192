import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText } from "../reading/values";

/** Version tags of usual forms, by which the filters of exceptions are tried. */
const versionTags = ["v1.2.3", "1.2.3", "v10.20.30", "v1.2.3-rc.1"];

export const ecrImmutable: Rule = {
  name: "ecr-immutable",
  description: "Checks that version tags in ECR repositories are immutable.",
  remedy:
    'Set `imageTagMutability: "IMMUTABLE"`, or "IMMUTABLE_WITH_EXCLUSION" with filters for aliases such as `latest` only.',
  level: "mandatory",
  severity: "high",
  looksAt: ["repository", "repositories"],
  types: ["aws:ecr/repository:Repository"],
  check: ({ name, props }) => {
    const what = `ECR repository ${name}`;
    const mutability = props.imageTagMutability;
    if (mutability === UNKNOWN) return [{ what, later: true }];
    return [{ what, ...finding(mutability, props.imageTagMutabilityExclusionFilters) }];
  },
};

function finding(mutability: unknown, filters: unknown): Pick<Outcome, "finding"> {
  if (mutability === "IMMUTABLE") return {};
  const excluded = asList(filters).flatMap((filter) => asText(asRecord(filter).filter) ?? []);
  const hit = (tag: string) => excluded.some((filter) => matchesPattern(filter, tag));
  if (mutability === "IMMUTABLE_WITH_EXCLUSION") {
    const movable = versionTags.find(hit);
    return movable === undefined
      ? {}
      : { finding: `excludes version tags such as ${movable} from immutability: ${excluded.join(", ")}` };
  }
  if (mutability === "MUTABLE_WITH_EXCLUSION" && versionTags.every(hit)) return {};
  return {
    finding: `has the tag mutability ${mutability === undefined ? "MUTABLE (default)" : JSON.stringify(mutability)}`,
  };
}
