import { defined } from "../../objects/defined";
import { nonEmpty } from "../../text/non-empty";
import { parseBoundedJson } from "../bounded-json";
import { digestHex, isDigest, shortDigest } from "../digest";
import { isUnknownContent, RegistryError } from "../errors";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, MediaType } from "../media-types";
import { pullScope } from "../transport/scope";
import { backOffMs } from "../transport/retry-policy";
import { pause } from "../transport/retry";
import type { Descriptor, Index } from "../types";
import type { RegistryConnection, RegistryRequest } from "./connection";
import type { ManifestStore, TaggedManifest } from "./manifest-store";
import { eachPage, withPageSize } from "./pagination";

/** Tries to change the fallback index while others change it too. */
const fallbackUpdateAttempts = 6;

/** The parts of a manifest that make it a referrer. */
export interface ReferrerFacts {
  subject?: Descriptor;
  /** The descriptor under which it is listed. */
  entry: Descriptor;
}

/**
 * Tag under which registries without the referrers API keep the list (distribution-spec 1.1,
 * "Referrers Tag Schema").
 */
export function referrersTag(digest: string): string {
  return `${digest.slice(0, digest.indexOf(":"))}-${digestHex(digest)}`;
}

/**
 * Reads from a manifest what its subject is and how it is listed there (distribution-spec 1.1,
 * "Listing Referrers").
 */
export function referrerFacts(descriptor: Descriptor, bytes: Uint8Array): ReferrerFacts {
  const manifest = manifestContent(bytes);
  if (!manifest) return { entry: descriptor };
  const { subject, annotations } = manifest;
  const artifactType = [manifest.artifactType, manifest.config?.mediaType].find(Boolean);
  const entry: Descriptor = defined({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    artifactType: nonEmpty(artifactType),
    annotations: annotations && Object.keys(annotations).length > 0 ? annotations : undefined,
  });
  return defined({ subject: subject?.digest ? subject : undefined, entry });
}

