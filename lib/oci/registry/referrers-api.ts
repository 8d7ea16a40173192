import { isRefusal, RegistryError } from "../errors";
import { shortDigest } from "../digest";
import { MediaType } from "../media-types";
import { pause } from "../transport/retry";
import { pullScope } from "../transport/scope";
import type { Descriptor } from "../types";
import type { RegistryConnection, RegistryRequest } from "./connection";
import type { ManifestStore } from "./manifest-store";
import { eachPage, withPageSize } from "./pagination";
import type { RecentReferrers } from "./recent-referrers";
import { indexEntries } from "./referrer-facts";

/** Waits between looks whether what was pushed is listed, in milliseconds: two seconds in all. */
const looksMs = [100, 200, 400, 600, 700];

/**
 * Answers of registries that do not know the path: the client's error, but for those that are about
 * rights (401, 403) or time (408, 429), and "not implemented".
 */
const unknownPathStatuses: readonly number[] = [
  ...Array.from({ length: 100 }, (_, index) => 400 + index).filter(
    (status) => ![401, 403, 408, 429].includes(status),
  ),
  501,
];
/** A redirect that leaves the API. */
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/**
 * The referrers API of one repository (distribution-spec 1.1, "Listing Referrers"), where the
 * registry has one.
 */
export class ReferrersApi {
  /** Whether the path is closed for this account, although the repository is not. */
  private closed = false;
  /** What was pushed in this run and has not been seen in a list since, by subject. */
  private readonly pushed = new Map<string, Map<string, Descriptor>>();

  constructor(
    private readonly connection: RegistryConnection,
    private readonly path: string,
    private readonly manifests: ManifestStore,
    private readonly recent: RecentReferrers,
  ) {}

  /** Whether it is known to list what is pushed. */
  get isProven(): boolean {
    return this.connection.referrersApi.lists === true && !this.closed;
  }

  /**
   * The referrers of a digest; undefined where the registry does not have the API. What was pushed in
   * this run is waited for: some registries list it later.
   *
   * @throws RegistryError
   */
  async list(digest: string, artifactType?: string): Promise<Descriptor[] | undefined> {
    let listed = await this.ask(digest, artifactType);
    for (const waitMs of looksMs) {
      if (!listed || !this.lacksPushed(digest, artifactType, listed)) return listed;
      await pause(waitMs);
      listed = await this.ask(digest, artifactType);
    }
    // It will not come by waiting, and is not waited for again.
    this.pushed.delete(digest);
    return listed;
  }

  /** Forgets that a referrer was pushed, because it was deleted. */
  forget(subject: string, referrer: string): void {
    this.pushed.get(subject)?.delete(referrer);
  }

  /** Whether something was pushed that a list does not have. */
  private lacksPushed(
    subject: string,
    artifactType: string | undefined,
    listed: readonly Descriptor[],
  ): boolean {
    const pushed = this.pushed.get(subject);
    for (const { digest } of listed) pushed?.delete(digest);
    return [...(pushed?.values() ?? [])].some(
      (entry) => artifactType === undefined || entry.artifactType === artifactType,
    );
  }

  private async ask(digest: string, artifactType?: string): Promise<Descriptor[] | undefined> {
    const facts = this.connection.referrersApi;
    if (facts.present === false || this.closed) return undefined;
    const filter = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
    const request: RegistryRequest = {
      operation: `listing referrers of ${this.connection.registry}/${this.path}@${shortDigest(digest)}`,
      method: "GET",
      target: withPageSize(`/v2/${this.path}/referrers/${digest}${filter}`, this.connection.pageSize),
      scopes: [pullScope(this.path)],
      expect: [200, ...redirectStatuses, ...unknownPathStatuses],
      headers: { accept: MediaType.ociIndex },
      follows: isReferrersPath,
    };
    const found = new Map<string, Descriptor>();
    let supported = true;
    try {
      await eachPage(this.connection, request, ({ response, bytes }) => {
        const entries = response.status === 200 ? indexEntries(bytes) : undefined;
        if (!entries) supported = false;
        for (const entry of entries ?? []) found.set(entry.digest, entry);
        return { entries: found.size };
      });
    } catch (error) {
      const subject = await this.readableSubject(error, digest);
      if (subject === undefined) throw error;
      if (subject === "there") this.closed = true;
      return undefined;
    }
    if (!supported) return undefined;
    facts.present = true;
    if (found.size > 0) facts.lists ??= true;
    return [...found.values()];
  }

  /**
   * Returns whether the registry lists a referrer that was pushed. It is asked rather than the
   * `OCI-Subject` header of the push: Amazon ECR sent that without having the API. The first
   * referrer of a run is looked for, for some seconds, and what comes of it counts for all.
   */
  async lists(subject: string, entry: Descriptor): Promise<boolean> {
    const facts = this.connection.referrersApi;
    if (facts.present === false || this.closed) return false;
    if (facts.lists === undefined) {
      facts.proof ??= this.prove(subject, entry).finally(() => {
        facts.proof = undefined;
      });
    }
    const lists = facts.lists ?? (await facts.proof) ?? false;
    if (lists) this.expect(subject, entry);
    return lists;
  }

  private expect(subject: string, entry: Descriptor): void {
    this.pushed.set(
      subject,
      (this.pushed.get(subject) ?? new Map<string, Descriptor>()).set(entry.digest, entry),
    );
  }

  private async prove(subject: string, { digest: referrer }: Descriptor): Promise<boolean> {
    const facts = this.connection.referrersApi;
    for (const waitMs of [...looksMs, undefined]) {
      const at = performance.now();
      const listed = await this.ask(subject);
      if (listed === undefined) {
        if (!this.closed) facts.present = false;
        return false;
      }
      if (facts.lists || listed.some(({ digest }) => digest === referrer)) {
        this.recent.note(subject, undefined, { at, entries: Promise.resolve(listed) });
        return true;
      }
      if (waitMs !== undefined) await pause(waitMs);
    }
    facts.lists = false;
    return false;
  }

  /**
   * Some registries answer 401 or 403 for paths that they do not know. Where the same account can
   * read what it asks about, or is told that it is not there, it is no lack of rights.
   */
  private async readableSubject(error: unknown, digest: string): Promise<"there" | "absent" | undefined> {
    if (!(error instanceof RegistryError) || !isRefusal(error.status)) return undefined;
    try {
      return (await this.manifests.head(digest)) === undefined ? "absent" : "there";
    } catch (reason) {
      if (reason instanceof RegistryError) return undefined;
      throw reason;
    }
  }
}

/** Whether a redirect of the API leads to an API, e.g. of another region, and not to a web page. */
export function isReferrersPath({ pathname }: URL): boolean {
  return /\/v2\/.+\/referrers\/[a-z0-9]+(:|%3a)[a-f0-9]+$/i.test(pathname);
}
