import { isDigest, shortDigest } from "../digest";
import { ReferrersRefusedError, RegistryError } from "../errors";
import { MediaType } from "../media-types";
import type { ListReferrersOptions } from "../repository";
import type { Descriptor } from "../types";
import type { RegistryConnection } from "./connection";
import type { ManifestStore } from "./manifest-store";
import { referrerFacts, type ReferrerFacts } from "./referrer-facts";
import { RecentReferrers } from "./recent-referrers";
import { ReferrersApi } from "./referrers-api";
import { ReferrersLists } from "./referrers-list";

/** Manifests of one repository whose own words are remembered: a digest has some twenty. */
const mostStated = 1024;

/** The manifests of one repository that refer to another one by `subject`. */
export class Referrers {
  private readonly api: ReferrersApi;
  private readonly lists: ReferrersLists;
  private readonly recent = new RecentReferrers();
  /** What manifests state of themselves, by digest. */
  private readonly stated = new Map<string, Descriptor>();

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly manifests: ManifestStore,
  ) {
    this.api = new ReferrersApi(connection, path, manifests, this.recent);
    this.lists = new ReferrersLists(connection, path, manifests);
  }

  /**
   * Descriptors of the referrers of a digest, from the referrers API or the list under the tag.
   * @throws RegistryError
   */
  async list(
    digest: string,
    artifactType?: string,
    { since }: ListReferrersOptions = {},
  ): Promise<Descriptor[]> {
    const known = since === undefined ? undefined : this.recent.since(since, digest, artifactType);
    const entries = await (known ?? this.read(digest, artifactType));
    const found = new Map(entries.map((one) => [one.digest, one]));
    // What is not a digest cannot be asked for: it would be taken for the tag of something else.
    const named = [...found.values()].filter(({ digest: referrer }) => isDigest(referrer));
    const stated = await Promise.all(
      named.map((descriptor) => this.withStatedArtifactType(descriptor, artifactType !== undefined)),
    );
    return artifactType === undefined
      ? stated
      : stated.filter((descriptor) => descriptor.artifactType === artifactType);
  }

  /** The entries as the registry has them, by the API and from the list under the tag. */
  private read(digest: string, artifactType: string | undefined): Promise<Descriptor[]> {
    const at = performance.now();
    const entries = this.readNow(digest, artifactType);
    this.recent.note(digest, artifactType, { at, entries });
    return entries;
  }

  private async readNow(digest: string, artifactType: string | undefined): Promise<Descriptor[]> {
    const fromApi = await this.api.list(digest, artifactType);
    // An API that has not listed anything yet may be one that never does.
    const fromTag = fromApi && this.api.isProven ? [] : await this.lists.read(digest);
    return [...fromTag, ...(fromApi ?? [])];
  }

  /** The entries that the registry's own API has; undefined where it has none. @throws RegistryError */
  byRegistry(digest: string): Promise<Descriptor[] | undefined> {
    return this.api.list(digest);
  }

  /** Notes that nothing refers to a digest, which the repository does not have yet. */
  noteNone(digest: string): void {
    this.recent.note(digest, undefined, { at: performance.now(), entries: Promise.resolve([]) });
  }

  /**
   * Pushes a manifest, and lists it under its subject where the registry does not do so itself.
   *
   * @param put pushes it
   * @throws ReferrersRefusedError where it has a subject and the registry cannot hold such a
   *   manifest, or not list it
   */
  async announce({ subject, entry }: ReferrerFacts, put: () => Promise<Descriptor>): Promise<Descriptor> {
    if (!subject) return put();
    this.lists.requireRoom(subject.digest);
    const descriptor = await this.putReferrer(subject.digest, put);
    if (!(await this.api.lists(subject.digest, entry))) await this.lists.add(subject.digest, entry);
    this.state(entry);
    this.recent.add(subject.digest, entry);
    return descriptor;
  }

  /**
   * Takes a manifest that was deleted off the list of its subject, where the registry does not do
   * so itself.
   */
  async retract({ subject, entry }: ReferrerFacts): Promise<void> {
    if (!subject) return;
    this.api.forget(subject.digest, entry.digest);
    this.recent.forget(subject.digest);
    if (!this.api.isProven) await this.lists.remove(subject.digest, entry.digest);
  }

  private async putReferrer(subject: string, put: () => Promise<Descriptor>): Promise<Descriptor> {
    try {
      return await put();
    } catch (error) {
      if (!(error instanceof RegistryError) || error.status !== 405) throw error;
      throw new ReferrersRefusedError({
        operation: `attaching to ${this.connection.registry}/${this.path}@${shortDigest(subject)}`,
        registry: this.connection.registry,
        host: error.host,
        method: error.method,
        path: error.path,
        status: error.status,
        details: [...error.details],
        seen: "it refuses manifests that refer to another one, as Amazon ECR has done, or all that writes",
        cause: error,
      });
    }
  }

  /**
   * An artifact with the empty config always states its type in `artifactType`; a descriptor that
   * gives the empty config's media type instead comes from a client or registry that does not know
   * the field, and the manifest is asked. So it is where a type is looked for and none is stated.
   */
  private async withStatedArtifactType(descriptor: Descriptor, isFiltered: boolean): Promise<Descriptor> {
    const { artifactType } = descriptor;
    if (artifactType !== MediaType.ociEmpty && (artifactType || !isFiltered)) return descriptor;
    const known = this.stated.get(descriptor.digest);
    if (known) return { ...descriptor, ...known };
    const manifest = await this.manifests.find(descriptor.digest);
    if (!manifest) return descriptor;
    const { entry } = referrerFacts(manifest.descriptor, manifest.bytes);
    this.state(entry);
    return { ...descriptor, ...entry };
  }

  /** Remembers what a manifest states of itself, which its digest holds it to. */
  private state(entry: Descriptor): void {
    const oldest = this.stated.keys().next().value;
    if (this.stated.size >= mostStated && oldest !== undefined) this.stated.delete(oldest);
    this.stated.set(entry.digest, entry);
  }
}
