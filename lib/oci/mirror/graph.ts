import { defined } from "../../objects/defined";
import { digestOf } from "../digest";
import { GraphBudget, GraphLimitError, type GraphLimits } from "../graph-limits";
import { manifestContent } from "../manifest-content";
import {
  configuredPlatform,
  imageConfig,
  isSilent,
  maximumConfigSize,
  mostAsked,
} from "../image/silent-entries";
import { isIndexMediaType, isManifestMediaType } from "../media-types";
import type { Repository } from "../repository";
import type { Descriptor, FetchedManifest, Platform } from "../types";
import { dependenciesFirst } from "./dependencies-first";
import { legacyReferrerTags, type LegacyReferrerTag } from "./legacy-referrer-tag";
import { manifestLinks, type BlobDescriptor } from "./manifest-links";
import { reasonOf, type MissingContent } from "./missing-content";
import { statedPlatform } from "../platform";
import { platformSubset, requirePlatforms } from "./platform-subset";
import { Semaphore } from "../../machine/semaphore";
import { NotInSourcesError, Sources, type SourceFailure } from "./sources";

/** Requests for manifests and referrers lists under way at once while one graph is read. */
const concurrentReads = 16;

/**
 * Which referrers belong to a graph: `all`, those by `subject` and those by cosign's tags;
 * `subject`, only the former, which saves three requests for each manifest; `none`.
 */
export type ReferrerScope = "all" | "subject" | "none";

/** Options of {@link readGraph}. */
export interface GraphOptions {
  /**
   * Only the images of these platforms; all unless given. Only an index has platforms to choose
   * from.
   */
  platforms?: readonly Platform[];
  /** `all` unless given. */
  referrers?: ReferrerScope;
  /** {@link graphLimits} unless given. */
  limits?: GraphLimits;
  signal?: AbortSignal;
}

/** A manifest or index, as stored, and what it is made of. */
export interface GraphManifest {
  digest: string;
  mediaType: string;
  /** The bytes that have the digest; at most 4 MiB. */
  bytes: Buffer;
  /** Digests of the manifests that it lists. */
  children: string[];
  /** The blobs that have to be there before it. */
  blobs: BlobDescriptor[];
  /** The manifest of the graph that it refers to by `subject`. */
  subject?: string;
}

/** A digest, everything under it and everything that refers to any of it. */
export interface ImageGraph {
  /** The digest that was asked for. */
  sourceDigest: string;
  /** The digest that stands for it: another one where platforms were left out of an index. */
  rootDigest: string;
  /**
   * Each manifest once, in an order in which they can be put: children before parents, subjects
   * before referrers.
   */
  manifests: GraphManifest[];
  /** Each blob once. */
  blobs: BlobDescriptor[];
  /** Referrers by tag. The manifests that they point to are in the graph. */
  legacyTags: LegacyReferrerTag[];
  /**
   * Layers that are not copied, because their descriptors say that they are fetched from elsewhere
   * (`urls`).
   */
  foreign: BlobDescriptor[];
  /** Referrers that are listed and not there, or that a source among several did not say. */
  missing: MissingContent[];
  /** Digests of referrers that are listed, or tagged, and that no source has. */
  dangling: string[];
}

/** A graph that no source, nor all of them together, can give. */
export class GraphError extends Error {
  override readonly name = "GraphError";
  constructor(
    digest: string,
    sources: string,
    readonly missing: readonly MissingContent[],
    options: ErrorOptions,
  ) {
    const reasons = [...new Set(missing.map(({ reason }) => reason))]
      .map((reason) => `\n- ${reason}`)
      .join("");
    super(`reading ${digest} from ${sources}: ${missing.length} items could not be read${reasons}`, options);
  }
}

/**
 * Reads a digest, the manifests under it and all that refer to any of them (distribution-spec 1.1,
 * "Listing Referrers"; cosign's tags), and what refers to those. Each manifest is read once; blobs
 * are not read.
 *
 * @param sources where the content is, the nearest first
 * @throws GraphError with everything that is missing under the root; GraphLimitError where there is
 * more than is read
 * @throws PlatformError where the index has no image of a platform that is asked for
 */
export async function readGraph(
  sources: readonly Repository[],
  digest: string,
  options: GraphOptions = {},
): Promise<ImageGraph> {
  const all = new Sources(sources);
  try {
    return await new GraphReader(all, options).read(digest);
  } catch (error) {
    if (!(error instanceof GraphLimitError)) throw error;
    throw new GraphLimitError(`reading ${digest} from ${all.names}: ${error.message}`);
  }
}

