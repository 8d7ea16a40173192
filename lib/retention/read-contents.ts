import { CredentialsError, DigestMismatchError, isNotFound, RegistryError } from "../oci/errors";
import { manifestLinks, ManifestContentError } from "../oci/mirror/manifest-links";
import { isIndexMediaType } from "../oci/media-types";
import type { Repository } from "../oci/repository";
import type { FetchedManifest } from "../oci/types";
import { Semaphore } from "../machine/semaphore";
import type { HeldManifest, RepositoryContents } from "./contents";

/** Requests to one repository at a time. */
const atOnce = 8;

/** What a repository holds, as it is read: a request a tag, and one for each further question. */
export class ReadContents implements RepositoryContents {
  readonly tags = new Map<string, string>();
  readonly manifests = new Map<string, HeldManifest>();
  readonly referrers = new Map<string, readonly string[]>();
  readonly absent = new Set<string>();
  readonly incomplete: string[] = [];
  /** Until it is asked it may have one. */
  private hasApi: boolean;
  private readonly slots = new Semaphore(atOnce);

  private constructor(
    private readonly repository: Repository,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.hasApi = repository.listedByRegistry !== undefined;
  }

  /**
   * Reads all tags, and what each points to. What cannot be read makes the contents incomplete, and is no error.
   *
   * @param declared tags that have to be listed if they are there: a registry that leaves one out leaves out others
   */
  static async of(
    repository: Repository,
    declared: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadContents> {
    const contents = new ReadContents(repository, signal);
    await contents.readTags(declared);
    return contents;
  }

  get hasReferrersApi(): boolean {
    return this.hasApi;
  }

  /**
   * Lists the tags again, and reads those that are new, and those that may have moved.
   *
   * @param mayMove whether a tag may point to something else by now
   */
  async readAgain(mayMove: (tag: string) => boolean): Promise<void> {
    await this.noting(async () => {
      const listed = new Set(await this.repository.listTags());
      for (const tag of this.tags.keys()) if (!listed.has(tag)) this.tags.delete(tag);
      const changed = [...listed].filter((tag) => !this.tags.has(tag) || mayMove(tag));
      await Promise.all(changed.map((tag) => this.readTag(tag)));
    });
  }

  /** Asks for what a plan could not know. */
  async read({
    manifests,
    referrers,
  }: {
    readonly manifests: readonly string[];
    readonly referrers: readonly string[];
  }): Promise<void> {
    await Promise.all(manifests.map((digest) => this.noting(() => this.readManifest(digest))));
    // The first answer tells whether there is an API at all.
    const [first, ...others] = referrers;
    if (first !== undefined) await this.noting(() => this.readReferrers(first));
    await Promise.all(others.map((digest) => this.noting(() => this.readReferrers(digest))));
  }

  private async readTags(declared: readonly string[]): Promise<void> {
    await this.noting(async () => {
      const listed = await this.repository.listTags();
      await Promise.all(listed.map((tag) => this.readTag(tag)));
      const names = new Set(listed);
      await Promise.all(
        declared
          .filter((tag) => !names.has(tag))
          .map(async (tag) => {
            if ((await this.repository.headManifest(tag)) === undefined) return;
            this.incomplete.push(`tag ${tag} is there, and is not listed`);
          }),
      );
    });
  }

  private async readTag(tag: string): Promise<void> {
    await this.noting(async () => {
      const manifest = await this.find(tag);
      if (manifest) this.tags.set(tag, this.take(manifest));
      else this.incomplete.push(`tag ${tag} is listed, and is not there`);
    });
  }

  private async readManifest(digest: string): Promise<void> {
    const manifest = await this.find(digest);
    if (manifest) this.take(manifest);
    else this.absent.add(digest);
  }

  private async readReferrers(digest: string): Promise<void> {
    if (!this.hasApi) return;
    const listed = await this.slots.use(() => this.repository.listedByRegistry!(digest), this.signal);
    if (listed === undefined) this.hasApi = false;
    else
      this.referrers.set(
        digest,
        listed.map((one) => one.digest),
      );
  }

  private async find(reference: string): Promise<FetchedManifest | undefined> {
    try {
      return await this.slots.use(() => this.repository.getManifest(reference), this.signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Only what leads on is kept of a manifest: there may be thousands. */
  private take({ descriptor, bytes }: FetchedManifest): string {
    if (!this.manifests.has(descriptor.digest)) {
      const { children, subject } = manifestLinks(descriptor, bytes);
      this.manifests.set(descriptor.digest, {
        children: children.map(({ digest, mediaType }) => ({ digest, isIndex: isIndexMediaType(mediaType) })),
        subject,
      });
    }
    return descriptor.digest;
  }

  private async noting(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isAnswer(error)) throw error;
      this.incomplete.push(error.message);
    }
  }
}

/** Whether an error is about what a registry answers, and not about this program. */
function isAnswer(error: unknown): error is Error {
  return [RegistryError, CredentialsError, DigestMismatchError, ManifestContentError].some(
    (kind) => error instanceof kind,
  );
}
