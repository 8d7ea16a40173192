import { parseBoundedJson } from "../bounded-json";
import { digestHex, digestOf, isDigest } from "../digest";
import { DigestMismatchError } from "../errors";
import { manifestContent, manifestMediaType, type ManifestContent } from "../manifest-content";
import { isIndexMediaType, MediaType } from "../media-types";
import { checkDigest } from "../reference";
import type { Annotations, Descriptor, FetchedManifest, Index } from "../types";
import { ArchiveError, NotInArchiveError } from "./archive-error";
import { defined } from "../../objects/defined";

/** Annotation that holds the tag (image-spec/annotations.md). */
const refName = "org.opencontainers.image.ref.name";

/** The version that every layout has (image-spec/image-layout.md, "oci-layout file"). */
export const layoutVersion = "1.0.0";

/** More than this is not a manifest: registries refuse it. */
const maximumManifestSize = 4 * 1024 * 1024;

/** `index.json` lists a few hundred bytes a manifest; more than this is not a list. In bytes. */
export const maximumIndexSize = 16 * 1024 * 1024;

/** The files of an image layout, by their path in it, e.g. `index.json`. */
export interface LayoutFiles {
  /** Returns whether there is a layout at all; none is as an empty one. */
  exists(): Promise<boolean>;
  /** Size in bytes; undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** All of a file; undefined where there is none. */
  readAll(path: string): Promise<Buffer | undefined>;
}

/** Path of a blob in a layout. */
export function blobPath(digest: string): string {
  return `blobs/sha256/${digestHex(checkDigest(digest))}`;
}

/** The tag of what `index.json` lists; undefined for a manifest without one. */
export function tagOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[refName];
}

/**
 * What `index.json` lists under a tag. Names may be whole references (image-spec/annotations.md),
 * of which the tag is the end.
 */
export function taggedIn(listed: readonly Descriptor[], tag: string): Descriptor[] {
  const exact = listed.filter((descriptor) => tagOf(descriptor) === tag);
  if (exact.length > 0) return exact;
  const ending = listed.filter((descriptor) => tagOf(descriptor)?.endsWith(`:${tag}`));
  return new Set(ending.map(tagOf)).size === 1 ? ending : [];
}

/**
 * What is meant in a layout where nothing is named: `latest`, the only thing that there is, or the
 * things without a name, which are of several platforms.
 */
export function unnamedIn(listed: readonly Descriptor[]): Descriptor[] {
  const latest = taggedIn(listed, "latest");
  if (latest.length > 0) return latest;
  const images = listed.filter(({ artifactType }) => !artifactType);
  const names = new Set(images.flatMap((descriptor) => tagOf(descriptor) ?? []));
  if (names.size === 0) return images;
  const unnamed = images.some((descriptor) => tagOf(descriptor) === undefined);
  return names.size === 1 && !unnamed ? images : [];
}

/** See `Repository.listedManifests`: of an `index.json`. */
export function listedIn(listed: readonly Descriptor[], reference: string | undefined): Descriptor[] {
  if (reference === undefined) return unnamedIn(listed);
  return isDigest(reference) ? [] : taggedIn(listed, reference);
}

/** What an `index.json` lists; undefined where it lists nothing. Go writes an empty list as null. */
export function manifestsOf({ manifests }: { manifests?: unknown }): Descriptor[] | undefined {
  if (manifests === null) return [];
  return Array.isArray(manifests) ? (manifests as Descriptor[]) : undefined;
}

/** Returns what an index lists; nothing for what is none. */
export function childrenOf(content: ManifestContent | undefined): readonly Descriptor[] {
  return Array.isArray(content?.manifests) ? content.manifests : [];
}

/** A manifest's description in lists of referrers. */
interface Referring {
  subject?: string;
  artifactType?: string;
  annotations?: Annotations;
  /** Manifests that an index lists. */
  children: readonly Descriptor[];
}

/**
 * Reads manifests, tags and referrers of an image layout, wherever its files are.
 *
 * Source: image-spec/image-layout.md.
 */
export class LayoutReader {
  /** By digest; what has a digest never changes. */
  private readonly referring = new Map<string, Referring>();

  /** @param name of the layout, for messages */
  constructor(
    private readonly files: LayoutFiles,
    private readonly name: string,
  ) {}

