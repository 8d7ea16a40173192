import { createHash, createVerify, verify, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Bundle, MessageSignature, VerificationMaterial } from "./bundle";
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
    verifyEnvelope: async ({ dsseEnvelope, verificationMaterial }) => {
      if (!dsseEnvelope) throw new VerificationError("is the signature of a file, not of a statement");
      refuseCertificate(verificationMaterial, name);
      const payload = Buffer.from(dsseEnvelope.payload, "base64");
      const signed = preAuthEncoding(dsseEnvelope.payloadType, payload);
      if (!dsseEnvelope.signatures.some(({ sig }) => fits(signed, Buffer.from(sig, "base64")))) {
        throw new VerificationError(`is not signed with ${name}`);
      }
      return who;
    },
    verifyFile: async ({ messageSignature, verificationMaterial }, path) => {
      if (!messageSignature) throw new VerificationError("is the signature of a statement, not of a file");
      refuseCertificate(verificationMaterial, name);
      const [content, hash] = [createVerify("sha256"), createHash("sha256")];
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        content.update(chunk);
        hash.update(chunk);
      }
      refuseOtherDigest(messageSignature, hash.digest(), path);
      if (!content.verify(publicKey, Buffer.from(messageSignature.signature, "base64"))) {
        throw new VerificationError(`is not a signature of ${path} with ${name}`);
      }
      return who;
    },
    verifyBytes: (bytes, signature) => (fits(bytes, signature) ? who : undefined),
  };
}

/**
 * Refuses the signature of a file that says to be of other content: it is the digest that others
 * look at first.
 *
 * @throws VerificationError
 */
export function refuseOtherDigest({ messageDigest }: MessageSignature, sha256: Buffer, path: string): void {
  const { algorithm = "no digest", digest = "" } = messageDigest ?? {};
  const claimed = Buffer.from(digest, "base64");
  if (algorithm === "SHA2_256" && claimed.equals(sha256)) return;
  throw new VerificationError(
    `is not a signature of ${path}: it is one of ${algorithm} ${claimed.toString("hex")}, ` +
      `and the file has SHA2_256 ${sha256.toString("hex")}`,
  );
}

/** With a certificate in it, other verifiers take the key of that, not the one that is trusted. */
function refuseCertificate({ publicKey }: VerificationMaterial, name: string): void {
  if (!publicKey) throw new VerificationError(`is signed with a certificate, not with ${name}`);
}
