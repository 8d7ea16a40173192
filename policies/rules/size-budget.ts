import { UNKNOWN } from "../pack/declared";
import type { Rule } from "../pack/rule";
import { matchesPattern } from "../reading/pattern";
import { asRecord, asText } from "../reading/values";

const imageType = "slipway:oci:Image";

/**
 * The size is an output, so that only the look at the stack has it: at preview, before anything is
 * pushed.
 */
export const sizeBudget: Rule = {
  name: "size-budget",
  description:
    "Checks that an image, as it is transferred, is not larger than the configured number of bytes.",
  remedy:
    "Leave out of the image what it does not need, start from a smaller base, or raise the budget of this rule.",
  level: "mandatory",
  severity: "low",
  looksAt: ["image", "images"],
  types: [imageType],
  config: {
    maximumBytes: { type: "integer", minimum: 1, description: "Budget of an image in bytes, compressed." },
    repositories: {
      type: "object",
      additionalProperties: { type: "integer", minimum: 1 },
      default: {},
      description:
        "Budgets of single repositories, by pattern of `host/path`. The first that matches counts.",
    },
  },
  needs: ["maximumBytes"],
  graph: (stack, config) =>
    stack
      .filter(({ type }) => type === imageType)
      .map(({ urn, name, props }) => {
        const what = `image ${name}`;
        const size = props.totalSize;
        if (size === UNKNOWN || typeof size !== "number") return { urn, what, later: true };
        const budget = budgetOf(asText(props.repository) ?? "", config);
        if (size <= budget) return { urn, what };
        return { urn, what, finding: `has ${size} bytes; its budget is ${budget} bytes` };
      }),
};

function budgetOf(repository: string, config: Readonly<Record<string, unknown>>): number {
  const own = Object.entries(asRecord(config.repositories)).find(([pattern]) =>
    matchesPattern(pattern, repository),
  );
  return Number(own?.[1] ?? config.maximumBytes);
}
