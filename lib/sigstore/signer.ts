import type { Bundle } from "./bundle";
import type { Statement } from "./statement";
import type { SignatureVerifier } from "./verifier";

/**
 * Makes signatures as Sigstore bundles: with a key in a file, with a key in a key management
 * service, or with a short-lived certificate for an identity. One signer signs any number of
 * artifacts.
 *
 * @see openKeySigner, openKmsSigner, openKeylessSigner
 */
export interface Signer {
  /** Who signs, as evidence names it: `key sha256:…`, or the identity and its issuer. */
  readonly id: string;
  /** Verifies what this signer makes, and what it made before. */
  readonly verifier: SignatureVerifier;
  /** Signs a statement about artifacts. @throws SigningError, KeyError */
  signStatement(statement: Statement): Promise<Bundle>;
  /** Signs a file's content. @param path of the file @throws SigningError, KeyError */
  signFile(path: string): Promise<Bundle>;
  /**
   * Signs bytes alone, for signatures of the older tag scheme; undefined where only bundles can be
   * made.
   */
  readonly signBytes?: (bytes: Uint8Array) => Promise<Buffer>;
}
