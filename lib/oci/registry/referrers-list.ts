import { digestHex, isDigest } from "../digest";
import { DigestMismatchError, isUnknownContent, ReferrersRefusedError, RegistryError } from "../errors";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, MediaType } from "../media-types";
import { pause } from "../transport/retry";
import { backOffMs } from "../transport/retry-policy";
import type { Descriptor, Index } from "../types";
import type { RegistryConnection } from "./connection";
import type { ManifestStore, TaggedManifest } from "./manifest-store";
import { indexEntries } from "./referrer-facts";

/** Tries to change the list while others change it too. */
const updateAttempts = 6;

/**
 * Before a list is changed others may come that refer to the same digest, in milliseconds: what is
 * attached at once takes about as long to be sent.
 */
const gatherMs = 50;

/** Waits between looks for a list that was put where none was, in milliseconds. */
const looksMs = [100, 200, 400, 600, 700];

/** Statuses of a PUT that say nothing about what was put. */
const otherRefusals: readonly number[] = [401, 403, 404, 408, 429];

/**
 * Tag under which registries without the referrers API keep the list (distribution-spec 1.1,
 * "Referrers Tag Schema").
 */
export function referrersTag(digest: string): string {
  return `${digest.slice(0, digest.indexOf(":"))}-${digestHex(digest)}`;
}

/** A change of a list. */
interface Change {
  /** Called when its turn comes; when it is over, nothing is added to it any more. */
  begin?: () => Promise<void>;
  /** The new entries; undefined where there is nothing to change. */
  apply: (entries: readonly Descriptor[]) => Descriptor[] | undefined;
  /** Whether the change is in effect. */
  holds: (entries: readonly Descriptor[]) => boolean;
}

/** Referrers that are to be listed. */
interface Addition {
  readonly entries: Descriptor[];
  readonly done: Promise<void>;
}

