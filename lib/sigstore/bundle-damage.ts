import type { Bundle, MessageSignature, VerificationMaterial } from "./bundle-parts";
import type { Envelope } from "./dsse";
import { strangeField, type Fields } from "./fields";

/**
 * Fields of a bundle of the versions that are read. One with others is refused, as by the parser of
 * the specification (protojson): `Payload` beside `payload` is for some readers the same field.
 *
 * Source: sigstore/protobuf-specs, sigstore_bundle.proto, sigstore_rekor.proto.
 */
const bundleFields: Fields = {
  mediaType: "anything",
  verificationMaterial: {
    publicKey: { hint: "anything" },
    certificate: { rawBytes: "anything" },
    x509CertificateChain: { certificates: { rawBytes: "anything" } },
    tlogEntries: {
      logIndex: "anything",
      logId: { keyId: "anything" },
      kindVersion: { kind: "anything", version: "anything" },
      integratedTime: "anything",
      inclusionPromise: { signedEntryTimestamp: "anything" },
      inclusionProof: {
        logIndex: "anything",
        rootHash: "anything",
        treeSize: "anything",
        hashes: "anything",
        checkpoint: { envelope: "anything" },
      },
      canonicalizedBody: "anything",
    },
    timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: "anything" } },
  },
  dsseEnvelope: {
    payload: "anything",
    payloadType: "anything",
    signatures: { sig: "anything", keyid: "anything" },
  },
  messageSignature: {
    messageDigest: { algorithm: "anything", digest: "anything" },
    signature: "anything",
  },
};

/** Entries of logs, and time stamps, of one bundle: one or two are usual, and each costs time. */
const maximumProofs = 32;

/**
 * Returns what is wrong with the parts of a bundle, whoever signed it; undefined where nothing is.
 *
 * @param bundle an object; nothing else is known of it
 */
export function bundleDamage(bundle: Partial<Bundle>): string | undefined {
  const strange = strangeField(bundle, bundleFields);
  if (strange !== undefined) return `it has ${JSON.stringify(strange)}, a field that no bundle has`;
  const { verificationMaterial: material, dsseEnvelope, messageSignature } = bundle;
  const parts = (dsseEnvelope === undefined ? 0 : 1) + (messageSignature === undefined ? 0 : 1);
  if (parts !== 1 || !isObject(material)) return "one signature with its material is expected";
  return (
    materialDamage(material) ??
    (messageSignature === undefined ? envelopeDamage(dsseEnvelope) : messageDamage(messageSignature))
  );
}

function materialDamage(material: VerificationMaterial): string | undefined {
  const { publicKey, certificate, x509CertificateChain, tlogEntries = [] } = material;
  const signers = [publicKey, certificate, x509CertificateChain].filter((one) => one !== undefined);
  if (signers.length !== 1 || !isObject(signers[0])) {
    return `its material has to name one key or certificate, and names ${signers.length}`;
  }
  if (!Array.isArray(tlogEntries) || !tlogEntries.every(isEntry)) return "it has entries of no log";
  const { timestampVerificationData: times } = material;
  const stamps = isObject(times) && "rfc3161Timestamps" in times ? times.rfc3161Timestamps : [];
  const count = tlogEntries.length + (Array.isArray(stamps) ? stamps.length : 0);
  return count > maximumProofs
    ? `it has ${count} entries of logs and time stamps, and at most ${maximumProofs} are read`
    : undefined;
}

/** An entry has what ties it to a log and to what was logged. */
function isEntry(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  const { logId, kindVersion, canonicalizedBody } = entry as Record<string, unknown>;
  return (
    isObject(logId) && "keyId" in logId && isObject(kindVersion) && typeof canonicalizedBody === "string"
  );
}

function envelopeDamage(envelope: Partial<Envelope> | null | undefined): string | undefined {
  if (
    typeof envelope?.payload !== "string" ||
    typeof envelope.payloadType !== "string" ||
    !Array.isArray(envelope.signatures) ||
    !envelope.signatures.every(isObject)
  ) {
    return "its envelope lacks a payload, the type of it, or signatures";
  }
  const { payload, signatures } = envelope;
  // One that holds would stand for others that do not.
  if (signatures.length !== 1) {
    return `an envelope in a bundle has one signature, and there are ${signatures.length}`;
  }
  const [{ sig, keyid = "" } = {}] = signatures as { sig?: unknown; keyid?: unknown }[];
  if (![payload, sig].every(isBase64)) return "its payload or its signature is not base64";
  return keyid === ""
    ? undefined
    : "its signature has a name for the key, and cosign passes over those with a name of their own";
}

function messageDamage(message: Partial<MessageSignature> | null): string | undefined {
  const { signature, messageDigest } = message ?? {};
  if (!isBase64(signature)) return "its signature is not base64";
  return messageDigest !== undefined && isBase64(messageDigest?.digest)
    ? undefined
    : "it lacks the digest of the file";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Decoders differ in what they make of anything else (RFC 4648, sections 3.1 to 3.3). */
function isBase64(text: unknown): boolean {
  return typeof text === "string" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