interface ReadManifest extends GraphManifest {
  foreign: BlobDescriptor[];
}

class GraphReader {
  private readonly reads = new Map<string, Promise<ReadManifest>>();
  private readonly trees = new Map<string, Promise<MissingContent[]>>();
  private readonly manifests = new Map<string, ReadManifest>();
  /** Manifests whose referrers have been looked for. */
  private readonly asked = new Set<string>();
  private readonly referrers = new Map<string, string[]>();
  private readonly legacyTags: LegacyReferrerTag[] = [];
  private readonly missing: MissingContent[] = [];
  /** Referrers, or lists of them, that may exist and could not be read. */
  private readonly unread: MissingContent[] = [];
  /** Referrers of which something does not exist: they are no part of the graph. */
  private readonly dangling = new Set<string>();
  /** Indexes with fewer images than the source's. */
  private readonly derived = new Set<string>();
  /** Manifests that no source has. */
  private readonly absent = new Set<string>();
  private readonly slots = new Semaphore(concurrentReads);
  private readonly budget: GraphBudget;
  /** The cause of what is thrown. */
  private firstError?: unknown;

  constructor(
    private readonly sources: Sources,
    private readonly options: GraphOptions,
  ) {
    this.budget = new GraphBudget(options.limits);
  }

  async read(digest: string): Promise<ImageGraph> {
    const lost: MissingContent[] = [];
    let rootDigest: string | undefined = digest;
    if (this.options.platforms?.length) rootDigest = await this.readSubset(digest, lost);
    else lost.push(...(await this.readTree(digest)));
    if (lost.length > 0 || rootDigest === undefined) {
      throw new GraphError(digest, this.sources.names, lost, { cause: this.firstError });
    }
    if (this.options.referrers !== "none") {
      const copied = this.reachable([rootDigest]);
      // Nothing can refer to a derived index: it is not in the source.
      const subjects = [...copied.keys()].filter((known) => !this.derived.has(known));
      await Promise.all(subjects.map((known) => this.readReferrers(known)));
    }
    if (this.unread.length > 0) {
      throw new GraphError(digest, this.sources.names, this.unread, { cause: this.firstError });
    }
    return this.graph(digest, rootDigest);
  }

  /** Reads a manifest and all under it. Gives what cannot be read. */
  private readTree(digest: string, depth = 0): Promise<MissingContent[]> {
    let tree = this.trees.get(digest);
    if (!tree) {
      tree = this.readTreeNow(digest, depth);
      this.trees.set(digest, tree);
    }
    return tree;
  }

  private async readTreeNow(digest: string, depth: number): Promise<MissingContent[]> {
    let manifest: ReadManifest;
    try {
      manifest = await this.manifest(digest, depth);
    } catch (error) {
      return [this.lost(digest, error)];
    }
    return (await Promise.all(manifest.children.map((child) => this.readTree(child, depth + 1)))).flat();
  }

  /**
   * Reads those images of an index that are wanted, and puts a smaller index in its place where
   * others are left out. Returns the digest that stands for it; undefined where nothing is left.
   */
  private async readSubset(digest: string, lost: MissingContent[]): Promise<string | undefined> {
    const wanted = this.options.platforms ?? [];
    const offered: Platform[] = [];
    const root = await this.readWanted(digest, wanted, offered, lost);
    if (lost.length === 0 && isIndexMediaType((await this.manifest(digest)).mediaType)) {
      requirePlatforms(`index ${digest} of ${this.sources.names}`, wanted, offered);
    }
    return root?.digest;
  }