/** The lists of referrers that clients keep under tags of one repository. */
export class ReferrersLists {
  /** Changes of a list wait for one another within this process. */
  private readonly updates = new Map<string, Promise<unknown>>();
  /** Additions that wait for a change of their list, which will be one for all of them. */
  private readonly waiting = new Map<string, Addition>();
  /** Looks at lists that are under way. */
  private readonly looks = new Map<string, Promise<Descriptor[]>>();
  /** Why the repository can hold no list, once known: ends a sentence about the registry. */
  private refusal: string | undefined;

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly manifests: ManifestStore,
  ) {}

  /** The entries of the list of a digest; none where there is no list. @throws RegistryError */
  async read(subject: string): Promise<Descriptor[]> {
    const underWay = this.looks.get(subject);
    if (underWay) return underWay;
    const look = this.readNow(subject);
    this.looks.set(subject, look);
    try {
      return await look;
    } finally {
      if (this.looks.get(subject) === look) this.looks.delete(subject);
    }
  }

  private async readNow(subject: string): Promise<Descriptor[]> {
    return (await this.entriesOf(await this.manifests.find(referrersTag(subject)), subject)) ?? [];
  }

  /**
   * Lists a referrer. What is to be listed while the list is being changed is one change after that.
   *
   * @throws RegistryError, ReferrersRefusedError
   */
  async add(subject: string, entry: Descriptor): Promise<void> {
    const waiting = this.waiting.get(subject);
    if (waiting) {
      waiting.entries.push(entry);
      return waiting.done;
    }
    const entries = [entry];
    const lacking = (listed: readonly Descriptor[]) =>
      entries.filter(({ digest }) => !listed.some((one) => one.digest === digest));
    const change: Change = {
      begin: async () => {
        await pause(gatherMs);
        this.waiting.delete(subject);
      },
      apply: (listed) => (lacking(listed).length === 0 ? undefined : [...listed, ...lacking(listed)]),
      holds: (listed) => lacking(listed).length === 0,
    };
    const done = this.update(subject, change);
    this.waiting.set(subject, { entries, done });
    return done;
  }

  /** Takes a referrer off the list. @throws RegistryError */
  async remove(subject: string, referrer: string): Promise<void> {
    const others = (entries: readonly Descriptor[]) => entries.filter(({ digest }) => digest !== referrer);
    await this.update(subject, {
      apply: (entries) => (others(entries).length === entries.length ? undefined : others(entries)),
      holds: (entries) => others(entries).length === entries.length,
    });
  }

  /** @throws ReferrersRefusedError where it is known that the repository can hold no list */
  requireRoom(subject: string): void {
    if (this.refusal !== undefined) throw this.refused(subject, this.refusal);
  }

  /**
   * Changes a list. What others wrote is kept: the change is made to what is there, conditionally
   * where the registry gives an entity tag, and looked for afterwards. Without a registry that heeds
   * the condition, another process that read before and writes after that look can still undo it.
   */
  private async update(subject: string, change: Change): Promise<void> {
    const before = this.updates.get(subject) ?? Promise.resolve();
    const update = before.catch(() => undefined).then(() => this.updateNow(subject, change));
    this.updates.set(subject, update);
    try {
      await update;
    } finally {
      if (this.updates.get(subject) === update) this.updates.delete(subject);
    }
  }

  private async updateNow(subject: string, { begin, apply, holds }: Change): Promise<void> {
    await begin?.();
    const tag = referrersTag(subject);
    let gone: ReadonlySet<string> = new Set();
    for (let failures = 1; ; failures++) {
      const stored = await this.manifests.find(tag);
      const before = await this.entriesOf(stored, subject);
      const entries = apply((before ?? []).filter(({ digest }) => !gone.has(digest)));
      if (!entries) return;
      const index: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: entries };
      const bytes = Buffer.from(JSON.stringify(index));
      try {
        await this.manifests.put(tag, bytes, MediaType.ociIndex, { etag: stored?.etag });
        // A look that began before may not see it.
        this.looks.delete(subject);
        // Registries have been seen that give an entity tag and do not heed If-Match, and one that
        // answers the tag with the image whatever was put: look what is there now.
        if (before !== undefined) {
          if (holds((await this.entriesOf(await this.manifests.find(tag), subject)) ?? [])) return;
        } else if (await this.appears(subject, stored, holds)) return;
      } catch (error) {
        // An entry whose manifest somebody deleted keeps registries from taking the list.
        if (isUnknownContent(error)) {
          gone = await this.goneAmong(entries);
          if (gone.size === 0) throw error;
        } else if (!(error instanceof RegistryError && error.status === 412 && stored?.etag !== undefined)) {
          throw this.putFailure(error, subject, stored);
        }
      }
      if (failures >= updateAttempts) throw this.contended(tag);
      await pause(backOffMs(this.connection.retry, failures));
    }
  }

  /**
   * Looks for a list that was put where none was: some registries show it later.
   *
   * @throws ReferrersRefusedError where what was there stays
   */
  private async appears(
    subject: string,
    stored: TaggedManifest | undefined,
    holds: Change["holds"],
  ): Promise<boolean> {
    const tag = referrersTag(subject);
    for (const waitMs of [...looksMs, undefined]) {
      const found = await this.manifests.find(tag);
      const entries = await this.entriesOf(found, subject);
      if (entries && holds(entries)) return true;
      // Somebody else put something in between.
      if (found?.descriptor.digest !== stored?.descriptor.digest) return false;
      if (waitMs !== undefined) await pause(waitMs);
    }
    const seen =
      stored?.descriptor.digest === subject
        ? `it answers the tag ${tag} with the image itself, as GitLab's does, whatever is put there`
        : `it takes a list for the tag ${tag} and does not show it`;
    this.refusal = seen;
    throw this.refused(subject, seen);
  }

  /**
   * The entries of what the tag points to; undefined where that is no list of referrers, such as the
   * image itself, which registries and copying tools have been seen to put there.
   */
  private async entriesOf(
    manifest: TaggedManifest | undefined,
    subject: string,
  ): Promise<Descriptor[] | undefined> {
    if (!manifest || !isIndexMediaType(manifest.descriptor.mediaType)) return undefined;
    if (manifest.descriptor.digest === subject) return undefined;
    const entries = indexEntries(manifest.bytes);
    // Entries of an image have platforms, those of a list have none.
    const first = entries?.every(({ platform }) => platform) ? entries[0] : undefined;
    if (!first || !isDigest(first.digest)) return entries;
    const child = await this.manifests.find(first.digest);
    return child && manifestContent(child.bytes)?.subject ? entries : undefined;
  }

  /** Digests of those entries whose manifests are not in the repository. */
  private async goneAmong(entries: readonly Descriptor[]): Promise<ReadonlySet<string>> {
    const known = entries.filter(({ digest }) => isDigest(digest));
    const found = await Promise.all(known.map(({ digest }) => this.manifests.find(digest)));
    return new Set(known.filter((_, index) => !found[index]).map(({ digest }) => digest));
  }

  private putFailure(error: unknown, subject: string, stored: TaggedManifest | undefined): unknown {
    const tag = referrersTag(subject);
    const isImage = stored?.descriptor.digest === subject;
    if (isImage && error instanceof DigestMismatchError) {
      this.refusal = `it takes the tag ${tag} for the image itself, as GitLab's does`;
      return this.refused(subject, this.refusal, error);
    }
    if (!(error instanceof RegistryError) || error.status === undefined) return error;
    if (error.status < 400 || error.status >= 500 || otherRefusals.includes(error.status)) return error;
    const seen = isImage
      ? `it answers the tag ${tag} with the image itself, as GitLab's does, and refuses a list there`
      : `it refuses a list at the tag ${tag}`;
    if (isImage) this.refusal = seen;
    return this.refused(subject, seen, error);
  }

  private refused(subject: string, seen: string, cause?: Error): ReferrersRefusedError {
    return new ReferrersRefusedError({
      ...this.request(subject),
      seen,
      status: cause instanceof RegistryError ? cause.status : undefined,
      details: cause instanceof RegistryError ? [...cause.details] : undefined,
      cause,
    });
  }

  private contended(tag: string): RegistryError {
    return new RegistryError({
      operation: `updating the referrers list ${this.connection.registry}/${this.path}:${tag}`,
      host: this.connection.origin.host,
      method: "PUT",
      path: `/v2/${this.path}/manifests/${tag}`,
      status: 412,
      hint: "Others keep changing the list at the same time: try again.",
    });
  }

  private request(subject: string) {
    return {
      operation: `listing what refers to ${this.connection.registry}/${this.path}@${subject}`,
      registry: this.connection.registry,
      host: this.connection.origin.host,
      method: "PUT",
      path: `/v2/${this.path}/manifests/${referrersTag(subject)}`,
    };
  }
}
