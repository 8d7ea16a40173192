import { isLocalRegistry } from "../../lib/oci/reference";
import type { Finding } from "../../resources/definitions/input-findings";
import { throwAwayElsewhere } from "../../resources/definitions/signer";
import type { DistributionDeclaration } from "./declaration";
import { publishes } from "./mode";
import { isRegistry } from "./registry";

/**
 * Places that are not on this machine, where a throw-away key signs: whoever looks at a signature
 * there learns nothing.
 */
export function throwAwayFindings(args: DistributionDeclaration): Finding[] {
  const accepted = args.trust?.sign?.throwAwayFor;
  if (accepted === undefined || !publishes(args)) return [];
  const isRefused = (host: string) => !isLocalRegistry(host) && !accepted.includes(host);
  const registries = args.registries.flatMap((target, index) =>
    isRegistry(target) ? [{ property: `registries[${index}]`, host: target.host }] : [],
  );
  const releases = (args.version === undefined ? [] : [args.release ?? []].flat()).flatMap(
    ({ host }, index) => (host === undefined ? [] : [{ property: `release[${index}]`, host }]),
  );
  return [...registries, ...releases]
    .filter(({ host }) => isRefused(host))
    .map(({ property, host }) => ({ property, reason: throwAwayElsewhere(host) }));
}
