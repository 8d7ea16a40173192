import type { Readable } from "node:stream";
import type { Descriptor, FetchedManifest } from "./types";

/**
 * Opens the content of a blob at a byte offset, so that a broken transfer can go on or start again.
 */
export type BlobSource = (offset: number) => Readable | Promise<Readable>;

/** How a blob came to be in the target. */
export type BlobTransfer = "present" | "mounted" | "uploaded";

/** Options of {@link Repository.putBlob}. */
export interface PutBlobOptions {
  /** Path of a repository of the same registry that has the blob, to mount it from. */
  mountFrom?: string;
  /** Whether it was made just now, and can be nowhere: then it is not looked for. */
  isNew?: boolean;
  /** Called with the number of bytes sent so far. After an interruption it may go back. */
  onProgress?: (sentBytes: number) => void;
  signal?: AbortSignal;
}

/** Options of {@link Repository.getBlob}. */
export interface GetBlobOptions {
  /** First byte to read; the digest is checked only when reading starts at 0. */
  offset?: number;
  signal?: AbortSignal;
}

/** How a manifest is stored. */
export interface PutManifestOptions {
  tag?: string;
  /**
   * Only where the tag does not exist: `If-None-Match: *` (RFC 9110, 13.1.2). Most registries do
   * not heed it; those that do answer 412. Of no effect where there is no tag, and in folders.
   */
  absent?: boolean;
  /**
   * Whether the repository was just seen not to have it: what refers to it is not looked for by who
   * only adds to that.
   */
  isNew?: boolean;
}

/** Options of {@link Repository.listReferrers}. */
export interface ListReferrersOptions {
  /**
   * A look that began after this time is enough, with what this process has added since: several
   * that are made for one piece of work are one. Milliseconds as `performance.now()` gives them.
   */
  since?: number;
}

/** How a manifest is deleted. */
export interface DeleteManifestOptions {
  /**
   * Whether it is deleted alone, by one request: what is listed under a tag as its subject's referrer stays listed. For
   * who deletes the subject and its list too.
   */
  alone?: boolean;
}

/**
 * Content by digest and tags that point to it: a repository in a registry, or an OCI image layout
 * on disk. Both are used through this interface, so that each can be source or target.
 */
export interface Repository {
  /** Name for messages, e.g. `ghcr.io/acme/hello` or `oci-layout:./image`. */
  readonly name: string;
  /** Whether content can be mounted between two repositories of the same registry. */
  readonly registry?: string;
  /**
   * Opens a connection to the registry and closes it again; absent where there is none.
   *
   * @param limitMs milliseconds within which the registry has to take it
   * @throws RegistryError
   */
  reach?(limitMs: number): Promise<void>;

  /** Descriptor of a manifest by tag or digest; undefined where there is none. */
  headManifest(reference: string): Promise<Descriptor | undefined>;
  /** A manifest by tag or digest, bytes as stored. @throws where there is none: see isNotFound. */
  getManifest(reference: string): Promise<FetchedManifest>;
  /**
   * What a layout lists under a name, which may be several things, or without one; none where it is
   * not there. Registries have one thing under a tag.
   *
   * @param reference tag or digest; undefined for what is meant where nothing is named
   */
  listedManifests?(reference: string | undefined): Promise<readonly Descriptor[]>;
  /** Stores a manifest by its digest and, where given, under a tag. Returns its descriptor. */
  putManifest(bytes: Uint8Array, mediaType: string, options?: PutManifestOptions): Promise<Descriptor>;
  /**
   * Points tags to a manifest that is there, by one request where the registry can; absent where
   * nothing is gained by that.
   */
  putTags?(bytes: Uint8Array, mediaType: string, tags: readonly string[]): Promise<void>;
  /** Deletes a manifest by digest. A manifest that is not there is no error. */
  deleteManifest(digest: string, options?: DeleteManifestOptions): Promise<void>;
  /** Deletes a tag, not what it points to. A tag that is not there is no error. */
  deleteTag(tag: string): Promise<void>;

  /**
   * Size in bytes of a blob as it can be read; undefined where there is none.
   *
   * @param expected its size, where it is known: a registry that says another is asked once more
   */
  blobSize(digest: string, expected?: number): Promise<number | undefined>;
  /** Streams a blob; the stream fails where the content is not what digest and size say. */
  getBlob(descriptor: Pick<Descriptor, "digest" | "size">, options?: GetBlobOptions): Promise<Readable>;
  /** Makes sure that a blob is there: found, mounted or uploaded. */
  putBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options?: PutBlobOptions,
  ): Promise<BlobTransfer>;

  /** All tags, in the order of the registry. A repository that does not exist has none. */
  listTags(): Promise<string[]>;
  /**
   * Descriptors of the manifests whose `subject` is the digest (distribution-spec 1.1, "Listing
   * Referrers").
   */
  listReferrers(digest: string, artifactType?: string, options?: ListReferrersOptions): Promise<Descriptor[]>;
  /**
   * The same as the registry's own API tells it, without what clients keep under a tag; undefined where it has no such API.
   * Absent where there are no registries.
   */
  listedByRegistry?(digest: string): Promise<Descriptor[] | undefined>;
}
