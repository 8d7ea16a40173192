import type * as IdentityVerifierModule from "./identity-verifier";
import type * as KeylessSignerModule from "./keyless-signer";

/**
 * What needs Sigstore's own packages is loaded when it is first used: they bring an HTTP client and
 * more with them, and every start of the provider would pay for it.
 */

/** See `keyless-signer.ts`. */
export function keylessSigner(): typeof KeylessSignerModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands
  return require("./keyless-signer") as typeof KeylessSignerModule;
}

/** See `identity-verifier.ts`. */
export function identityVerifier(): typeof IdentityVerifierModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands
  return require("./identity-verifier") as typeof IdentityVerifierModule;
}
