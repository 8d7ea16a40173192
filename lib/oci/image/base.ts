import { parseBoundedJson } from "../bounded-json";
import { CollectedBytes } from "../collected-bytes";
import { digestOf, isDigest } from "../digest";
import { DigestMismatchError } from "../errors";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType, MediaType } from "../media-types";
import {
  formatPlatform,
  matchesPlatform,
  normalizePlatform,
  runsOn,
  statedPlatform,
  variantNumber,
} from "../platform";
import type { Repository } from "../repository";
import type { Descriptor, FetchedManifest, Platform } from "../types";
import type { ImageConfigFile } from "./config";
import { imageConfig, isAttestation, isSilent, maximumConfigSize, mostAsked } from "./silent-entries";

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

/** Indexes inside of indexes that are followed. */
const maximumDepth = 4;

/**
 * Reads the image of a platform: by a manifest, or by an index that lists one for it. OCI and
 * Docker media types.
 *
 * @param reference tag or digest; undefined for what a layout has, where that is one thing
 * @throws BaseImageError where there is none for the platform, or it is not an image
 * @throws DigestMismatchError where the content is not what it should be
 */
export async function readBase(
  repository: Repository,
  reference: string | undefined,
  platform: Platform,
): Promise<BaseImage> {
  const name = nameOf(repository, reference);
  const { manifest, config } = await findImage(repository, reference, platform, name);
  const { bytes, file } = config ?? (await configOf(repository, manifest, name));
  const parsed = manifestContent(manifest.bytes);
  if (!file.os || !file.architecture || !isFor(platform, file)) {
    const actual = file.os && file.architecture ? formatPlatform(file) : "no platform at all";
    throw new BaseImageError(
      `${name} is for ${actual}, not for ${formatPlatform(platform)}: choose a base for that platform`,
    );
  }
  const layers = parsed?.layers ?? [];
  const diffIds = file.rootfs?.diff_ids ?? (layers.length === 0 ? [] : undefined);
  if (!parsed?.config || !Array.isArray(diffIds) || diffIds.length !== layers.length) {
    throw new BaseImageError(
      `${name} is damaged: its manifest lists ${layers.length} layers and its configuration ` +
        `${Array.isArray(diffIds) ? diffIds.length : "none"}`,
    );
  }
  return { manifest, config: { descriptor: parsed.config, bytes, file }, layers, repository };
}

/** Returns whether an image can be started on a platform; its configuration need not say the variant. */
function isFor(platform: Platform, { os, architecture, variant }: Platform): boolean {
  const offered = variant ? { os, architecture, variant } : { ...platform, os, architecture };
  return matchesPlatform(platform, offered) || runsOn(platform, offered);
}

function nameOf(repository: Repository, reference: string | undefined): string {
  if (reference === undefined) return repository.name;
  return `${repository.name}${reference.includes(":") ? "@" : ":"}${reference}`;
}

interface ReadConfig {
  bytes: Buffer;
  file: ImageConfigFile;
}

interface FoundImage {
  manifest: FetchedManifest;
  /** Where it was read to learn the platform. */
  config?: ReadConfig;
}

async function findImage(
  repository: Repository,
  reference: string | undefined,
  platform: Platform,
  name: string,
): Promise<FoundImage> {
  const search = new ImageSearch(repository, platform, name);
  // A layout may have several things under a name, or without one: together they are as an index.
  const listed = await repository.listedManifests?.(reference);
  if (listed && listed.length > 1) return search.among(listed);
  const found = listed?.[0]?.digest ?? reference;
  if (found === undefined) {
    const tags = (await repository.listTags()).slice(0, 20).join(", ");
    throw new BaseImageError(
      tags === "" ? `${name} has no image` : `${name} has several images: name one of the tags ${tags}`,
    );
  }
  return search.from(found);
}

/** Looks for the image of a platform, through indexes. */
class ImageSearch {
  private readonly offered = new Set<string>();
  private asked = 0;

  constructor(
    private readonly repository: Repository,
    private readonly platform: Platform,
    private readonly name: string,
  ) {}

  /** @throws BaseImageError */
  async from(reference: string): Promise<FoundImage> {
    return (await this.find(reference, 0)) ?? this.none();
  }