  /**
   * `index.json`, an empty one where there is no layout yet.
   *
   * @throws ArchiveError where there is something else than a layout of version 1.0.0
   */
  async index(): Promise<Index> {
    const empty: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [] };
    if (!(await this.files.exists())) return empty;
    await this.checkVersion();
    const bytes = await this.readLimited("index.json", maximumIndexSize);
    if (!bytes) return empty;
    const index = this.parse<Index>(bytes, "index.json");
    const manifests = manifestsOf(index);
    if (!manifests) throw new ArchiveError(`${this.name} is damaged: index.json lists no manifests`);
    return { ...index, manifests };
  }

  /** See `Repository.listedManifests`. */
  async listedManifests(reference: string | undefined): Promise<Descriptor[]> {
    return listedIn((await this.index()).manifests, reference);
  }

  /** See `Repository.headManifest`. */
  async headManifest(reference: string): Promise<Descriptor | undefined> {
    const { manifests } = await this.index();
    const listed = isDigest(reference)
      ? manifests.find(({ digest }) => digest === reference)
      : taggedIn(manifests, reference)[0];
    if (listed) {
      return (await this.files.size(blobPath(listed.digest))) === undefined ? undefined : plain(listed);
    }
    if (!isDigest(reference)) return undefined;
    const bytes = await this.readLimited(blobPath(reference), maximumManifestSize);
    const mediaType = bytes && manifestMediaType(bytes);
    return bytes && mediaType ? { mediaType, digest: reference, size: bytes.length } : undefined;
  }

  /**
   * See `Repository.getManifest`.
   * @throws DigestMismatchError, and NotInArchiveError where there is none
   */
  async getManifest(reference: string): Promise<FetchedManifest> {
    const descriptor = await this.headManifest(reference);
    const bytes = descriptor && (await this.readLimited(blobPath(descriptor.digest), maximumManifestSize));
    if (!descriptor || !bytes) {
      throw new NotInArchiveError(
        this.name,
        "index.json",
        `manifest ${reference}`,
        ` (${await this.contentHint()})`,
      );
    }
    if (digestOf(bytes) !== descriptor.digest || bytes.length !== descriptor.size) {
      throw new DigestMismatchError(
        `manifest ${reference} in ${this.name}`,
        `${descriptor.digest} (${descriptor.size} bytes)`,
        `${digestOf(bytes)} (${bytes.length} bytes)`,
      );
    }
    return { descriptor, bytes };
  }

  /** See `Repository.listTags`. */
  async listTags(): Promise<string[]> {
    return (await this.index()).manifests.flatMap((descriptor) => tagOf(descriptor) ?? []);
  }

  /**
   * See `Repository.listReferrers`. A manifest counts where `index.json` lists it, or an index that
   * is listed there.
   */
  async listReferrers(digest: string, artifactType?: string): Promise<Descriptor[]> {
    checkDigest(digest);
    const referrers = new Map<string, Descriptor>();
    const consider = async (descriptor: Descriptor): Promise<Referring | undefined> => {
      const referring = await this.read(descriptor);
      const type = referring?.artifactType;
      if (referring?.subject === digest && (artifactType === undefined || type === artifactType)) {
        const { annotations } = referring;
        referrers.set(descriptor.digest, defined({ ...plain(descriptor), artifactType: type, annotations }));
      }
      return referring;
    };
    for (const listed of (await this.index()).manifests) {
      const { children = [] } = (await consider(listed)) ?? {};
      for (const child of children) await consider(child);
    }
    return [...referrers.values()];
  }

  private async read(descriptor: Descriptor): Promise<Referring | undefined> {
    const { digest } = descriptor;
    const known = this.referring.get(digest);
    if (known) return known;
    const bytes = await this.readLimited(blobPath(digest), maximumManifestSize);
    if (!bytes) return undefined;
    if (digestOf(bytes) !== digest) {
      throw new DigestMismatchError(`manifest ${digest} in ${this.name}`, digest, digestOf(bytes));
    }
    const manifest = manifestContent(bytes);
    if (!manifest) return undefined;
    const children = isIndexMediaType(descriptor.mediaType) ? childrenOf(manifest) : [];
    // distribution-spec 1.1, "Listing Referrers": the type of an image manifest without one is its
    // configuration's.
    const artifactType = manifest.artifactType ?? manifest.config?.mediaType;
    const { subject, annotations } = manifest;
    const referring: Referring = { subject: subject?.digest, artifactType, annotations, children };
    this.referring.set(digest, referring);
    return referring;
  }

  private async checkVersion(): Promise<void> {
    const bytes = await this.readLimited("oci-layout", maximumManifestSize);
    if (!bytes) throw await this.noLayout();
    const version = this.parse<{ imageLayoutVersion?: unknown }>(bytes, "oci-layout").imageLayoutVersion;
    if (version === layoutVersion) return;
    throw new ArchiveError(
      `${this.name} is an OCI image layout of version ${JSON.stringify(version)}; only "${layoutVersion}" is known`,
    );
  }

  private async noLayout(): Promise<ArchiveError> {
    const reason = `${this.name} holds no OCI image layout: it has no file oci-layout`;
    if ((await this.files.size("manifest.json")) === undefined) return new ArchiveError(reason);
    return new ArchiveError(
      `${reason}, only a manifest.json as "docker save" wrote it before Docker 25; ` +
        `convert it with "skopeo copy docker-archive:FILE oci-archive:FILE"`,
    );
  }

  private async readLimited(path: string, limit: number): Promise<Buffer | undefined> {
    const size = await this.files.size(path);
    return size === undefined || size > limit ? undefined : this.files.readAll(path);
  }

  private parse<T>(bytes: Buffer, file: string): T {
    try {
      const parsed: unknown = parseBoundedJson(bytes);
      if (parsed !== null && typeof parsed === "object") return parsed as T;
    } catch (error) {
      throw new ArchiveError(`${this.name} is damaged: ${file} is not JSON`, { cause: error });
    }
    throw new ArchiveError(`${this.name} is damaged: ${file} is not a JSON object`);
  }

  private async contentHint(): Promise<string> {
    if (!(await this.files.exists())) return "the file does not exist";
    const { manifests } = await this.index();
    const tags = manifests.flatMap((descriptor) => tagOf(descriptor) ?? []);
    if (tags.length > 0) return `it has the tags ${tags.slice(0, 20).join(", ")}`;
    const digests = manifests.map(({ digest }) => digest);
    return digests.length > 0
      ? `it has no tags; choose by digest: ${digests.slice(0, 5).join(", ")}`
      : "it has no tags";
  }
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
