/** A signed payload (secure-systems-lab/dsse, envelope.md). Binary values are base64. */
export interface Envelope {
  payload: string;
  payloadType: string;
  signatures: EnvelopeSignature[];
}

export interface EnvelopeSignature {
  sig: string;
  /**
   * Always empty here: cosign passes over a signature whose `keyid` is not its own name of the key.
   */
  keyid?: string;
}

/**
 * Returns what is signed of a payload: the pre-authentication encoding (secure-systems-lab/dsse,
 * protocol.md).
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** An envelope with one signature. */
export function makeEnvelope(payloadType: string, payload: Uint8Array, signature: Uint8Array): Envelope {
  return {
    payload: Buffer.from(payload).toString("base64"),
    payloadType,
    signatures: [{ sig: Buffer.from(signature).toString("base64") }],
  };
}
