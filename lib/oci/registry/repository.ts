import type { Readable } from "node:stream";
import { checkDigest, checkTag, type RepositoryName, formatRepository } from "../reference";
import { digestOf, shortDigest } from "../digest";
import { RegistryError } from "../errors";
import type {
  BlobSource,
  BlobTransfer,
  GetBlobOptions,
  PutBlobOptions,
  PutManifestOptions,
  Repository,
} from "../repository";
import type { Descriptor, FetchedManifest } from "../types";
import { pullScope, pushScope } from "../transport/scope";
import { BlobDownload } from "./blob-download";
import { headBlob } from "./blob-head";
import { BlobUpload, sessionOf, type UploadSession } from "./blob-upload";
import type { RegistryConnection } from "./connection";
import { ManifestStore } from "./manifest-store";
import { listNames } from "./name-list";
import { referrerFacts, Referrers } from "./referrers";
import type { TransferRegister } from "./transfer-register";

/**
 * A repository in a registry. All methods throw RegistryError, CredentialsError or
 * DigestMismatchError.
 */
export class RegistryRepository implements Repository {
  readonly name: string;
  readonly registry: string;
  private readonly path: string;
  private readonly manifests: ManifestStore;
  private readonly referrers: Referrers;

  constructor(
    name: RepositoryName,
    private readonly connection: RegistryConnection,
    private readonly transfers: TransferRegister,
  ) {
    this.name = formatRepository(name);
    this.registry = name.registry;
    this.path = name.path;
    this.manifests = new ManifestStore(connection, name.path);
    this.referrers = new Referrers(connection, name.path, this.manifests);
  }

  async headManifest(reference: string): Promise<Descriptor | undefined> {
    return this.manifests.head(checkReference(reference));
  }

  async getManifest(reference: string): Promise<FetchedManifest> {
    const { descriptor, bytes } = await this.manifests.get(checkReference(reference));
    return { descriptor, bytes };
  }

  /**
   * A manifest with a `subject` is listed as its referrer, by the registry or in the fallback tag.
   */
  async putManifest(
    bytes: Uint8Array,
    mediaType: string,
    { tag, absent }: PutManifestOptions = {},
  ): Promise<Descriptor> {
    const descriptor = await this.manifests.put(
      tag === undefined ? digestOf(bytes) : checkTag(tag),
      bytes,
      mediaType,
      { absent: tag !== undefined && absent },
    );
    await this.referrers.announce(referrerFacts(descriptor, bytes));
    return descriptor;
  }

  async deleteManifest(digest: string): Promise<void> {
    const manifest = await this.manifests.find(checkDigest(digest));
    if (!manifest) return;
    await this.manifests.delete(digest);
    await this.referrers.retract(referrerFacts(manifest.descriptor, manifest.bytes));
  }

  async deleteTag(tag: string): Promise<void> {
    await this.manifests.delete(checkTag(tag));
  }

  async headBlob(digest: string): Promise<number | undefined> {
    return headBlob(this.connection, this.path, checkDigest(digest));
  }

  async getBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options?: GetBlobOptions,
  ): Promise<Readable> {
    checkDigest(descriptor.digest);
    return new BlobDownload(this.connection, this.path, descriptor, options).open();
  }

  /** Two calls for one blob at the same time are one upload. */
  async putBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions = {},
  ): Promise<BlobTransfer> {
    checkDigest(descriptor.digest);
    return this.transfers.share(`${this.name}@${descriptor.digest}`, options, (shared) =>
      this.transferBlob(descriptor, source, shared),
    );
  }

  async listTags(): Promise<string[]> {
    return listNames(
      this.connection,
      {
        operation: `listing the tags of ${this.name}`,
        path: `/v2/${this.path}/tags/list`,
        scopes: [pullScope(this.path)],
      },
      "tags",
    );
  }

  async listReferrers(digest: string, artifactType?: string): Promise<Descriptor[]> {
    return this.referrers.list(checkDigest(digest), artifactType);
  }

  private async transferBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions,
  ): Promise<BlobTransfer> {
    const present = await headBlob(this.connection, this.path, descriptor.digest, options.signal);
    if (present !== undefined) return "present";
    const mount =
      options.mountFrom === undefined || options.mountFrom === this.path
        ? undefined
        : await this.mount(descriptor.digest, options.mountFrom, options.signal);
    if (mount === "mounted") return "mounted";
    await new BlobUpload(this.connection, this.path, descriptor, source, options).run(mount);
    return "uploaded";
  }

  /**
   * Mounts a blob; where the registry declines, the upload session it opened instead, if it did.
   */
  private async mount(
    digest: string,
    from: string,
    signal?: AbortSignal,
  ): Promise<"mounted" | UploadSession | undefined> {
    const query = new URLSearchParams({ mount: digest, from });
    try {
      const response = await this.connection.perform({
        operation: `mounting blob ${shortDigest(digest)} from ${this.registry}/${from} into ${this.name}`,
        method: "POST",
        target: `/v2/${this.path}/blobs/uploads/?${query.toString()}`,
        scopes: [pushScope(this.path), pullScope(from)],
        expect: [201, 202],
        body: "",
        signal,
      });
      return response.status === 201 ? "mounted" : sessionOf(this.connection, response, "POST");
    } catch (error) {
      // Mounting only saves the upload: not being allowed to read the other repository, or not
      // finding it, is no reason to give up. Whether the target can be written to shows in the
      // upload.
      if (error instanceof RegistryError && error.status !== undefined && !error.temporary) return undefined;
      throw error;
    }
  }
}

function checkReference(reference: string): string {
  return reference.includes(":") ? checkDigest(reference) : checkTag(reference);
}
