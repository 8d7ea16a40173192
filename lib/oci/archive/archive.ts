import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { readBlob } from "../attach";
import { digestOf } from "../digest";
import { DigestMismatchError } from "../errors";
import { maximumConfigSize } from "../image/silent-entries";
import { checkDigest, checkTag } from "../reference";
import type { BlobSource, BlobTransfer, GetBlobOptions, PutBlobOptions, Repository } from "../repository";
import type { Descriptor, FetchedManifest } from "../types";
import { ArchiveError, NotInArchiveError } from "./archive-error";
import { ArchiveFile } from "./archive-file";
import type { RepoTags } from "./docker-manifest";
import { blobPath, LayoutReader, layoutVersion } from "./layout-reader";
import { packTar, type PackedFile } from "./pack";
import { PartialLayout } from "./partial-layout";
import { sealedContent, type SealedContent } from "./sealed-content";

/** Options of {@link OciArchive}, for what it will hold when it is sealed. */
export interface OciArchiveOptions {
  /**
   * Name for every tag, e.g. `acme/hello:v1` for `v1`: what `docker load` calls the image. Default:
   * no names.
   */
  repoTags?: RepoTags;
  /**
   * Architecture, as Go names it, of the Linux image that `docker load` takes from an index.
   * Default: `amd64`.
   */
  architecture?: string;
}

/** Result of {@link OciArchive.seal}. */
export interface SealedArchive {
  /** Absolute path. */
  path: string;
  /** In bytes. */
  size: number;
  /** Names that `docker load` gives, sorted by tag. */
  repoTags: string[];
}

/**
 * One tar file with an OCI image layout, as source and as target.
 *
 * As a source it is read in place, without unpacking. It may come from this class, from
 * `skopeo copy … oci-archive:`, from `docker save` since Docker 25, or from BuildKit (`type=oci`).
 * Nothing is held open between reads.
 *
 * As a target it is not changed before {@link seal}. Until then what is new is collected in a
 * directory `<path>.partial`, which outlives an interruption: the next run sends only what is not
 * there yet. An archive that exists keeps its content. Reads see what was written. One writer at a
 * time: the next one is refused until {@link seal} or {@link close}.
 *
 * A sealed archive also has a `manifest.json`, so that `docker load` takes it in engines without
 * the image store of containerd, back to 20.10 (`docker save` has had that file since 1.10). For a
 * multi-platform image it names the one for Linux and the chosen architecture. Engines before 23
 * cannot load layers with zstd: use gzip for them.
 *
 * Sources: image-spec/image-layout.md; Docker "Image Specification v1.2", "Combined Image JSON +
 * Filesystem Changeset Format".
 */
export class OciArchive implements Repository {
  readonly name: string;
  readonly registry = undefined;
  private readonly file: ArchiveFile;
  private readonly sealed: LayoutReader;
  private writing: Promise<PartialLayout> | undefined;

  /** @param path of the tar file; it need not exist. */
  constructor(
    path: string,
    private readonly options: OciArchiveOptions = {},
  ) {
    this.name = `oci-archive:${path}`;
    this.file = new ArchiveFile(resolve(path), this.name);
    this.sealed = new LayoutReader(this.file, this.name);
  }

  async listedManifests(reference: string | undefined): Promise<readonly Descriptor[]> {
    return (await this.reader()).listedManifests(reference);
  }

  async headManifest(reference: string): Promise<Descriptor | undefined> {
    return (await this.reader()).headManifest(reference);
  }

  async getManifest(reference: string): Promise<FetchedManifest> {
    return (await this.reader()).getManifest(reference);
  }

  async putManifest(
    bytes: Uint8Array,
    mediaType: string,
    options: { tag?: string } = {},
  ): Promise<Descriptor> {
    if (options.tag !== undefined) checkTag(options.tag);
    if (!this.writing) {
      const descriptor = await this.present(bytes, mediaType, options.tag);
      if (descriptor) return descriptor;
    }
    return (await this.begin()).layout.putManifest(bytes, mediaType, options);
  }

  /**
   * Removes the manifest and its tags. Blobs that nothing needs any more are left out when the
   * archive is sealed.
   */
  async deleteManifest(digest: string): Promise<void> {
    checkDigest(digest);
    if (!(await this.headManifest(digest))) return;
    await (await this.begin()).layout.deleteManifest(digest);
  }

  async deleteTag(tag: string): Promise<void> {
    if (!(await this.listTags()).includes(tag)) return;
    await (await this.begin()).layout.deleteTag(tag);
  }

  async blobSize(digest: string): Promise<number | undefined> {
    const collected = await (await this.writing)?.layout.blobSize(digest);
    return collected ?? this.file.size(blobPath(digest));
  }