  private async readWanted(
    digest: string,
    wanted: readonly Platform[],
    offered: Platform[],
    lost: MissingContent[],
    depth = 0,
  ): Promise<Descriptor | undefined> {
    let manifest: ReadManifest;
    try {
      manifest = await this.manifest(digest, depth);
    } catch (error) {
      lost.push(this.lost(digest, error));
      return undefined;
    }
    const { mediaType, bytes } = manifest;
    const own = { mediaType, digest, size: bytes.length };
    if (!isIndexMediaType(mediaType)) return own;
    const listed = manifestContent(bytes)?.manifests ?? [];
    const children = new Set(manifest.children);
    const asked = await this.askPlatforms(listed, lost, depth);
    offered.push(
      ...listed.flatMap((descriptor) => statedPlatform(descriptor) ?? asked.get(descriptor.digest) ?? []),
    );
    const kept = await Promise.all(
      platformSubset(listed, wanted, asked).map(async (descriptor): Promise<Descriptor | undefined> => {
        if (!children.has(descriptor.digest)) return descriptor;
        const child = await this.readWanted(descriptor.digest, wanted, offered, lost, depth + 1);
        return child?.digest === descriptor.digest ? descriptor : child && { ...descriptor, ...child };
      }),
    );
    const manifests = kept.filter((descriptor) => descriptor !== undefined);
    if (manifests.length === 0) return undefined;
    const same = manifests.length === listed.length && manifests.every((entry, at) => entry === listed[at]);
    if (same) return own;
    const derived = Buffer.from(JSON.stringify({ ...manifestContent(bytes), manifests }));
    const descriptor = { mediaType, digest: digestOf(derived), size: derived.length };
    this.keep(readManifest({ descriptor, bytes: derived }));
    this.derived.add(descriptor.digest);
    return descriptor;
  }

  /**
   * Platforms of the images that an index lists without one, by digest. What cannot be read is lost,
   * for it might be the one that is wanted.
   */
  private async askPlatforms(
    listed: readonly Descriptor[],
    lost: MissingContent[],
    depth: number,
  ): Promise<Map<string, Platform>> {
    const silent = listed.filter((entry) => isManifestMediaType(entry.mediaType) && isSilent(entry));
    const asked = new Map<string, Platform>();
    await Promise.all(
      silent.slice(0, mostAsked).map(async ({ digest }) => {
        // A manifest that is not there is told by who reads the image.
        const manifest = await this.manifest(digest, depth + 1).catch(() => undefined);
        const config = manifest && imageConfig(manifest);
        if (!config) return;
        try {
          const bytes = await this.slots.use(
            () => this.sources.blob(config, maximumConfigSize),
            this.options.signal,
          );
          const platform = configuredPlatform(bytes);
          if (platform) asked.set(digest, platform);
        } catch (error) {
          lost.push({ ...this.lost(config.digest, error), what: "blob" });
        }
      }),
    );
    return asked;
  }

  /** Reads what refers to a manifest, with all under it, and what refers to that. */
  private async readReferrers(subject: string): Promise<void> {
    if (this.asked.has(subject)) return;
    this.asked.add(subject);
    const [listed, tagged] = await Promise.all([this.listReferrers(subject), this.readLegacyTags(subject)]);
    const found: string[] = [];
    await Promise.all(
      [...new Set([...listed, ...tagged.map(({ digest }) => digest)])].map(async (referrer) => {
        const lost = await this.readTree(referrer);
        if (lost.length > 0) {
          this.dangling.add(referrer);
          for (const content of lost)
            (this.absent.has(content.digest) ? this.missing : this.unread).push(content);
          return;
        }
        found.push(referrer);
        await Promise.all([...this.reachable([referrer]).keys()].map((under) => this.readReferrers(under)));
      }),
    );
    this.referrers.set(subject, found.sort());
    this.legacyTags.push(...tagged);
  }

  private async listReferrers(subject: string): Promise<string[]> {
    const lost = { what: "referrers", digest: subject, side: "source" } as const;
    return this.askAll(lost, async () => {
      const { descriptors, failures } = await this.sources.referrers(subject);
      return { answer: descriptors.map(({ digest }) => digest), failures };
    });
  }

  private async readLegacyTags(subject: string): Promise<LegacyReferrerTag[]> {
    if (this.options.referrers === "subject") return [];
    const found = await Promise.all(
      legacyReferrerTags(subject).map((tag) =>
        this.askAll({ what: "tag", tag, digest: subject, side: "source" }, async () => {
          const { found, failures } = await this.sources.tagged(tag);
          if (!found) return { answer: [], failures };
          const { digest } = found.descriptor;
          void this.remember(digest, this.parse(found));
          return { answer: [{ tag, digest, subject }], failures };
        }),
      ),
    );
    return found.flat();
  }

