import { UNKNOWN } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { basesOf, buildingTypes } from "../reading/bases";
import { matchesAny } from "../reading/pattern";
import { asTexts } from "../reading/values";
import { parseReference } from "../../lib/oci/reference";
import { parseVersion } from "../../lib/version/version";

/** Tomorrow's builds start from the bases that were tested today. */
export const basesPinnedByDigest: Rule = {
  name: "bases-pinned-by-digest",
  description: "Checks that base images are named by digest.",
  remedy:
    "Append the digest to the base, as in `python:3.12.1-slim@sha256:…` (crane digest python:3.12.1-slim).",
  level: "mandatory",
  severity: "high",
  looksAt: ["base", "bases"],
  types: buildingTypes,
  config: {
    accept: {
      type: "string",
      enum: ["digest", "full-version"],
      default: "digest",
      description:
        "`full-version` also accepts a tag with a full version, e.g. `3.12.1-slim`, but not `3.12-slim`.",
    },
    except: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Bases that need no pin, as patterns of the whole reference, e.g. `localhost:5000/*`.",
    },
  },
  check: (resource, config) =>
    basesOf(resource).map(({ reference, where }) => {
      if (reference === UNKNOWN) return { what: `base in ${where}`, later: true };
      return pinned(reference, where, config.accept === "full-version", asTexts(config.except));
    }),
};

function pinned(
  reference: string,
  where: string,
  acceptVersion: boolean,
  except: readonly string[],
): Outcome {
  const what = `base ${reference} (${where})`;
  // Layouts and archives are files of the program, and are read as they are.
  if (/^oci-(layout|archive):/.test(reference) || matchesAny(except, reference)) return { what };
  if (reference.includes("$"))
    return { what, finding: "has a variable without a value, so that it can be any image" };
  let parsed;
  try {
    parsed = parseReference(reference);
  } catch (error) {
    return { what, finding: `is not a valid reference: ${(error as Error).message}` };
  }
  if (parsed.digest !== undefined) return { what };
  const [, version = ""] = /^(v?\d+\.\d+\.\d+)/.exec(parsed.tag ?? "") ?? [];
  if (acceptVersion && parseVersion(version)) return { what };
  const asked = acceptVersion ? "a digest or a tag with a full version" : "a digest";
  return { what, finding: `can change under its name: ${asked} is asked for` };
}
