import type { Envelope } from "./dsse";

/**
 * A signature with all that is needed to verify it, as JSON (sigstore/protobuf-specs,
 * sigstore_bundle.proto). It has either an envelope or the signature of a file.
 */
export interface Bundle {
  mediaType: string;
  verificationMaterial: VerificationMaterial;
  dsseEnvelope?: Envelope;
  messageSignature?: MessageSignature;
}

/** Who signed: a key by its hint, or a certificate with the log's entries. */
export interface VerificationMaterial {
  publicKey?: { hint?: string };
  certificate?: { rawBytes: string };
  x509CertificateChain?: { certificates: { rawBytes: string }[] };
  tlogEntries?: unknown[];
  timestampVerificationData?: unknown;
}

/** The signature of a file. Binary values are base64. */
export interface MessageSignature {
  messageDigest?: { algorithm: string; digest: string };
  signature: string;
}
