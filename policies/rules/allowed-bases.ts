import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { basesOf, buildingTypes } from "../reading/bases";
import { matchesAny } from "../reading/pattern";
import { asTexts } from "../reading/values";
import { formatRepository, parseReference } from "../../lib/oci/reference";

export const allowedBases: Rule = {
  name: "allowed-bases",
  description: "Checks that images start from the configured base images only.",
  remedy: "Start from one of the allowed bases, or add the base to the configuration of this rule.",
  level: "mandatory",
  severity: "medium",
  looksAt: ["base", "bases"],
  types: buildingTypes,
  config: {
    bases: {
      type: "array",
      items: { type: "string" },
      description: "Patterns of `host/path`, e.g. `docker.io/library/*`, or of a whole layout or archive.",
    },
  },
  needs: ["bases"],
  check: (resource, config) =>
    basesOf(resource).map(({ reference, where }) => {
      if (reference === UNKNOWN) return { what: `base in ${where}`, later: true };
      return allowed(reference, where, asTexts(config.bases));
    }),
};

function allowed(reference: string, where: string, bases: readonly string[]): Outcome {
  const what = `base ${reference} (${where})`;
  const name = /^oci-(layout|archive):/.test(reference) ? reference : repositoryOf(reference);
  if (name !== undefined && matchesAny(bases, name)) return { what };
  return { what, finding: `is not among the allowed bases: ${bases.join(", ") || "none"}` };
}

function repositoryOf(reference: string): string | undefined {
  try {
    return formatRepository(parseReference(reference).repository);
  } catch {
    // A name that nothing can be said of is allowed by no pattern.
    return undefined;
  }
}
