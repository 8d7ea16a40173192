import { createVerify, verify, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Bundle } from "./bundle";
import { preAuthEncoding } from "./dsse";
import { VerificationError } from "./errors";
import { keyName, publicKeyPem } from "./key";

/** Whoever is trusted to have signed: a public key, or an identity that an issuer vouches for. */
export interface SignatureVerifier {
  /** Who is trusted, as messages name it. */
  readonly name: string;
  /** The public key (SPKI PEM), where it is one. */
  readonly publicKey?: string;
  /** Verifies the signature of a bundle's envelope; its content is not looked at. Returns who signed. @throws VerificationError */
  verifyEnvelope(bundle: Bundle): Promise<string>;
  /** Verifies the signature of a file. Returns who signed. @throws VerificationError */
  verifyFile(bundle: Bundle, path: string): Promise<string>;
  /** Whether bytes have a signature, for the older tag scheme; undefined where only bundles are verified. */
  readonly verifyBytes?: (bytes: Uint8Array, signature: Uint8Array) => boolean;
}

/** Trusts a public key. Entries of a transparency log, if there are any, are not asked for. */
export function keyVerifier(publicKey: KeyObject): SignatureVerifier {
  const name = keyName(publicKey);
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
      return name;
    },
    verifyFile: async ({ messageSignature }, path) => {
      if (!messageSignature) throw new VerificationError("is the signature of a statement, not of a file");
      const content = createVerify("sha256");
      await pipeline(createReadStream(path), content);
      if (!content.verify(publicKey, Buffer.from(messageSignature.signature, "base64"))) {
        throw new VerificationError(`is no signature of ${path} with ${name}`);
      }
      return name;
    },
    verifyBytes: fits,
  };
}
