import { isAscii } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { parseBoundedJson } from "../oci/bounded-json";
import { repeatedKey } from "../oci/repeated-keys";
import { bundleDamage } from "./bundle-damage";
import type { Bundle } from "./bundle-parts";
import { makeEnvelope } from "./dsse";
import { VerificationError } from "./errors";
import { keyHint } from "./key";

export type { Bundle, MessageSignature, VerificationMaterial } from "./bundle-parts";

/** Media type of a Sigstore bundle v0.3, and of the referrers that carry one. */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Values of a bundle: the proofs of a few entries of a log; its payload is one. */
const maximumValues = 100_000;

/**
 * Bytes of a bundle that may have other characters than ASCII, e.g. in the name of a key. What
 * makes one large is base64, and with one other character in it V8 holds all of the text at twice
 * its size.
 */
const otherCharactersLimitBytes = 1024 * 1024;

/**
 * Media types of bundles that are read: v0.3, and the earlier ones that other tools still write.
 */
const readableMediaTypes: ReadonlySet<string> = new Set([
  bundleMediaType,
  "application/vnd.dev.sigstore.bundle+json;version=0.3",
  "application/vnd.dev.sigstore.bundle+json;version=0.2",
  "application/vnd.dev.sigstore.bundle+json;version=0.1",
]);

/** A bundle of an envelope that a key signed. */
export function envelopeBundle(
  payloadType: string,
  payload: Uint8Array,
  signature: Uint8Array,
  publicKey: KeyObject,
): Bundle {
  return {
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint: keyHint(publicKey) } },
    dsseEnvelope: makeEnvelope(payloadType, payload, signature),
  };
}

/** A bundle of a file that a key signed. @param sha256 hash of the file's content */
export function messageBundle(sha256: Uint8Array, signature: Uint8Array, publicKey: KeyObject): Bundle {
  return {
    mediaType: bundleMediaType,
    verificationMaterial: { publicKey: { hint: keyHint(publicKey) } },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(sha256).toString("base64") },
      signature: Buffer.from(signature).toString("base64"),
    },
  };
}

/** A bundle as its file or blob has it. */
export function encodeBundle(bundle: Bundle): Buffer {
  return Buffer.from(JSON.stringify(bundle));
}

/** Reads a bundle. @throws VerificationError where the bytes are none */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > otherCharactersLimitBytes && !isAscii(bytes)) {
    throw new VerificationError(
      `is not a Sigstore bundle: it has ${bytes.length} bytes, with characters outside of base64`,
    );
  }
  let value: Partial<Bundle> | null;
  try {
    value = parseBoundedJson(bytes, maximumValues) as Partial<Bundle> | null;
  } catch {
    throw new VerificationError("is not a Sigstore bundle: it is not JSON");
  }
  if (value === null || typeof value !== "object") throw new VerificationError("is not a Sigstore bundle");
  const { mediaType } = value;
  if (typeof mediaType !== "string" || !readableMediaTypes.has(mediaType)) {
    throw new VerificationError(
      `is not a Sigstore bundle of a known version: its media type is ${JSON.stringify(mediaType)}`,
    );
  }
  const repeated = repeatedKey(bytes);
  const damage =
    repeated === undefined ? bundleDamage(value) : `it has ${JSON.stringify(repeated)} twice in one object`;
  if (damage !== undefined) throw new VerificationError(`is a damaged Sigstore bundle: ${damage}`);
  return value as Bundle;
}
