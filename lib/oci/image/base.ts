import { parseBoundedJson } from "../bounded-json";
import { CollectedBytes } from "../collected-bytes";
import { digestOf, isDigest } from "../digest";
import { DigestMismatchError } from "../errors";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType, MediaType } from "../media-types";
import { formatPlatform, matchesPlatform } from "../platform";
import type { Repository } from "../repository";
import type { Descriptor, FetchedManifest, Platform } from "../types";
import type { ImageConfigFile } from "./config";

/** An image that others are built on. */
export interface BaseImage {
  /** Manifest of the platform, bytes as fetched. */
  readonly manifest: FetchedManifest;
  readonly config: {
    readonly descriptor: Descriptor;
    /** As stored. */
    readonly bytes: Buffer;
    readonly file: ImageConfigFile;
  };
  /** Layers, lowest first, as the manifest has them. */
  readonly layers: readonly Descriptor[];
  /** Where the blobs are. */
  readonly repository: Repository;
}

/** An image that cannot be a base. The message says why, and what would. */
export class BaseImageError extends Error {
  override readonly name = "BaseImageError";
}

/** Configurations are a few kilobytes; more than this, in bytes, is no configuration. */
export const maximumConfigSize = 8 * 1024 * 1024;

/** Indexes inside of indexes that are followed. */
const maximumDepth = 4;

const configMediaTypes: ReadonlySet<string> = new Set([MediaType.ociConfig, MediaType.dockerConfig]);

/**
 * Reads the image of a platform: by a manifest, or by an index that lists one for it. OCI and
 * Docker media types.
 *
 * @param reference tag or digest
 * @throws BaseImageError where there is none for the platform, or it is not an image
 * @throws DigestMismatchError where the content is not what it should be
 */
export async function readBase(
  repository: Repository,
  reference: string,
  platform: Platform,
): Promise<BaseImage> {
  const name = `${repository.name}${reference.includes(":") ? "@" : ":"}${reference}`;
  const manifest = await findManifest(repository, reference, platform, name, 0);
  const parsed = manifestContent(manifest.bytes) ?? {};
  if (!parsed.config || !Array.isArray(parsed.layers) || !configMediaTypes.has(parsed.config.mediaType)) {
    throw new BaseImageError(
      `${name} is not an image: its configuration is ${JSON.stringify(parsed.config?.mediaType)}, ` +
        `and that of an image is "${MediaType.ociConfig}"`,
    );
  }
  const bytes = await readConfig(repository, parsed.config, name);
  const file = parseJson<ImageConfigFile>(bytes, `configuration of ${name}`);
  if (!file.os || !file.architecture || !matchesPlatform(platform, file)) {
    const actual = file.os && file.architecture ? formatPlatform(file) : "no platform at all";
    throw new BaseImageError(
      `${name} is for ${actual}, not for ${formatPlatform(platform)}: choose a base for that platform`,
    );
  }
  const diffIds = file.rootfs?.diff_ids;
  if (!Array.isArray(diffIds) || diffIds.length !== parsed.layers.length) {
    throw new BaseImageError(
      `${name} is damaged: its manifest lists ${parsed.layers.length} layers and its configuration ` +
        `${Array.isArray(diffIds) ? diffIds.length : "none"}`,
    );
  }
  return {
    manifest,
    config: { descriptor: parsed.config, bytes, file },
    layers: parsed.layers,
    repository,
  };
}

async function findManifest(
  repository: Repository,
  reference: string,
  platform: Platform,
  name: string,
  depth: number,
): Promise<FetchedManifest> {
  const fetched = await repository.getManifest(reference);
  const { mediaType } = fetched.descriptor;
  if (isManifestMediaType(mediaType)) return fetched;
  if (!isIndexMediaType(mediaType)) {
    throw new BaseImageError(
      `${name} is of type ${JSON.stringify(mediaType)}, which is not an image: push it again ` +
        "with a current client",
    );
  }
  if (depth >= maximumDepth) throw new BaseImageError(`${name} is an index nested too deeplyly`);
  const index = manifestContent(fetched.bytes) ?? {};
  const offered = (index.manifests ?? []).filter(({ platform: of }) => of && of.os !== "unknown");
  const wanted = formatPlatform(platform);
  const found =
    offered.find(({ platform: of }) => of && formatPlatform(of) === wanted) ??
    offered.find(({ platform: of }) => of && matchesPlatform(platform, of));
  if (found) {
    if (!isDigest(found.digest)) {
      throw new BaseImageError(
        `${name} names its image for ${wanted} by ${JSON.stringify(found.digest)}, which is not a digest`,
      );
    }
    return findManifest(repository, found.digest, platform, name, depth + 1);
  }
  const available = [...new Set(offered.map(({ platform: of }) => of && formatPlatform(of)))];
  throw new BaseImageError(
    `${name} has no image for ${wanted}; ` +
      (available.length > 0 ? `it has ${available.join(", ")}` : "its manifests name no platform"),
  );
}

async function readConfig(repository: Repository, descriptor: Descriptor, name: string): Promise<Buffer> {
  if (!(descriptor.size >= 0 && descriptor.size <= maximumConfigSize)) {
    throw new BaseImageError(
      `${name} has a configuration of ${descriptor.size} bytes, more than ` +
        `${maximumConfigSize}: it is not an image`,
    );
  }
  const collected = new CollectedBytes(descriptor.size);
  let size = 0;
  for await (const part of await repository.getBlob(descriptor)) {
    size += (part as Buffer).length;
    if (size > descriptor.size) break;
    collected.push(part as Buffer);
  }
  const bytes = collected.bytes();
  if (size !== descriptor.size || digestOf(bytes) !== descriptor.digest) {
    throw new DigestMismatchError(
      `configuration of ${name}`,
      `${descriptor.digest} (${descriptor.size} bytes)`,
      `${digestOf(bytes)} (${size} bytes)`,
    );
  }
  return bytes;
}

function parseJson<T>(bytes: Buffer, what: string): T {
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(bytes);
  } catch (error) {
    throw new BaseImageError(`${what} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (parsed === null || typeof parsed !== "object") throw new BaseImageError(`${what} is not a JSON object`);
  return parsed as T;
}
