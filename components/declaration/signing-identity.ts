import type { SignatureArgs, VerificationArgs } from "../../resources";
import { renamedClass } from "./renamed-class";

/**
 * Who signs a distribution, and who is trusted to have signed it. The second is declared, not taken
 * from the first: what was signed with the wrong key is refused before anything points to it.
 */
export interface SigningIdentity {
  readonly signer: SignatureArgs["signer"];
  readonly verifier: VerificationArgs["verifier"];
  /**
   * For a throw-away key: hosts that are not on this machine and take what it signs all the same.
   */
  readonly throwAwayFor?: readonly string[];
}

/** @deprecated `SigningIdentity` is an interface: `cosignKey(…)` and the like return one. */
export const SigningIdentity = renamedClass<SignatureArgs["signer"]>(
  "SigningIdentity",
  "cosignKey(…), kmsKey(…), keyless(…) or throwAwayKey(…)",
);

/** Returns whether a value says who signs. */
export function isSigningIdentity(value: unknown): value is SigningIdentity {
  return typeof value === "object" && value !== null && "signer" in value && "verifier" in value;
}
