import { isUtf8 } from "node:buffer";
import { repeatedKey } from "../oci/repeated-keys";
import { strangeField, type Fields } from "./fields";

/**
 * What a signature of the older scheme signs: a "simple signing" payload.
 *
 * Source: sigstore/cosign, specs/SIGNATURE_SPEC.md; containers/image,
 * docs/containers-signature.5.md.
 */

const payloadType = "cosign container image signature";

/** Fields of a payload: podman and skopeo refuse one with others, or with one of these twice. */
const payloadFields: Fields = {
  critical: {
    identity: { "docker-reference": "anything" },
    image: { "docker-manifest-digest": "anything" },
    type: "anything",
  },
  optional: "anything",
};

/** The payload of an image. @param name of its repository */
export function encodePayload(
  name: string,
  digest: string,
  annotations: Readonly<Record<string, string>>,
): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": name },
        image: { "docker-manifest-digest": digest },
        type: payloadType,
      },
      optional: Object.keys(annotations).length > 0 ? annotations : null,
    }),
  );
}

/** Returns whether bytes are the payload of an image, with these annotations, for every reader. */
export function isPayloadFor(
  payload: Uint8Array,
  digest: string,
  annotations: Readonly<Record<string, string>> = {},
): boolean {
  try {
    const content = JSON.parse(Buffer.from(payload).toString("utf8")) as {
      critical?: { image?: Record<string, unknown>; type?: unknown };
      optional?: Record<string, unknown> | null;
    } | null;
    return (
      isUtf8(payload) &&
      repeatedKey(payload) === undefined &&
      strangeField(content, payloadFields) === undefined &&
      content?.critical?.type === payloadType &&
      content.critical.image?.["docker-manifest-digest"] === digest &&
      Object.entries(annotations).every(([key, value]) => content.optional?.[key] === value)
    );
  } catch {
    return false;
  }
}