  /** @throws BaseImageError */
  async among(listed: readonly Descriptor[]): Promise<FoundImage> {
    return (await this.choose(listed, 0)) ?? this.none();
  }

  private none(): never {
    const offered = [...this.offered];
    throw new BaseImageError(
      `${this.name} has no image for ${formatPlatform(this.platform)}; ` +
        (offered.length > 0 ? `it has ${offered.join(", ")}` : "its manifests name no platform"),
    );
  }

  private async find(reference: string, depth: number): Promise<FoundImage | undefined> {
    const manifest = await this.repository.getManifest(reference);
    const { mediaType } = manifest.descriptor;
    if (isManifestMediaType(mediaType)) return { manifest };
    if (!isIndexMediaType(mediaType)) {
      throw new BaseImageError(
        `${this.name} is of type ${JSON.stringify(mediaType)}, which is not an image: push it again ` +
          "with a current client",
      );
    }
    if (depth >= maximumDepth) throw new BaseImageError(`${this.name} is an index nested too deeply`);
    return this.choose(manifestContent(manifest.bytes)?.manifests ?? [], depth);
  }

  /**
   * The first that is stated to be for the platform, as it is written before what is the same
   * machine, and that before what is for an older variant. What states none is asked: another index for what it lists, an image for its
   * configuration.
   */
  private async choose(listed: readonly Descriptor[], depth: number): Promise<FoundImage | undefined> {
    const stated = listed.flatMap((descriptor) => {
      const of = statedPlatform(descriptor);
      return of && !isAttestation(descriptor) ? [{ descriptor, of }] : [];
    });
    for (const { of } of stated) this.offered.add(formatPlatform(of));
    const wanted = formatPlatform(normalizePlatform(this.platform));
    const exact = stated.filter(({ of }) => formatPlatform(of) === wanted);
    const same = stated.filter(({ of }) => matchesPlatform(this.platform, of));
    const older = stated
      .filter(({ of }) => runsOn(this.platform, of))
      .sort((a, b) => variantNumber(b.of) - variantNumber(a.of));
    for (const { descriptor } of new Set([...exact, ...same, ...older])) {
      const found = await this.find(this.digestOf(descriptor), depth + 1);
      if (found) return found;
    }
    for (const descriptor of listed) {
      if (!isSilent(descriptor)) continue;
      const found = await this.ask(descriptor, depth);
      if (found) return found;
    }
    return undefined;
  }

  private async ask(descriptor: Descriptor, depth: number): Promise<FoundImage | undefined> {
    if (++this.asked > mostAsked) return undefined;
    const found = await this.find(this.digestOf(descriptor), depth + 1);
    if (!found || isIndexMediaType(descriptor.mediaType)) return found;
    if (found.config) return found;
    if (!imageConfig(found.manifest)) return undefined;
    const config = await configOf(this.repository, found.manifest, this.name);
    const of = config.file.os && config.file.architecture ? normalizePlatform(config.file) : undefined;
    if (of && isFor(this.platform, of)) return { ...found, config };
    if (of)
      this.offered.add(formatPlatform({ os: of.os, architecture: of.architecture, variant: of.variant }));
    return undefined;
  }

  private digestOf({ digest }: Descriptor): string {
    if (isDigest(digest)) return digest;
    throw new BaseImageError(
      `${this.name} names its image for ${formatPlatform(this.platform)} by ${JSON.stringify(digest)}, ` +
        "which is not a digest",
    );
  }
}

/** Configuration of an image. @throws BaseImageError for what is none */
async function configOf(
  repository: Repository,
  manifest: FetchedManifest,
  name: string,
): Promise<ReadConfig> {
  const config = imageConfig(manifest);
  if (!config) {
    const { mediaType } = manifestContent(manifest.bytes)?.config ?? {};
    throw new BaseImageError(
      `${name} is not an image: its configuration is ${JSON.stringify(mediaType)}, ` +
        `and that of an image is "${MediaType.ociConfig}"`,
    );
  }
  const bytes = await readConfig(repository, config, name);
  return { bytes, file: parseJson<ImageConfigFile>(bytes, `configuration of ${name}`) };
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