  /** Asks all sources; notes which of them do not answer. */
  private async askAll<T>(
    lost: Omit<MissingContent, "reason">,
    ask: () => Promise<{ answer: T[]; failures: readonly SourceFailure[] }>,
  ): Promise<T[]> {
    try {
      const { answer, failures } = await this.slots.use(ask, this.options.signal);
      this.missing.push(
        ...failures.map(({ source, error }) => ({ ...lost, source: source.name, reason: reasonOf(error) })),
      );
      return answer;
    } catch (error) {
      this.options.signal?.throwIfAborted();
      this.firstError ??= error;
      this.unread.push({ ...lost, reason: reasonOf(error) });
      return [];
    }
  }

  private manifest(digest: string, depth = 0): Promise<ReadManifest> {
    const read = this.reads.get(digest);
    if (read) return read;
    const fetched = this.slots.use(async () => {
      this.budget.enter(depth);
      return this.sources.manifest(digest);
    }, this.options.signal);
    return this.remember(
      digest,
      fetched.then((manifest) => this.parse(manifest)),
    );
  }

  private remember(digest: string, read: Promise<ReadManifest>): Promise<ReadManifest> {
    // Who needs it gets its error; it may be that nobody does before it fails.
    read.catch(() => undefined);
    if (!this.reads.has(digest)) this.reads.set(digest, read);
    return read;
  }

  private async parse(fetched: FetchedManifest): Promise<ReadManifest> {
    return this.keep(readManifest(fetched));
  }

  private keep(manifest: ReadManifest): ReadManifest {
    this.budget.take(manifest.bytes.length);
    this.manifests.set(manifest.digest, manifest);
    return manifest;
  }

  private lost(digest: string, error: unknown): MissingContent {
    this.options.signal?.throwIfAborted();
    // What is more than is read is not missing: there is no use in listing the rest.
    if (error instanceof GraphLimitError) throw error;
    this.firstError ??= error;
    if (error instanceof NotInSourcesError) this.absent.add(digest);
    return { what: "manifest", digest, side: "source", reason: reasonOf(error) };
  }

  /** The manifests given and all under them, children first. */
  private reachable(
    from: readonly string[],
    into = new Map<string, ReadManifest>(),
  ): Map<string, ReadManifest> {
    const known = (digests: readonly string[]) =>
      digests.flatMap((digest) => (into.has(digest) ? [] : (this.manifests.get(digest) ?? [])));
    for (const manifest of dependenciesFirst(known(from), ({ children }) => known(children))) {
      into.set(manifest.digest, manifest);
    }
    return into;
  }

  private graph(sourceDigest: string, rootDigest: string): ImageGraph {
    const ordered = this.reachable([rootDigest]);
    // A map's iteration goes on to what is added meanwhile: referrers of referrers.
    for (const digest of ordered.keys()) this.reachable(this.referrers.get(digest) ?? [], ordered);
    const manifests = subjectsFirst([...ordered.values()]);
    const inGraph = (digest: string | undefined) => digest !== undefined && ordered.has(digest);
    return {
      sourceDigest,
      rootDigest,
      manifests: manifests.map(({ foreign: _foreign, subject, ...manifest }) =>
        defined({
          ...manifest,
          subject: inGraph(subject) ? subject : undefined,
        }),
      ),
      blobs: distinct(manifests.flatMap(({ blobs }) => blobs)),
      legacyTags: this.legacyTags
        .filter(({ subject, digest }) => inGraph(subject) && inGraph(digest) && !this.dangling.has(digest))
        .sort((one, other) => (one.tag < other.tag ? -1 : 1)),
      foreign: distinct(manifests.flatMap(({ foreign }) => foreign)),
      missing: this.missing,
      dangling: [...this.dangling].sort(),
    };
  }
}

function readManifest({ descriptor, bytes }: FetchedManifest): ReadManifest {
  const { children, blobs, foreign, subject } = manifestLinks(descriptor, bytes);
  return defined({
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    bytes,
    children: [...new Set(children.map(({ digest }) => digest))],
    blobs,
    foreign,
    subject,
  });
}

/**
 * Keeps the order, except that a manifest comes after its subject. Digests cannot go round in a
 * circle.
 */
function subjectsFirst(manifests: readonly ReadManifest[]): ReadManifest[] {
  const byDigest = new Map(manifests.map((manifest) => [manifest.digest, manifest]));
  const before = ({ children, subject }: ReadManifest) =>
    [...children, ...(subject === undefined ? [] : [subject])].flatMap(
      (digest) => byDigest.get(digest) ?? [],
    );
  return [...dependenciesFirst(manifests, before)];
}

function distinct(blobs: readonly BlobDescriptor[]): BlobDescriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
