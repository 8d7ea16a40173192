import { defined } from "../../lib/objects/defined";
import { provenByValues } from "../evidence/by-values";
import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule, Seen } from "../pack/rule";
import { promotedTags, promotingTypes, type PromotedTag } from "../reading/promoted";
import { asList, asRecord, asTexts } from "../reading/values";
import { parseVersion } from "../../lib/version/version";

/** What a release needs beside its image is a check of its own, with a result. */
export const requiredChecksPassed: Rule = {
  name: "required-checks-passed",
  description:
    "Checks that no declared check of a digest, or of an image that it lists, has failed, and that the configured ones have passed for every stable version.",
  remedy:
    "Run the check for this digest and pass its `evidence` to the tag; release as a pre-release what is not fully tested.",
  distributionRemedy:
    'Declare the check in `gates` of the distribution, e.g. `gates: { tests: { command: { command: ["./test.sh"] } } }`; release as a pre-release what is not fully tested.',
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
      // A chart waits for what is checked of its images.
      const isChart = typeof promoted.digest === "string" && seen.isChart(promoted.digest);
      const required = isStable(promoted) && !isChart ? asTexts(config.checks) : [];
      const declared = asList(promoted.evidence)
        .map(asRecord)
        .filter((item) => item.kind === "check" && item.subject === promoted.digest)
        .flatMap((item) => asTexts([item.by]));
      const ofIndex = [...new Set([...required, ...declared])].map((by) => {
        const outcome = provenByValues(
          promoted,
          { kind: "check", wording: `passed check "${by}"`, by },
          seen,
        );
        return { ...outcome, what: `check "${by}" of ${outcome.what}` };
      });
      return [...ofIndex, ...checksOfImages(promoted, seen)];
    }),
};

/** Checks of the images that the index lists: what fails for one platform fails for the tag. */
function checksOfImages({ reference, digest, evidence }: PromotedTag, seen: Seen): Outcome[] {
  const images = typeof digest === "string" ? seen.platformsOf(digest) : new Set();
  return asList(evidence)
    .map(asRecord)
    .filter(({ kind, subject }) => kind === "check" && images.has(subject as string))
    .map(({ by, subject, result }) =>
      defined({
        what: `check "${String(by)}" of ${String(subject)}, an image of tag ${reference}`,
        later: result === UNKNOWN ? (true as const) : undefined,
        finding: result === "passed" || result === UNKNOWN ? undefined : `has the result "${String(result)}"`,
      }),
    );
}

/**
 * A rebuild is written as a pre-release of its version is; what tells it apart is that aliases of
 * the highest stable version go to it.
 */
function isStable({ tag, moves }: PromotedTag): boolean {
  return moves === "highest" || (tag !== undefined && parseVersion(tag)?.stable === true);
}
