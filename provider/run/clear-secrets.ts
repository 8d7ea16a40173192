import { InputError } from "../../resources/definitions/input-findings";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "./context";

/**
 * Refuses secrets that are given in clear text, which would be in the state.
 *
 * @param values by the path of their input, such as `host.token`; what is not given, or not known
 * yet, is not looked at
 * @param examples names of configuration keys, by the same path
 * @throws InputError
 */
export function refuseClear<K extends string>(
  context: ResourceContext,
  values: Readonly<Partial<Record<K, unknown>>>,
  examples: Readonly<Record<K, string>>,
): void {
  for (const property of Object.keys(examples) as K[]) {
    const value = values[property];
    if (value === undefined || hasUnknown(value) || context.isSecret(property.split("."))) continue;
    const reason =
      "is in clear text, and would be in the state: give a secret, e.g. " +
      `config.requireSecret("${examples[property]}")`;
    throw new InputError([{ property, reason, isSecret: true }]);
  }
}
