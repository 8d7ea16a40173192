import { provenByValues } from "../evidence/by-values";
import type { Rule } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { asList, asRecord, asTexts } from "../reading/values";
import { parseVersionTag } from "../../oci/version-tag";

/** BLEU-24, DISTRO-13: what a release needs beside its image is a check of its own, with a result. */
export const requiredChecksPassed: Rule = {
  name: "required-checks-passed",
  description:
    "Checks that no declared check of a digest has failed, and that the configured ones have passed for every stable version.",
  remedy:
    "Run the check for this digest and pass its `evidence` to the tag; release as a pre-release what is not fully tested.",
  level: "mandatory",
  severity: "high",
  looksAt: ["check", "checks"],
  types: promotingTypes,
  config: {
    checks: {
      type: "array",
      items: { type: "string" },
      default: [],
      description:
        "Names of the checks, as their evidence gives them in `by`, e.g. `tests`; `*` stands for any characters.",
    },
  },
  check: (resource, config, seen) =>
    promotedTags(resource).flatMap((promoted) => {
      const required = isStableVersion(promoted.tag) ? asTexts(config.checks) : [];
      const declared = asList(promoted.evidence)
        .map(asRecord)
        .filter((item) => item.kind === "check" && item.subject === promoted.digest)
        .flatMap((item) => asTexts([item.by]));
      return [...new Set([...required, ...declared])].map((by) => {
        const outcome = provenByValues(
          promoted,
          { kind: "check", wording: `passed check "${by}"`, by },
          seen,
        );
        return { ...outcome, what: `check "${by}" of ${outcome.what}` };
      });
    }),
};

function isStableVersion(tag: string | undefined): boolean {
  return tag !== undefined && parseVersionTag(tag)?.stable === true;
}
