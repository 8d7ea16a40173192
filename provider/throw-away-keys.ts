import type { Evidence } from "../schema/evidence";
import type { SignedBy } from "../sigstore";

/** Fingerprints of the keys that this process has met as throw-away keys. */
const met = new Set<string>();

/** Notes that a key was made on the spot, so that every fact about a signature with it says so. */
export function noteThrowAwayKey(fingerprint: string): void {
  met.add(fingerprint);
}

/** Notes the throw-away keys that recorded evidence names: what reads it again need not meet the key's file. */
export function noteThrowAwayKeysOf(evidence: readonly Evidence[]): void {
  for (const { signer } of evidence) {
    if (signer?.generated && signer.key !== undefined) noteThrowAwayKey(signer.key);
  }
}

/** Who signed, as evidence has it: with the mark of a throw-away key. */
export function signerOf(who: SignedBy): NonNullable<Evidence["signer"]> {
  return "key" in who && met.has(who.key) ? { ...who, generated: true } : { ...who };
}