  async getBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options: GetBlobOptions = {},
  ): Promise<Readable> {
    const { digest, size } = descriptor;
    const partial = await this.writing;
    if ((await partial?.layout.blobSize(digest)) === size) {
      return (partial as PartialLayout).layout.getBlob(descriptor, options);
    }
    const actual = await this.blobSize(digest);
    if (actual === undefined) {
      throw new NotInArchiveError(this.name, blobPath(digest), `blob ${digest}`, "");
    }
    if (actual !== size) {
      throw new DigestMismatchError(`blob ${digest} in ${this.name}`, `${size} bytes`, `${actual} bytes`);
    }
    return this.file.readBlob(descriptor, options);
  }

  async putBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions = {},
  ): Promise<BlobTransfer> {
    if ((await this.blobSize(descriptor.digest)) === descriptor.size) return "present";
    return (await this.begin()).layout.putBlob(descriptor, source, options);
  }

  async listTags(): Promise<string[]> {
    return (await this.reader()).listTags();
  }

  async listReferrers(digest: string, artifactType?: string): Promise<Descriptor[]> {
    return (await this.reader()).listReferrers(digest, artifactType);
  }

  /**
   * Writes the archive with everything that its tags and untagged manifests lead to, each blob
   * checked, and lets the next writer in. The file appears complete or not at all, and equal
   * content gives equal bytes. Where it fails, what was collected stays for the next attempt. No
   * write may be under way.
   *
   * @returns undefined where there was nothing to write
   * @throws ArchiveError where blobs are missing or damaged, or the file was replaced by somebody
   * else meanwhile
   */
  async seal(): Promise<SealedArchive | undefined> {
    if (!this.writing && !(await this.lacksDockerManifest())) return undefined;
    const partial = await this.begin();
    const content = await this.content(partial.reader);
    await partial.announce(content.index.descriptor.digest);
    const size = await packTar(this.file.path, this.files(content, partial), async () => {
      await partial.checkGround();
    });
    this.writing = undefined;
    await partial.remove();
    return {
      path: this.file.path,
      size,
      repoTags: content.images.flatMap(({ RepoTags }) => RepoTags ?? []),
    };
  }

  /**
   * Stops writing without sealing, and lets the next writer in. What was collected stays for it.
   */
  async close(): Promise<void> {
    const partial = await this.writing;
    this.writing = undefined;
    await partial?.release();
  }

  private async reader(): Promise<LayoutReader> {
    return (await this.writing)?.reader ?? this.sealed;
  }

  private begin(): Promise<PartialLayout> {
    if (!this.writing) {
      const opening = this.open();
      this.writing = opening;
      opening.catch(() => {
        if (this.writing === opening) this.writing = undefined;
      });
    }
    return this.writing;
  }

  private async open(): Promise<PartialLayout> {
    await mkdir(dirname(this.file.path), { recursive: true });
    return PartialLayout.open(this.file, this.name);
  }

  /** The descriptor of a manifest that is in the archive as it should be. */
  private async present(
    bytes: Uint8Array,
    mediaType: string,
    tag: string | undefined,
  ): Promise<Descriptor | undefined> {
    const digest = digestOf(bytes);
    const found = await this.sealed.headManifest(tag ?? digest);
    return found?.digest === digest && found.mediaType === mediaType ? found : undefined;
  }

  private content(reader: LayoutReader): Promise<SealedContent> {
    const { repoTags, architecture = "amd64" } = this.options;
    const blobSize = (digest: string) => this.blobSize(digest);
    const platform = { os: "linux", architecture };
    const readConfig = (descriptor: Descriptor) => readBlob(this, descriptor, maximumConfigSize);
    return sealedContent(reader, { repoTags, platform, blobSize, readBlob: readConfig, name: this.name });
  }

  /**
   * Returns whether names were asked for and the archive has others, e.g. because another program
   * wrote it.
   */
  private async lacksDockerManifest(): Promise<boolean> {
    if (!this.options.repoTags || !(await this.file.exists())) return false;
    const { images } = await this.content(this.sealed);
    if (images.length === 0) return false;
    const actual = await this.file.readAll("manifest.json");
    return actual?.toString("utf8") !== JSON.stringify(images);
  }

  private files(content: SealedContent, partial: PartialLayout): PackedFile[] {
    const { index, images, manifests, blobs } = content;
    const ofBytes = (path: string, bytes: Uint8Array): PackedFile => ({
      path,
      size: bytes.length,
      content: () => [bytes],
    });
    return [
      ofBytes("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: layoutVersion }))),
      ofBytes("index.json", index.bytes),
      ...(images.length > 0 ? [ofBytes("manifest.json", Buffer.from(JSON.stringify(images)))] : []),
      ...[...manifests.values()].map(({ descriptor, bytes }) => ofBytes(blobPath(descriptor.digest), bytes)),
      ...[...blobs]
        .filter(([digest]) => !manifests.has(digest))
        .map(([digest, size]) => ({
          path: blobPath(digest),
          size,
          content: () => this.blobContent({ digest, size }, partial),
        })),
    ];
  }

  private async *blobContent(
    descriptor: Pick<Descriptor, "digest" | "size">,
    partial: PartialLayout,
  ): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const part of await this.getBlob(descriptor)) yield part as Buffer;
    } catch (error) {
      if (!(error instanceof DigestMismatchError)) throw error;
      const collected = await partial.removeBlob(descriptor.digest);
      const advice = collected ? "add it again" : `remove ${this.file.path} and write all of it again`;
      throw new ArchiveError(`${this.name} cannot be sealed: ${error.message}; ${advice}`, { cause: error });
    }
  }
}
