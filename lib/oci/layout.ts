import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { listedIn, manifestsOf, maximumIndexSize, taggedIn, tagOf } from "./archive/layout-reader";
import { isMissingFile, writeFileAtomically } from "../machine/atomic-file";
import { BlobDirectory } from "./blob-directory";
import { parseBoundedJson } from "./bounded-json";
import { digestHex, digestOf, isDigest } from "./digest";
import { DigestMismatchError, RegistryError } from "./errors";
import { serialized } from "./image/manifest";
import { manifestContent, manifestMediaType } from "./manifest-content";
import { isIndexMediaType, MediaType } from "./media-types";
import { checkDigest, checkTag } from "./reference";
import type { BlobSource, BlobTransfer, GetBlobOptions, PutBlobOptions, Repository } from "./repository";
import type { Descriptor, FetchedManifest, Index } from "./types";
import { defined } from "../objects/defined";

/** Annotation that holds the tag (image-spec/annotations.md). */
const refName = "org.opencontainers.image.ref.name";

/** The version that every layout has (image-spec/image-layout.md, "oci-layout file"). */
const layoutVersion = "1.0.0";

/** More than this is not a manifest: registries refuse it. */
const maximumManifestSize = 4 * 1024 * 1024;

/** A manifest or blob that a layout does not have; `isNotFound` says so. */
class NotInLayoutError extends RegistryError {
  constructor(layout: string, path: string, what: string) {
    super({ operation: what, host: layout, method: "read", path, status: 404 });
    this.message = `${layout} has no ${what}`;
  }
}

/** A directory that should be a layout and is not. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/**
 * Changes of one `index.json`, one after another, by the layout's directory. Of the whole process,
 * for that is what a file has as its writer: two objects may stand for one layout.
 */
const changes = new Map<string, Promise<unknown>>();

/**
 * An OCI image layout: content by digest in a directory, and an `index.json` that points to it.
 *
 * Tags are annotations in `index.json`. A manifest without a tag is listed there too, until an
 * index that lists it is added. Content is written before what points to it, and files appear
 * complete or not at all. Two processes may read and add content at the same time; changing tags is
 * for one process at a time.
 *
 * Source: image-spec/image-layout.md.
 */
export class OciLayout implements Repository {
  readonly name: string;
  readonly registry = undefined;
  private readonly blobs: BlobDirectory;

  /** @param directory is made by the first write. */
  constructor(private readonly directory: string) {
    this.name = `oci-layout:${directory}`;
    this.blobs = new BlobDirectory(join(directory, "blobs"), this.name);
  }

  async headManifest(reference: string): Promise<Descriptor | undefined> {
    const listed = (await this.readIndex()).manifests;
    if (!isDigest(reference)) {
      const [tagged] = taggedIn(listed, reference);
      return tagged && (await this.present(tagged));
    }
    const found = listed.find(({ digest }) => digest === reference);
    if (found) return this.present(found);
    const bytes = await this.readManifest(reference);
    const mediaType = bytes && manifestMediaType(bytes);
    return bytes && mediaType ? { mediaType, digest: reference, size: bytes.length } : undefined;
  }

  async listedManifests(reference: string | undefined): Promise<Descriptor[]> {
    return listedIn((await this.readIndex()).manifests, reference);
  }

  async getManifest(reference: string): Promise<FetchedManifest> {
    const descriptor = await this.headManifest(reference);
    const bytes = descriptor && (await this.readManifest(descriptor.digest));
    if (!descriptor || !bytes) {
      throw new NotInLayoutError(this.name, "index.json", `manifest ${reference}${await this.tagsHint()}`);
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

  async putManifest(
    bytes: Uint8Array,
    mediaType: string,
    options: { tag?: string } = {},
  ): Promise<Descriptor> {
    if (options.tag !== undefined) checkTag(options.tag);
    const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    const children = isIndexMediaType(mediaType) ? childrenOf(bytes) : new Set<string>();
    await this.prepare();
    await this.blobs.writeAll(descriptor.digest, bytes);
    await this.changeIndex((listed) => {
      const kept = listed.filter((other) => {
        const tag = tagOf(other);
        if (tag !== undefined) return tag !== options.tag;
        return other.digest !== descriptor.digest && !children.has(other.digest);
      });
      const known = options.tag === undefined && kept.some(({ digest }) => digest === descriptor.digest);
      if (known) return kept;
      const entry = options.tag === undefined ? {} : { annotations: { [refName]: options.tag } };
      return [...kept, { ...descriptor, ...entry }];
    });
    return descriptor;
  }

  /** Removes the manifest and its tags. Its blobs stay: others may use them. */
  async deleteManifest(digest: string): Promise<void> {
    checkDigest(digest);
    await this.changeIndex((listed) => listed.filter((descriptor) => descriptor.digest !== digest));
    await this.blobs.remove(digest);
  }

  async deleteTag(tag: string): Promise<void> {
    await this.changeIndex((listed) => {
      const tagged = listed.find((descriptor) => tagOf(descriptor) === tag);
      if (!tagged) return listed;
      const others = listed.filter((descriptor) => descriptor !== tagged);
      if (others.some(({ digest }) => digest === tagged.digest)) return others;
      const { [refName]: _tag, ...annotations } = tagged.annotations ?? {};
      const { annotations: _annotations, ...untagged } = tagged;
      return [...others, Object.keys(annotations).length > 0 ? { ...untagged, annotations } : untagged];
    });
  }

  async blobSize(digest: string): Promise<number | undefined> {
    return this.blobs.size(digest);
  }

  async getBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options: GetBlobOptions = {},
  ): Promise<Readable> {
    const { digest, size } = descriptor;
    const actual = await this.blobSize(digest);
    if (actual === undefined) {
      throw new NotInLayoutError(this.name, `blobs/sha256/${digestHex(digest)}`, `blob ${digest}`);
    }
    if (actual !== size) {
      throw new DigestMismatchError(`blob ${digest} in ${this.name}`, `${size} bytes`, `${actual} bytes`);
    }
    return this.blobs.read(descriptor, options);
  }

  async putBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions = {},
  ): Promise<BlobTransfer> {
    if ((await this.blobSize(descriptor.digest)) === descriptor.size) return "present";
    await this.prepare();
    await this.blobs.write(descriptor, source, options);
    return "uploaded";
  }

