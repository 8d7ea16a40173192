import { createVerify, verify, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Bundle } from "./bundle";
import { preAuthEncoding } from "./dsse";
import { VerificationError } from "./errors";
import { keyFingerprint, publicKeyPem } from "./key";
import { signedByText, type SignedBy } from "./signed-by";

/** Whoever is trusted to have signed: a public key, or an identity that an issuer vouches for. */
export interface SignatureVerifier {
  /** Who is trusted, as messages name it. */
  readonly name: string;
  /** The public key (SPKI PEM), where it is one. */
  readonly publicKey?: string;
  /**
   * Digest of the trusted root by which an identity's certificate has to hold, where it is an
   * identity.
   */
  readonly root?: string;
  /**
   * Verifies the signature of a bundle's envelope; its content is not looked at. Returns who
   * signed.
   * @throws VerificationError
   */
  verifyEnvelope(bundle: Bundle): Promise<SignedBy>;
  /** Verifies the signature of a file. Returns who signed. @throws VerificationError */
  verifyFile(bundle: Bundle, path: string): Promise<SignedBy>;
  /**
   * Who signed bytes, for the older tag scheme, undefined for somebody else; absent where only
   * bundles are verified.
   */
  readonly verifyBytes?: (bytes: Uint8Array, signature: Uint8Array) => SignedBy | undefined;
}

/** Trusts a public key. Entries of a transparency log, if there are any, are not asked for. */
export function keyVerifier(publicKey: KeyObject): SignatureVerifier {
  const who = { key: keyFingerprint(publicKey) };
  const name = signedByText(who);
  const fits = (bytes: Uint8Array, signature: Uint8Array) => verify("sha256", bytes, publicKey, signature);
  return {
    name,
    publicKey: publicKeyPem(publicKey),
    verifyEnvelope: async ({ dsseEnvelope }) => {
      if (!dsseEnvelope) throw new VerificationError("is the signature of a file, not of a statement");
      const payload = Buffer.from(dsseEnvelope.payload, "base64");
      const signed = preAuthEncoding(dsseEnvelope.payloadType, payload);
      if (!dsseEnvelope.signatures.some(({ sig }) => fits(signed, Buffer.from(sig, "base64")))) {
        throw new VerificationError(`is not signed with ${name}`);
      }
      return who;
    },
    verifyFile: async ({ messageSignature }, path) => {
      if (!messageSignature) throw new VerificationError("is the signature of a statement, not of a file");
      const content = createVerify("sha256");
      await pipeline(createReadStream(path), content);
      if (!content.verify(publicKey, Buffer.from(messageSignature.signature, "base64"))) {
        throw new VerificationError(`is not a signature of ${path} with ${name}`);
      }
      return who;
    },
    verifyBytes: (bytes, signature) => (fits(bytes, signature) ? who : undefined),
  };
}
