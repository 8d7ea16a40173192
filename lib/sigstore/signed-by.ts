/**
 * Who signed, as a verified signature shows it: a public key, or the identity of a certificate and
 * who vouches for it.
 */
export type SignedBy = SignedByKey | SignedByIdentity;

/** A public key by its fingerprint. */
export interface SignedByKey {
  /**
   * `sha256:<hex>` of the SPKI DER, as
   * `openssl pkey -pubin -in cosign.pub -outform DER | sha256sum` tells it.
   */
  readonly key: string;
}

/** An identity as the certificate of the bundle has it, not as a pattern asks for it. */
export interface SignedByIdentity {
  /** Subject alternative name. */
  readonly identity: string;
  /** OIDC issuer. */
  readonly issuer: string;
  /**
   * Digest of the trusted root that the certificate holds by: who else vouches for the issuer's
   * word.
   */
  readonly root: string;
}

/** Returns who signed, in words: `key sha256:…`, or `identity (issuer)`. */
export function signedByText(who: SignedByKey | Omit<SignedByIdentity, "root">): string {
  return "key" in who ? `key ${who.key}` : `${who.identity} (${who.issuer})`;
}