  async listTags(): Promise<string[]> {
    return (await this.readIndex()).manifests.flatMap((descriptor) => tagOf(descriptor) ?? []);
  }

  async listReferrers(digest: string, artifactType?: string): Promise<Descriptor[]> {
    checkDigest(digest);
    const referrers = new Map<string, Descriptor>();
    for (const listed of (await this.readIndex()).manifests) {
      const bytes = await this.readManifest(listed.digest);
      const manifest = bytes && manifestContent(bytes);
      if (!manifest || manifest.subject?.digest !== digest) continue;
      // distribution-spec 1.1, "Listing Referrers": the type of an image manifest without one is
      // its configuration's.
      const type = manifest.artifactType ?? manifest.config?.mediaType;
      if (artifactType !== undefined && type !== artifactType) continue;
      const { annotations } = manifest;
      referrers.set(listed.digest, defined({ ...plainDescriptor(listed), artifactType: type, annotations }));
    }
    return [...referrers.values()];
  }

  /** Returns what index.json lists, if its content is there. */
  private async present(listed: Descriptor): Promise<Descriptor | undefined> {
    return (await this.blobs.size(listed.digest)) === undefined ? undefined : plainDescriptor(listed);
  }

  /** Makes the directory a layout where it is none yet. */
  private async prepare(): Promise<void> {
    await this.blobs.create();
    if (await this.checkVersion()) return;
    const content = JSON.stringify({ imageLayoutVersion: layoutVersion });
    await writeFileAtomically(join(this.directory, "oci-layout"), content);
  }

  /** Returns whether there is a layout. @throws LayoutError for one of another version. */
  private async checkVersion(): Promise<boolean> {
    const text = await this.readOptional("oci-layout");
    if (text === undefined) return false;
    const version = this.parse<{ imageLayoutVersion?: unknown }>(text, "oci-layout").imageLayoutVersion;
    if (version === layoutVersion) return true;
    throw new LayoutError(
      `${this.name} is an OCI image layout of version ${JSON.stringify(version)}; only "${layoutVersion}" is known`,
    );
  }

  /** `index.json`; an empty one where there is no layout yet. */
  private async readIndex(): Promise<Index> {
    const present = await this.checkVersion();
    const text = present ? await this.readOptional("index.json") : undefined;
    if (text === undefined) return { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [] };
    const index = this.parse<Index>(text, "index.json");
    const manifests = manifestsOf(index);
    if (!manifests) throw new LayoutError(`${this.name} is damaged: index.json lists no manifests`);
    return { ...index, manifests };
  }

  private async changeIndex(change: (listed: Descriptor[]) => Descriptor[]): Promise<void> {
    const key = resolve(this.directory);
    const previous = changes.get(key) ?? Promise.resolve();
    const next = previous
      .catch(() => undefined)
      .then(async () => {
        const index = await this.readIndex();
        const manifests = change(index.manifests);
        if (manifests === index.manifests) return;
        const { bytes } = serialized({ ...index, manifests }, MediaType.ociIndex);
        await this.prepare();
        await writeFileAtomically(join(this.directory, "index.json"), bytes);
      });
    changes.set(key, next);
    try {
      await next;
    } finally {
      if (changes.get(key) === next) changes.delete(key);
    }
  }

  /** The bytes of a manifest; undefined where there is no blob, or one too large for a manifest. */
  private async readManifest(digest: string): Promise<Buffer | undefined> {
    const size = await this.blobSize(digest);
    if (size === undefined || size > maximumManifestSize) return undefined;
    return this.blobs.readAll(digest);
  }

  private async readOptional(name: string): Promise<string | undefined> {
    const file = join(this.directory, name);
    try {
      if ((await stat(file)).size > maximumIndexSize) {
        throw new LayoutError(`${this.name} is damaged: ${name} has more than ${maximumIndexSize} bytes`);
      }
      return await readFile(file, "utf8");
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  }

  private parse<T>(text: string, name: string): T {
    try {
      const parsed: unknown = parseBoundedJson(Buffer.from(text));
      if (parsed !== null && typeof parsed === "object") return parsed as T;
    } catch (error) {
      throw new LayoutError(`${this.name} is damaged: ${name} is not JSON`, { cause: error });
    }
    throw new LayoutError(`${this.name} is damaged: ${name} is not a JSON object`);
  }

  private async tagsHint(): Promise<string> {
    const tags = await this.listTags();
    return tags.length > 0 ? ` (it has the tags ${tags.slice(0, 20).join(", ")})` : " (it has no tags)";
  }
}

function plainDescriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function childrenOf(index: Uint8Array): ReadonlySet<string> {
  const { manifests } = manifestContent(index) ?? {};
  return new Set((manifests ?? []).map(({ digest }) => digest));
}
