import { createHash } from "node:crypto";

/**
 * `sha256:` and 64 lower-case hexadecimal digits (image-spec/descriptor.md, "Registered
 * algorithms").
 */
const sha256Pattern = /^sha256:[a-f0-9]{64}$/;

/**
 * Returns whether a text is a well-formed SHA-256 digest. Other algorithms are not used by Slipway.
 */
export function isDigest(text: string): boolean {
  return sha256Pattern.test(text);
}

/** The digest of bytes or of a UTF-8 text, as `sha256:<hex>`. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The hexadecimal part of a digest. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/**
 * Name of the file or folder for content with a digest.
 *
 * @throws Error for what is not a digest: a text of others would choose a path
 */
export function digestFileName(digest: string): string {
  if (!isDigest(digest)) throw new Error(`${JSON.stringify(digest)} is not a SHA-256 digest`);
  return digestHex(digest);
}

/** A digest short enough for a message: the algorithm and twelve digits. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, digest.indexOf(":") + 1)}${digestHex(digest).slice(0, 12)}`;
}
