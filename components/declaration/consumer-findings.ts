import { legacyConsumers } from "../../lib/sigstore/consumers";
import type { Finding } from "../../resources/definitions/input-findings";
import type { DistributionDeclaration } from "./declaration";

/** Returns which consumers could verify nothing, and what they need. */
export function consumerFindings({ trust }: DistributionDeclaration): Finding[] {
  if (trust?.consumers === undefined) return [];
  const { consumers, sign, legacySignatures } = trust;
  const finding = (reason: string): Finding[] => [{ property: "trust.consumers", reason }];
  if (!sign)
    return finding("nothing is signed: who signs is expected too (a valid example: sign: cosignKey())");
  const names = legacyConsumers(consumers);
  if (names.length === 0) return [];
  const who = `${names.join(", ")} read${names.length === 1 ? "s" : ""} signatures of the older scheme alone`;
  if ("keyless" in sign.signer) {
    return finding(
      `${who}, and a certificate goes with a bundle only: sign with a key (a valid example: sign: cosignKey()), or ` +
        'leave them out (a valid example: consumers: ["cosign"])',
    );
  }
  return legacySignatures === false ? finding(`${who}: leave out \`legacySignatures: false\``) : [];
}
