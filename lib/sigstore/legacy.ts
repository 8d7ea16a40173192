import { digestHex } from "../oci/digest";
import { isNotFound } from "../oci/errors";
import { manifestContent } from "../oci/manifest-content";
import { MediaType } from "../oci/media-types";
import type { Repository } from "../oci/repository";
import type { Descriptor, Manifest } from "../oci/types";
import { SigningError } from "./errors";
import { encodePayload, isPayloadFor } from "./legacy-payload";
import { putBytes, readBlob } from "../oci/attach";
import type { Signer } from "./signer";
import type { SignedBy } from "./signed-by";
import type { SignatureVerifier } from "./verifier";

/**
 * Signatures of the older scheme: "simple signing" payloads under the tag `sha256-<hex>.sig`. Tools
 * that do not know bundles find these.
 *
 * Source: sigstore/cosign, specs/SIGNATURE_SPEC.md.
 */

const payloadMediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
const signatureAnnotation = "dev.cosignproject.cosign/signature";

/** More than this is not a payload, in bytes. */
const payloadLimitBytes = 1024 * 1024;
/** Tries to add a signature while others add theirs: the tag is read, changed and written. */
const attempts = 5;

/** A signature of the older scheme that holds. */
export interface LegacySignature {
  /** Digest of the manifest under the tag. */
  referrer: string;
  /** Who signed. */
  signedBy: SignedBy;
}

/** Tag of the signatures of a digest. */
export function legacySignatureTag(digest: string): string {
  return `sha256-${digestHex(digest)}.sig`;
}

/**
 * The first signature of the older scheme by whom the verifier trusts, for this digest; undefined
 * where there is none.
 */
export async function findLegacySignature(
  repository: Repository,
  digest: string,
  verifier: SignatureVerifier,
  annotations: Readonly<Record<string, string>> = {},
): Promise<LegacySignature | undefined> {
  const found = verifier.verifyBytes && (await readSignatures(repository, digest));
  for (const layer of found?.layers ?? []) {
    const signature = layer.annotations?.[signatureAnnotation];
    if (layer.mediaType !== payloadMediaType || !signature || layer.size > payloadLimitBytes) continue;
    const payload = await readPayload(repository, layer);
    const signedBy = payload && verifier.verifyBytes?.(payload, Buffer.from(signature, "base64"));
    if (signedBy && isPayloadFor(payload, digest, annotations))
      return { referrer: found?.digest ?? "", signedBy };
  }
  return undefined;
}

/**
 * Adds a signature of the older scheme; those that are there stay. Returns the digest of the
 * manifest under the tag.
 *
 * @throws SigningError where the signer makes bundles only, or others keep writing the tag
 */
export async function addLegacySignature(
  repository: Repository,
  digest: string,
  signer: Signer,
  annotations: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<string> {
  if (!signer.signBytes) {
    throw new SigningError(`${signer.id} signs with bundles only: leave out \`legacy\`, or sign with a key`);
  }
  const payload = encodePayload(repository.name, digest, annotations);
  const signature = (await signer.signBytes(payload)).toString("base64");
  const blob = await putBytes(repository, payload, payloadMediaType, { signal });
  const layer: Descriptor = { ...blob, annotations: { [signatureAnnotation]: signature } };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = (await readSignatures(repository, digest))?.layers ?? [];
    const layers = [...before, layer];
    const config = await putBytes(repository, configOf(layers), MediaType.ociConfig, { signal });
    const manifest: Manifest = { schemaVersion: 2, mediaType: MediaType.ociManifest, config, layers };
    const tag = legacySignatureTag(digest);
    await repository.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest, { tag });
    // Somebody who read before this and wrote after it has dropped the signature: look what is
    // there now.
    const after = await readSignatures(repository, digest);
    if (after?.layers.some((one) => one.annotations?.[signatureAnnotation] === signature)) {
      return after.digest;
    }
  }
  throw new SigningError(
    `${repository.name}:${legacySignatureTag(digest)}: others keep writing this tag, and the signature is lost each time; try again`,
  );
}

async function readSignatures(
  repository: Repository,
  digest: string,
): Promise<{ digest: string; layers: readonly Descriptor[] } | undefined> {
  const tag = legacySignatureTag(digest);
  try {
    const { bytes, descriptor } = await repository.getManifest(tag);
    const layers = manifestContent(bytes)?.layers;
    return layers ? { digest: descriptor.digest, layers } : undefined;
  } catch (error) {
    if (isNotFound(error) || (error as Error).name === "NotInArchiveError") return undefined;
    throw error;
  }
}

/** A payload; undefined where it is gone or damaged. */
async function readPayload(repository: Repository, layer: Descriptor): Promise<Buffer | undefined> {
  try {
    return await readBlob(repository, layer, payloadLimitBytes);
  } catch (error) {
    if (isNotFound(error) || (error as Error).name === "DigestMismatchError") return undefined;
    throw error;
  }
}

/** A configuration as of an image with these layers, as clients expect it. */
function configOf(layers: readonly Descriptor[]): Buffer {
  const config = {
    architecture: "",
    created: "0001-01-01T00:00:00Z",
    history: layers.map(() => ({ created: "0001-01-01T00:00:00Z" })),
    os: "",
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  };
  return Buffer.from(JSON.stringify(config));
}
