import { defined } from "../../objects/defined";
import type { Repository } from "../repository";
import { checkTag } from "../reference";
import type { Verification } from "./delivery";
import type { ReferrerScope } from "./graph";
import { legacyReferrerTags } from "./legacy-referrer-tag";
import { Semaphore } from "../../machine/semaphore";
import { asError, Sources } from "./sources";
import type { MirrorSummary } from "./summary";

/** Requests of one comparison under way at once. */
const concurrentRequests = 16;

/** One thing that a target lacks, or has otherwise. */
export type MirrorFinding =
  /** A tag points elsewhere. */
  | { kind: "tag-moved"; tag: string; from: string; to: string }
  | { kind: "tag-missing"; tag: string; digest: string }
  | { kind: "manifest-missing"; digest: string }
  /** A referrer is not in the target, or it is and not in the list of its subject's referrers. */
  | { kind: "referrer-missing"; digest: string; subject: string; cause: "absent" | "unlisted" }
  /** `found`: bytes that are there, where the blob is not whole. */
  | { kind: "blob-missing"; digest: string; size: number; found?: number }
  /** A source has a referrer that was not there when the summary was made. */
  | { kind: "referrer-new"; digest: string; subject: string; tag?: string };

/** Inputs of {@link compareTarget}. */
export interface ComparisonOptions {
  target: Repository;
  /** Expected content, from the report of a mirror or from a graph. */
  summary: MirrorSummary;
  /** Tags that should point to the root. */
  tags?: readonly string[];
  /** `manifests` leaves out the blobs; `blobs` unless given. */
  verify?: Verification;
  /** Where to look for referrers that are new; they are not looked for unless given. */
  sources?: readonly Repository[];
  /** Which of them belong to the mirror; `all` unless given. */
  referrers?: ReferrerScope;
  signal?: AbortSignal;
}

/**
 * Says what a target lacks. It asks once for each tag, manifest and blob, and once for each list of
 * referrers, and does not read the source, except for new referrers where sources are given.
 *
 * @returns the findings in a fixed order; empty where the target is equal
 * @throws RegistryError, CredentialsError where the target cannot be asked; the reason of the
 * signal
 */
export async function compareTarget(options: ComparisonOptions): Promise<MirrorFinding[]> {
  const { summary, verify = "blobs", signal } = options;
  const slots = new Semaphore(concurrentRequests);
  const comparison = new Comparison(options, (work) => slots.use(work, signal));
  const tags = [
    ...summary.legacyTags.map(({ tag, digest }) => ({ tag, digest })),
    ...[...new Set(options.tags ?? [])].map((tag) => ({ tag: checkTag(tag), digest: summary.rootDigest })),
  ];
  const subjects = [...new Set(summary.manifests.flatMap(({ subject }) => subject ?? []))];
  const results = await Promise.allSettled([
    ...tags.map(({ tag, digest }) => comparison.tag(tag, digest)),
    comparison.manifests(subjects),
    ...(verify === "blobs"
      ? Object.entries(summary.blobs).map(([digest, size]) => comparison.blob(digest, size))
      : []),
    comparison.newReferrers(),
  ]);
  signal?.throwIfAborted();
  return results.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

type Ask = <T>(work: () => Promise<T>) => Promise<T>;

class Comparison {
  constructor(
    private readonly options: ComparisonOptions,
    private readonly ask: Ask,
  ) {}

  async tag(tag: string, digest: string): Promise<MirrorFinding[]> {
    const found = await this.ask(() => this.options.target.headManifest(tag));
    if (!found) return [{ kind: "tag-missing", tag, digest }];
    return found.digest === digest ? [] : [{ kind: "tag-moved", tag, from: digest, to: found.digest }];
  }

  async manifests(subjects: readonly string[]): Promise<MirrorFinding[]> {
    const { target, summary } = this.options;
    const lists = new Map(subjects.map((subject) => [subject, this.listed(subject)]));
    const findings = await Promise.all(
      summary.manifests.map(async ({ digest, subject }): Promise<MirrorFinding[]> => {
        const [found, listed] = await Promise.all([
          this.ask(() => target.headManifest(digest)),
          subject === undefined ? undefined : lists.get(subject),
        ]);
        if (subject === undefined) return found ? [] : [{ kind: "manifest-missing", digest }];
        if (!found) return [{ kind: "referrer-missing", digest, subject, cause: "absent" }];
        return listed?.has(digest) ? [] : [{ kind: "referrer-missing", digest, subject, cause: "unlisted" }];
      }),
    );
    return findings.flat();
  }

  async blob(digest: string, size: number): Promise<MirrorFinding[]> {
    const found = await this.ask(() => this.options.target.blobSize(digest, size));
    return found === size ? [] : [defined({ kind: "blob-missing", digest, size, found } as const)];
  }

  /** Referrers at the sources that the summary does not have. */
  async newReferrers(): Promise<MirrorFinding[]> {
    const { sources, summary, referrers } = this.options;
    if (!sources || referrers === "none") return [];
    const known = new Set([...summary.dangling, ...summary.manifests.map(({ digest }) => digest)]);
    // A derived index is in no source, and the one that it was made from keeps its referrers.
    const asked = summary.manifests.filter(
      ({ digest }) => digest !== summary.rootDigest || digest === summary.sourceDigest,
    );
    const everywhere = new Sources(sources);
    const findings = await Promise.all(
      asked.map(async ({ digest: subject }): Promise<MirrorFinding[]> => {
        const [{ descriptors, failures }, tagged] = await Promise.all([
          this.ask(() => everywhere.referrers(subject)),
          this.newLegacyTags(everywhere, subject),
        ]);
        if (failures[0]) throw asError(failures[0].error);
        const found = descriptors.filter(({ digest }) => !known.has(digest));
        return [
          ...found.map(({ digest }) => ({ kind: "referrer-new", digest, subject }) as const),
          ...tagged,
        ];
      }),
    );
    return findings.flat();
  }

  private async newLegacyTags(sources: Sources, subject: string): Promise<MirrorFinding[]> {
    if (this.options.referrers === "subject") return [];
    const { legacyTags, dangling } = this.options.summary;
    const findings = await Promise.all(
      legacyReferrerTags(subject).map(async (tag): Promise<MirrorFinding[]> => {
        const digest = await this.ask(() => sources.headTag(tag));
        const known = legacyTags.some((other) => other.tag === tag && other.digest === digest);
        if (digest === undefined || known || dangling.includes(digest)) return [];
        return [{ kind: "referrer-new", digest, subject, tag }];
      }),
    );
    return findings.flat();
  }

  private async listed(subject: string): Promise<ReadonlySet<string>> {
    const found = await this.ask(() => this.options.target.listReferrers(subject));
    return new Set(found.map(({ digest }) => digest));
  }
}
