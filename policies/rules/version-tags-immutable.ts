import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushingTypes } from "../reading/pushed";
import { writtenNames } from "../reading/references";
import { parseVersion } from "../../lib/version/version";

const pushing: readonly string[] = pushingTypes;

/** Who pulls a version twice gets the same bytes. */
export const versionTagsImmutable: Rule = {
  name: "version-tags-immutable",
  description: "Checks that a tag that is a semantic version can never point to another digest.",
  remedy:
    'Publish version tags with slipway:oci:Tag or slipway:oci:Tags and `moves: "never"`; let ' +
    "a build push by digest only.",
  level: "mandatory",
  severity: "high",
  looksAt: ["version tag", "version tags"],
  types: [...promotingTypes, ...pushingTypes],
  check: (resource) =>
    pushing.includes(resource.type)
      ? writtenNames(resource)
          .filter(({ tag }) => tag !== undefined && parseVersion(tag))
          .map(({ text }) => ({
            what: `version tag ${text}`,
            finding: `is set by ${resource.type}, which sets it again with whatever it builds next`,
          }))
      : promotedTags(resource)
          .filter(({ tag }) => tag !== undefined && parseVersion(tag))
          .map(({ reference, moves }) => movable(reference, moves)),
};

function movable(reference: string, moves: unknown): Outcome {
  const what = `version tag ${reference}`;
  if (moves === UNKNOWN) return { what, later: true };
  if (moves === "never") return { what };
  return {
    what,
    finding: `is declared with moves: ${JSON.stringify(moves)}, but must be declared with moves: "never"`,
  };
}