/** The manifests of one repository that refer to another one by `subject`. */
export class Referrers {
  /** Changes of a fallback index wait for one another within this process. */
  private readonly updates = new Map<string, Promise<unknown>>();

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly manifests: ManifestStore,
  ) {}

  /**
   * Descriptors of the referrers of a digest, from the referrers API or the fallback tag.
   * @throws RegistryError
   */
  async list(digest: string, artifactType?: string): Promise<Descriptor[]> {
    const fromApi = await this.listFromApi(digest, artifactType);
    const found = fromApi ?? indexEntries(await this.manifests.find(referrersTag(digest)));
    // What is not a digest cannot be asked for: it would be taken for the tag of something else.
    const known = found.filter(({ digest: referrer }) => isDigest(referrer));
    const stated = await Promise.all(known.map((descriptor) => this.withStatedArtifactType(descriptor)));
    return artifactType === undefined
      ? stated
      : stated.filter((descriptor) => descriptor.artifactType === artifactType);
  }

  /**
   * Lists a manifest that was pushed under its subject, where the registry does not do so itself.
   */
  async announce({ subject, entry }: ReferrerFacts): Promise<void> {
    if (!subject || (await this.hasApi(subject.digest))) return;
    await this.update(
      subject.digest,
      (entries) => (entries.some(({ digest }) => digest === entry.digest) ? undefined : [...entries, entry]),
      (entries) => entries.some(({ digest }) => digest === entry.digest),
    );
  }

  /**
   * Takes a manifest that was deleted off the list of its subject, where the registry does not do
   * so itself.
   */
  async retract({ subject, entry }: ReferrerFacts): Promise<void> {
    if (!subject || (await this.hasApi(subject.digest))) return;
    const others = (entries: readonly Descriptor[]) =>
      entries.filter(({ digest }) => digest !== entry.digest);
    await this.update(
      subject.digest,
      (entries) => (others(entries).length === entries.length ? undefined : others(entries)),
      (entries) => others(entries).length === entries.length,
    );
  }

  /**
   * Returns whether the registry has the referrers API. It is asked rather than the `OCI-Subject`
   * header of a push: registries have been seen that send the header and do not have the API.
   */
  async hasApi(digest: string): Promise<boolean> {
    this.connection.referrersApi ??= (await this.listFromApi(digest)) !== undefined;
    return this.connection.referrersApi;
  }

  private async listFromApi(digest: string, artifactType?: string): Promise<Descriptor[] | undefined> {
    if (this.connection.referrersApi === false) return undefined;
    const filter = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
    const request: RegistryRequest = {
      operation: `listing referrers of ${this.connection.registry}/${this.path}@${shortDigest(digest)}`,
      method: "GET",
      target: withPageSize(`/v2/${this.path}/referrers/${digest}${filter}`, this.connection.pageSize),
      scopes: [pullScope(this.path)],
      // Not found, and what registries answer that do not know the path at all.
      expect: [200, 400, 404, 405, 406, 415, 501],
      headers: { accept: MediaType.ociIndex },
    };
    const found = new Map<string, Descriptor>();
    let supported = true;
    await eachPage(this.connection, request, ({ response, bytes }) => {
      const entries = response.status === 200 ? parseIndexEntries(bytes) : undefined;
      if (!entries) supported = false;
      for (const entry of entries ?? []) found.set(entry.digest, entry);
      return { entries: found.size };
    });
    if (!supported) return undefined;
    this.connection.referrersApi = true;
    return [...found.values()];
  }

  /**
   * An artifact with the empty config always states its type in `artifactType`; a descriptor that
   * gives the empty config's media type instead comes from a registry that does not know the field,
   * and the manifest is asked.
   */
  private async withStatedArtifactType(descriptor: Descriptor): Promise<Descriptor> {
    if (descriptor.artifactType !== MediaType.ociEmpty) return descriptor;
    const manifest = await this.manifests.find(descriptor.digest);
    if (!manifest) return descriptor;
    const { entry } = referrerFacts(manifest.descriptor, manifest.bytes);
    return { ...descriptor, ...entry };
  }

  /**
   * Changes the fallback index. What others wrote is kept: the change is made to what is there,
   * conditionally where the registry gives an entity tag, and looked for afterwards. Without a
   * registry that heeds the condition, another process that read before and writes after that look
   * can still undo it.
   *
   * @param change the new entries; undefined where there is nothing to change
   * @param holds whether the change is in effect
   */
  private async update(
    subject: string,
    change: (entries: readonly Descriptor[]) => Descriptor[] | undefined,
    holds: (entries: readonly Descriptor[]) => boolean,
  ): Promise<void> {
    const before = this.updates.get(subject) ?? Promise.resolve();
    const update = before.catch(() => undefined).then(() => this.updateNow(subject, change, holds));
    this.updates.set(subject, update);
    try {
      await update;
    } finally {
      if (this.updates.get(subject) === update) this.updates.delete(subject);
    }
  }

  private async updateNow(
    subject: string,
    change: (entries: readonly Descriptor[]) => Descriptor[] | undefined,
    holds: (entries: readonly Descriptor[]) => boolean,
  ): Promise<void> {
    const tag = referrersTag(subject);
    let gone: ReadonlySet<string> = new Set();
    for (let failures = 1; ; failures++) {
      const stored = await this.manifests.find(tag);
      const entries = change(indexEntries(stored).filter(({ digest }) => !gone.has(digest)));
      if (!entries) return;
      const index: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: entries };
      const bytes = Buffer.from(JSON.stringify(index));
      try {
        await this.manifests.put(tag, bytes, MediaType.ociIndex, { etag: stored?.etag });
        // Registries have been seen that give an entity tag and do not heed If-Match: look what is
        // there now.
        if (holds(indexEntries(await this.manifests.find(tag)))) return;
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        // An entry whose manifest somebody deleted keeps registries from taking the list.
        if (isUnknownContent(error)) gone = await this.goneAmong(entries);
        else if (error.status !== 412) throw error;
        if (isUnknownContent(error) && gone.size === 0) throw error;
      }
      if (failures >= fallbackUpdateAttempts) throw this.contended(tag);
      await pause(backOffMs(this.connection.retry, failures));
    }
  }

  /** Digests of those entries whose manifests are not in the repository. */
  private async goneAmong(entries: readonly Descriptor[]): Promise<ReadonlySet<string>> {
    const known = entries.filter(({ digest }) => isDigest(digest));
    const found = await Promise.all(known.map(({ digest }) => this.manifests.find(digest)));
    return new Set(known.filter((_, index) => !found[index]).map(({ digest }) => digest));
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
}

function indexEntries(manifest: TaggedManifest | undefined): Descriptor[] {
  if (!manifest || !isIndexMediaType(manifest.descriptor.mediaType)) return [];
  return parseIndexEntries(manifest.bytes) ?? [];
}

/** The descriptors in an index; undefined where the bytes are not an index. */
function parseIndexEntries(bytes: Buffer): Descriptor[] | undefined {
  try {
    const index = parseBoundedJson(bytes) as Partial<Index> | null;
    if (!index || index.schemaVersion !== 2) return undefined;
    const entries = index.manifests ?? [];
    return Array.isArray(entries) ? entries.filter((entry) => typeof entry?.digest === "string") : undefined;
  } catch {
    return undefined;
  }
}
