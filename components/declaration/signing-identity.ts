import type { SignatureArgs, VerificationArgs } from "../../resources";

/**
 * Who signs a distribution, and who is trusted to have signed it. The second is declared, not taken
 * from the first: what was signed with the wrong key is refused before anything points to it.
 */
export class SigningIdentity {
  constructor(
    readonly signer: SignatureArgs["signer"],
    readonly verifier: VerificationArgs["verifier"],
    /**
     * Of a throw-away key: hosts that are not on this machine and take what it signs all the same.
     */
    readonly throwAwayFor?: readonly string[],
  ) {}
}
