import { isNowCalled, type FormerNames } from "../../resources/definitions/renamed-fields";
import { DeclarationError } from "./declaration-error";

/**
 * Refuses former names of fields where no shape does, in what the editor checks alone.
 *
 * @param subject what is declared, e.g. `Registry`
 * @param path of the fields, with a dot at its end if it is not empty
 * @throws DeclarationError
 */
export function refuseFormerNames(subject: string, args: object, names: FormerNames, path = ""): void {
  const findings = Object.entries(names)
    .filter(([former]) => (args as Record<string, unknown>)[former] !== undefined)
    .map(([former, present]) => ({ property: `${path}${former}`, reason: isNowCalled(former, present) }));
  if (findings.length > 0) throw new DeclarationError(subject, findings);
}
