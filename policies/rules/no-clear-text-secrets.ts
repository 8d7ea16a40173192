import { isSecret, type Declared } from "../pack/declared";
import type { Outcome, Rule } from "../pack/rule";
import { namedTexts, textTypes, type NamedText } from "../reading/named-texts";
import { matchesAny } from "../reading/pattern";
import { isPlainValue, isSecretName, secretForm } from "../reading/clear-text-secrets";
import { asTexts } from "../reading/values";

/**
 * Nothing is in clear text in a program, a state file, a process list or an image that should not
 * be read there.
 */
export const noClearTextSecrets: Rule = {
  name: "no-clear-text-secrets",
  description:
    "Checks that no password, token or key is in clear text in arguments, labels, annotations, variables, statements or notes.",
  remedy:
    "Take the value from secret configuration (`config.requireSecret`); give it to a build as a secret mount, never in what is published, and revoke it if it was real.",
  level: "mandatory",
  severity: "critical",
  looksAt: ["value", "values"],
  types: textTypes,
  config: {
    except: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Paths of values that are not secrets, as patterns, e.g. `env.PUBLIC_TOKEN`.",
    },
  },
  check: (resource, config) =>
    namedTexts(resource)
      .filter(({ path }) => !matchesAny(asTexts(config.except), path))
      .map((text) => lookAt(resource, text)),
};

/** The value itself is in no message. */
function lookAt(resource: Declared, text: NamedText): Outcome {
  const what = `value ${text.path} of ${resource.name}`;
  const form = secretForm(text.value);
  const byName = isSecretName(text.name) && isPlainValue(text.value);
  if (form === undefined && !byName) return { what };
  const looks = form === undefined ? `is a secret by its name, ${text.name},` : `has a ${form}`;
  if (!isSecret(resource, text.path)) return { what, finding: `${looks} in clear text` };
  // The mark keeps a value out of the state, not out of what everybody can download.
  if (!text.isPublished) return { what };
  return { what, finding: `${looks} and, though it is marked as a secret, is published` };
}
