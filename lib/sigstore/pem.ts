/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** The words between `BEGIN` and the dashes, e.g. `PUBLIC KEY`. */
  label: string;
  bytes: Buffer;
}

/** The first PEM block of a text; undefined where there is none. */
export function readPem(text: string): PemBlock | undefined {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text);
  return match ? { label: match[1] ?? "", bytes: Buffer.from(match[2] ?? "", "base64") } : undefined;
}

/** Writes a PEM block, 64 characters a line. */
export function writePem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString("base64")
    .replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
