import { isDigest, shortDigest } from "../digest";
import { ReferrersRefusedError, RegistryError } from "../errors";
import { MediaType } from "../media-types";
import type { Descriptor } from "../types";
import type { RegistryConnection } from "./connection";
import type { ManifestStore } from "./manifest-store";
import { referrerFacts, type ReferrerFacts } from "./referrer-facts";
import { ReferrersApi } from "./referrers-api";
import { ReferrersLists } from "./referrers-list";

/** The manifests of one repository that refer to another one by `subject`. */
export class Referrers {
  private readonly api: ReferrersApi;
  private readonly lists: ReferrersLists;

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly manifests: ManifestStore,
  ) {
    this.api = new ReferrersApi(connection, path, manifests);
    this.lists = new ReferrersLists(connection, path, manifests);
  }

  /**
   * Descriptors of the referrers of a digest, from the referrers API or the list under the tag.
   * @throws RegistryError
   */
  async list(digest: string, artifactType?: string): Promise<Descriptor[]> {
    const fromApi = await this.api.list(digest, artifactType);
    // An API that has not listed anything yet may be one that never does.
    const fromTag = fromApi && this.api.isProven ? [] : await this.lists.read(digest);
    const found = new Map([...fromTag, ...(fromApi ?? [])].map((entry) => [entry.digest, entry]));
    // What is not a digest cannot be asked for: it would be taken for the tag of something else.
    const known = [...found.values()].filter(({ digest: referrer }) => isDigest(referrer));
    const stated = await Promise.all(
      known.map((descriptor) => this.withStatedArtifactType(descriptor, artifactType !== undefined)),
    );
    return artifactType === undefined
      ? stated
      : stated.filter((descriptor) => descriptor.artifactType === artifactType);
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
    return descriptor;
  }

  /**
   * Takes a manifest that was deleted off the list of its subject, where the registry does not do
   * so itself.
   */
  async retract({ subject, entry }: ReferrerFacts): Promise<void> {
    if (!subject) return;
    this.api.forget(subject.digest, entry.digest);
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
    const manifest = await this.manifests.find(descriptor.digest);
    if (!manifest) return descriptor;
    const { entry } = referrerFacts(manifest.descriptor, manifest.bytes);
    return { ...descriptor, ...entry };
  }
}
