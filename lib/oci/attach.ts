import { Readable } from "node:stream";
import { defined } from "../objects/defined";
import { CollectedBytes } from "./collected-bytes";
import { digestOf } from "./digest";
import { imageManifest } from "./image/manifest";
import { manifestContent } from "./manifest-content";
import { MediaType } from "./media-types";
import { isUnknownContent } from "./errors";
import type { PutBlobOptions, Repository } from "./repository";
import type { Annotations, Descriptor } from "./types";

/**
 * The empty configuration of an artifact (image-spec/manifest.md, "Guidance for an Empty
 * Descriptor").
 */
const emptyConfig = Buffer.from("{}");

/**
 * Documents about images that are read whole, such as SBOMs, have some megabytes. Most bytes of
 * one.
 */
export const documentLimitBytes = 64 * 1024 * 1024;

/** A blob with more bytes than it can have for what it is said to be. */
export class BlobTooLargeError extends Error {
  override readonly name = "BlobTooLargeError";
}

/** Content that refers to a manifest or index. */
export interface AttachedContent {
  /**
   * Purpose of the content, e.g. `application/sarif+json` (image-spec/manifest.md, "artifactType").
   */
  artifactType: string;
  /** Media type of the content. */
  mediaType: string;
  bytes: Buffer;
  /** Annotations of the artifact. */
  annotations?: Annotations;
  /** Whether the content was made just now, and can be nowhere. */
  isNew?: boolean;
}

/** Repositories that have the empty configuration, as this process has seen. */
const haveEmptyConfig = new WeakMap<Repository, Promise<Descriptor>>();

/**
 * Attaches content to a manifest or index: an artifact with the content as its one layer and that
 * as its subject. There is no time in it, so that the same content is the same artifact, and
 * attaching it again changes nothing.
 *
 * @param subject descriptor of what it refers to, which is in the repository
 * @returns descriptor of the artifact's manifest
 * @throws RegistryError
 */
export async function attach(
  repository: Repository,
  subject: Descriptor,
  content: AttachedContent,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const { isNew } = content;
  const [config, layer] = await Promise.all([
    putEmptyConfig(repository),
    putBytes(repository, content.bytes, content.mediaType, { signal, isNew }),
  ]);
  const { mediaType, digest, size } = subject;
  const { bytes, descriptor } = imageManifest(
    config,
    [layer],
    defined({
      artifactType: content.artifactType,
      subject: { mediaType, digest, size },
      annotations: content.annotations,
    }),
  );
  await putWithEmptyConfig(repository, bytes, descriptor.mediaType);
  return { ...descriptor, artifactType: content.artifactType };
}

/** Puts the empty configuration where this process has not put it yet: every artifact has it. */
export async function putEmptyConfig(repository: Repository): Promise<Descriptor> {
  const known = haveEmptyConfig.get(repository);
  if (known) return known;
  const put = putBytes(repository, emptyConfig, MediaType.ociEmpty);
  haveEmptyConfig.set(repository, put);
  try {
    return await put;
  } catch (error) {
    haveEmptyConfig.delete(repository);
    throw error;
  }
}

/**
 * Puts the manifest of an artifact, again where the registry has lost the empty configuration since
 * it was put.
 */
export async function putWithEmptyConfig(
  repository: Repository,
  bytes: Uint8Array,
  mediaType: string,
): Promise<void> {
  try {
    await repository.putManifest(bytes, mediaType);
  } catch (error) {
    if (!isUnknownContent(error)) throw error;
    haveEmptyConfig.delete(repository);
    await putEmptyConfig(repository);
    await repository.putManifest(bytes, mediaType);
  }
}

/**
 * The content of an artifact with one layer.
 *
 * @param limit in bytes; more is refused before it is read
 * @throws Error for what is no such artifact; RegistryError
 */
export async function attachedContent(
  repository: Repository,
  digest: string,
  limit: number,
): Promise<AttachedContent> {
  const { bytes } = await repository.getManifest(digest);
  const manifest = manifestContent(bytes);
  const [layer, ...others] = manifest?.layers ?? [];
  if (!layer || others.length > 0) {
    throw new Error(
      `${repository.name}@${digest} does not carry one document: it has ${manifest?.layers?.length ?? 0}`,
    );
  }
  return {
    artifactType: manifest?.artifactType ?? manifest?.config?.mediaType ?? "",
    mediaType: layer.mediaType,
    bytes: await readBlob(repository, layer, limit),
  };
}

/**
 * All of a blob, checked against its digest.
 *
 * @param limit in bytes
 * @throws BlobTooLargeError, before anything is read, for a blob that has more; RegistryError,
 * DigestMismatchError
 */
export async function readBlob(
  repository: Repository,
  descriptor: Pick<Descriptor, "digest" | "size">,
  limit: number,
): Promise<Buffer> {
  const { digest, size } = descriptor;
  if (!Number.isSafeInteger(size) || size < 0 || size > limit) {
    throw new BlobTooLargeError(
      `${repository.name}@${digest} has ${JSON.stringify(size)} bytes; at most ${limit} of what it is said to be are read`,
    );
  }
  const collected = new CollectedBytes(size);
  for await (const chunk of await repository.getBlob(descriptor)) collected.push(chunk as Buffer);
  return collected.bytes();
}

/** Puts a blob that is in memory. */
export async function putBytes(
  repository: Repository,
  bytes: Buffer,
  mediaType: string,
  options: PutBlobOptions = {},
): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await repository.putBlob(descriptor, (offset) => Readable.from([bytes.subarray(offset)]), options);
  return descriptor;
}
