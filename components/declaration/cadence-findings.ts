import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";
import { lockOf } from "./external-image-declaration";

/** Returns what of a cadence nothing could tell. */
export function cadenceFindings(args: DistributionDeclaration): Finding[] {
  if (args.cadence?.refresh === undefined || lockOf(args) !== undefined) return [];
  const reason =
    `${JSON.stringify(args.cadence.refresh)}: nothing holds the digests of bases, so that each build takes those of the ` +
    "registries; it needs a lock (a valid example: lock: true)";
  return [{ property: "cadence.refresh", reason }];
}
