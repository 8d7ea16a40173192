import { createHash, createSign, sign, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { envelopeBundle, messageBundle } from "./bundle";
import { preAuthEncoding } from "./dsse";
import { publicKeyOf } from "./key";
import type { Signer } from "./signer";
import { encodeStatement, statementPayloadType } from "./statement";
import { keyVerifier } from "./verifier";

/** Holder of a private key that signs with it: ECDSA with P-256 and SHA-256, as ASN.1. */
export interface KeyHolder {
  readonly publicKey: KeyObject;
  signBytes(bytes: Uint8Array): Promise<Buffer>;
  /** Signs a file's content; its hash is given back too. */
  signFile(path: string): Promise<{ sha256: Buffer; signature: Buffer }>;
}

/** A signer with a private key of this process. */
export function keySigner(privateKey: KeyObject): Signer {
  return signerWith({
    publicKey: publicKeyOf(privateKey),
    signBytes: async (bytes) => sign("sha256", bytes, privateKey),
    signFile: async (path) => {
      const hash = createHash("sha256");
      const content = createSign("sha256");
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        content.update(chunk);
      }
      return { sha256: hash.digest(), signature: content.sign(privateKey) };
    },
  });
}

/** A signer whose signatures come from a key, wherever that is. */
export function signerWith(holder: KeyHolder): Signer {
  const verifier = keyVerifier(holder.publicKey);
  return {
    id: verifier.name,
    verifier,
    signStatement: async (statement) => {
      const payload = encodeStatement(statement);
      const signature = await holder.signBytes(preAuthEncoding(statementPayloadType, payload));
      return envelopeBundle(statementPayloadType, payload, signature, holder.publicKey);
    },
    signFile: async (path) => {
      const { sha256, signature } = await holder.signFile(path);
      return messageBundle(sha256, signature, holder.publicKey);
    },
    signBytes: (bytes) => holder.signBytes(bytes),
  };
}
