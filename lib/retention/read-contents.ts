import { CredentialsError, DigestMismatchError, isNotFound, RegistryError } from "../oci/errors";
import { manifestLinks, ManifestContentError } from "../oci/mirror/manifest-links";
import { isIndexMediaType } from "../oci/media-types";
import type { Repository } from "../oci/repository";
import type { FetchedManifest } from "../oci/types";
import { Semaphore } from "../machine/semaphore";
import type { HeldManifest, RepositoryContents } from "./contents";
import { reachable, type RememberedContents } from "./contents-memory";
import type { Unread } from "./plan";

/** Requests to one repository at a time. */
const atOnce = 8;

/**
 * How old an answer about a tag that moves may be when something is deleted, in milliseconds: others may set such a tag at any
 * time, and what is deleted takes longer than this.
 */
const staleMs = 30_000;

/** What a repository holds, as it is read: its list of tags, and one request for each further question. */
export class ReadContents implements RepositoryContents {
  listed: readonly string[] = [];
  readonly tags = new Map<string, string>();
  readonly manifests = new Map<string, HeldManifest>();
  readonly referrers = new Map<string, readonly string[]>();
  readonly absent = new Set<string>();
  readonly incomplete: string[] = [];
  /** When tags were asked for, in milliseconds as `performance.now()` gives them; others are remembered. */
  private readonly askedAt = new Map<string, number>();
  /** Manifests that were read; others are remembered. */
  private readonly found = new Set<string>();
  /** Until it is asked it may have one. */
  private hasApi: boolean;
  private readonly slots = new Semaphore(atOnce);

  private constructor(
    private readonly repository: Repository,
    private readonly signal: AbortSignal | undefined,
    private readonly now: () => number,
  ) {
    this.hasApi = repository.listedByRegistry !== undefined;
  }

  /**
   * Lists all tags. What cannot be read makes the contents incomplete, and is no error.
   *
   * @param declared tags that have to be listed if they are there: a registry that leaves one out leaves out others
   * @param remembered where tags pointed that do not move; what is not listed any more is left out
   */
  static async of(
    repository: Repository,
    declared: readonly string[],
    {
      remembered,
      signal,
      now = () => performance.now(),
    }: { remembered?: RememberedContents; signal?: AbortSignal; now?: () => number } = {},
  ): Promise<ReadContents> {
    const contents = new ReadContents(repository, signal, now);
    await contents.list(declared);
    if (remembered) contents.recall(remembered);
    return contents;
  }

  get hasReferrersApi(): boolean {
    return this.hasApi;
  }

  /**
   * Lists the tags again, and forgets what was only remembered, and where tags point that may have moved since they were asked
   * for.
   *
   * @param mayMove whether a tag may point to something else by now
   */
  async freshen(mayMove: (tag: string) => boolean): Promise<void> {
    await this.list([]);
    const listed = new Set(this.listed);
    const oldest = this.now() - staleMs;
    for (const tag of this.tags.keys()) {
      const asked = this.askedAt.get(tag);
      const isKept = listed.has(tag) && asked !== undefined && (asked >= oldest || !mayMove(tag));
      if (!isKept) this.tags.delete(tag);
    }
    for (const digest of this.manifests.keys()) if (!this.found.has(digest)) this.manifests.delete(digest);
  }

  /** Asks for what a plan could not know. */
  async read({ tags, manifests, referrers }: Unread): Promise<void> {
    await Promise.all(tags.map((tag) => this.noting(() => this.readTag(tag))));
    await Promise.all(manifests.map((digest) => this.noting(() => this.readManifest(digest))));
    // The first answer tells whether there is an API at all.
    const [first, ...others] = referrers;
    if (first !== undefined) await this.noting(() => this.readReferrers(first));
    await Promise.all(others.map((digest) => this.noting(() => this.readReferrers(digest))));
  }

  private recall({ tags, manifests }: RememberedContents): void {
    const listed = new Set(this.listed);
    const kept = [...tags].filter(([tag, digest]) => listed.has(tag) && manifests.has(digest));
    const remembered = reachable({ tags: new Map(kept), manifests });
    for (const [tag, digest] of remembered.tags) this.tags.set(tag, digest);
    for (const [digest, manifest] of remembered.manifests) this.manifests.set(digest, manifest);
  }

  private async list(declared: readonly string[]): Promise<void> {
    await this.noting(async () => {
      this.listed = [...new Set(await this.repository.listTags())];
      const names = new Set(this.listed);
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
    const manifest = await this.find(tag);
    if (manifest) {
      this.tags.set(tag, this.take(manifest));
      this.askedAt.set(tag, this.now());
    } else this.incomplete.push(`tag ${tag} is listed, and is not there`);
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
    this.found.add(descriptor.digest);
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
