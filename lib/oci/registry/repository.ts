import type { Readable } from "node:stream";
import { checkDigest, checkTag, type RepositoryName, formatRepository } from "../reference";
import { digestOf, shortDigest } from "../digest";
import { DigestMismatchError, isNotFound, isUnknownContent, RegistryError } from "../errors";
import { manifestContent } from "../manifest-content";
import type {
  BlobSource,
  BlobTransfer,
  DeleteManifestOptions,
  GetBlobOptions,
  ListReferrersOptions,
  PutBlobOptions,
  PutManifestOptions,
  Repository,
} from "../repository";
import type { Descriptor, FetchedManifest } from "../types";
import { pullScope, pushScope } from "../transport/scope";
import { BlobDownload } from "./blob-download";
import { blobSize } from "./blob-size";
import { BlobUpload, sessionOf, type UploadSession } from "./blob-upload";
import type { RegistryConnection } from "./connection";
import { putManyTags } from "./many-tags";
import { ManifestStore } from "./manifest-store";
import { listTags } from "./name-list";
import { referrerFacts } from "./referrer-facts";
import { Referrers } from "./referrers";
import type { OnLost } from "./options";
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
    private readonly onLost?: OnLost,
  ) {
    this.name = formatRepository(name);
    this.registry = name.registry;
    this.path = name.path;
    this.manifests = new ManifestStore(connection, name.path);
    this.referrers = new Referrers(connection, name.path, this.manifests);
  }

  reach(limitMs: number): Promise<void> {
    return this.connection.reach(limitMs);
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
    { tag, absent, isNew }: PutManifestOptions = {},
  ): Promise<Descriptor> {
    const digest = digestOf(bytes);
    if (isNew) this.referrers.noteNone(digest);
    const facts = referrerFacts({ mediaType, digest, size: bytes.length }, bytes);
    return this.referrers.announce(facts, async () => {
      const put = () =>
        this.manifests.put(tag === undefined ? digest : checkTag(tag), bytes, mediaType, {
          absent: tag !== undefined && absent,
        });
      try {
        return await put();
      } catch (error) {
        if (!isUnknownContent(error) || !(await this.findLost(bytes))) throw error;
        return put();
      }
    });
  }

  /** Those that the registry does not set by one request are set one after another. */
  async putTags(bytes: Uint8Array, mediaType: string, tags: readonly string[]): Promise<void> {
    const manifest = { bytes, mediaType, digest: digestOf(bytes) };
    const set = await putManyTags(this.connection, this.path, manifest, tags.map(checkTag));
    for (const tag of tags) if (!set.has(tag)) await this.putManifest(bytes, mediaType, { tag });
  }

  async deleteManifest(digest: string, { alone }: DeleteManifestOptions = {}): Promise<void> {
    if (alone) return this.manifests.delete(checkDigest(digest));
    const manifest = await this.manifests.find(checkDigest(digest));
    if (!manifest) return;
    await this.manifests.delete(digest);
    await this.referrers.retract(referrerFacts(manifest.descriptor, manifest.bytes));
  }

  async deleteTag(tag: string): Promise<void> {
    await this.manifests.delete(checkTag(tag));
  }

  async blobSize(digest: string, expected?: number): Promise<number | undefined> {
    return blobSize(this.connection, this.path, checkDigest(digest), expected);
  }

  async getBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    options?: GetBlobOptions,
  ): Promise<Readable> {
    checkDigest(descriptor.digest);
    try {
      return await new BlobDownload(this.connection, this.path, descriptor, options).open();
    } catch (error) {
      const isLost = isNotFound(error) || error instanceof DigestMismatchError;
      if (!this.onLost || !isLost) throw error;
      return this.onLost(this, descriptor, options ?? {}, error as Error);
    }
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
    return listTags(this.connection, this.path, { path: this.path, references: [] });
  }

  async listReferrers(
    digest: string,
    artifactType?: string,
    options?: ListReferrersOptions,
  ): Promise<Descriptor[]> {
    return this.referrers.list(checkDigest(digest), artifactType, options);
  }

  async listedByRegistry(digest: string): Promise<Descriptor[] | undefined> {
    return this.referrers.byRegistry(checkDigest(digest));
  }

  /** Looks for the blobs of a manifest that are not there, as who reads them does; false for none. */
  private async findLost(bytes: Uint8Array): Promise<boolean> {
    if (!this.onLost) return false;
    const { config, layers } = manifestContent(bytes) ?? {};
    let found = false;
    for (const blob of [config ?? [], layers ?? []].flat()) {
      if ((await this.blobSize(blob.digest, blob.size)) === blob.size) continue;
      (await this.getBlob(blob)).destroy();
      found = true;
    }
    return found;
  }

  private async transferBlob(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions,
  ): Promise<BlobTransfer> {
    const { digest, size } = descriptor;
    const present = options.isNew
      ? undefined
      : await blobSize(this.connection, this.path, digest, size, options.signal);
    if (present === size) return "present";
    // What is there and is not whole is sent, for it may be the same file in every repository.
    const mount =
      options.mountFrom === undefined || options.mountFrom === this.path || present !== undefined
        ? undefined
        : await this.mount(digest, options.mountFrom, options.signal);
    if (mount === "mounted") return "mounted";
    await new BlobUpload(this.connection, this.path, descriptor, source, options).run(mount);
    if (present !== undefined) await this.refuseKept(descriptor, options.signal);
    return "uploaded";
  }

  /**
   * Looks whether a blob that was not whole is whole now. Some registries answer an upload with 201
   * and keep the file that they have.
   *
   * @throws RegistryError where it is kept
   */
  private async refuseKept(
    { digest, size }: Pick<Descriptor, "digest" | "size">,
    signal?: AbortSignal,
  ): Promise<void> {
    const found = await blobSize(this.connection, this.path, digest, size, signal);
    if (found === size) return;
    throw new RegistryError({
      operation: `repairing blob ${digest} of ${this.name}`,
      host: this.registry,
      method: "PUT",
      path: `/v2/${this.path}/blobs/${digest}`,
      cause: new Error(
        `the registry has ${found ?? 0} of its ${size} bytes, took all of them again, and kept what it had`,
      ),
      hint: "Remove the blob from the registry's storage (its file, or the repository with garbage collection), and run again.",
      temporary: false,
    });
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
        content: { path: this.path, references: [digest] },
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
