import type { Repository } from "../repository";
import { checkDigest, checkTag } from "../reference";
import type { Platform } from "../types";
import { Delivery, type Verification } from "./delivery";
import { GraphError, readGraph, type ImageGraph, type ReferrerScope } from "./graph";
import { type MissingContent } from "./missing-content";
import { defaultPatience, type Patience } from "./patience";
import { ProgressMeter, type MirrorProgress } from "./progress";
import { MirrorError, tally, type MirrorReport } from "./report";
import { MirrorRun } from "./run";
import { Sources } from "./sources";
import { summarize } from "./summary";

/** Options of {@link mirror}. */
export interface MirrorOptions {
  /** Where the content is, the nearest first. What one does not have is looked for in the next. */
  sources: readonly Repository[];
  target: Repository;
  /** Digest of the image or index, `sha256:<hex>`. */
  digest: string;
  /** Tags of the target that are to point to it. */
  tags?: readonly string[];
  /** Only the images of these platforms; all unless given. */
  platforms?: readonly Platform[];
  /** Which referrers come along; `all` unless given. */
  referrers?: ReferrerScope;
  /**
   * What a manifest that is found in the target proves. `blobs`, the default: nothing about its
   * blobs, each of which is asked for with one small request, unless this run put the manifest or
   * asked before. `manifests`: that its blobs are there too. Registries that check manifests do not
   * accept one without its blobs, but not all of them check, and blobs can be lost later. The
   * manifests under a manifest are asked for one by one in both cases, because cleaning up by tag
   * deletes those first.
   */
  verify?: Verification;
  /** Shared by all mirrors of a process; one of its own unless given. */
  run?: MirrorRun;
  /** How long the target is given to see what it was sent; {@link defaultPatience} unless given. */
  patience?: Patience;
  onProgress?: (progress: MirrorProgress) => void;
  signal?: AbortSignal;
}

/**
 * Makes a digest, what it is made of and all that refers to it equal in a target repository. Bytes
 * and digests stay as they are. What the target has is not sent; what its registry has elsewhere is
 * mounted; the rest is streamed from the source straight to the target. Nothing is put before what
 * it is made of, and tags come last: a tag never points to something incomplete. A mirror that was
 * interrupted goes on where it stopped when it is started again.
 *
 * @throws MirrorError with everything that could not be brought
 * @throws PlatformError where the index has no image of a platform that is asked for
 * @throws ReferenceError for a digest or tag that is not well-formed; the reason of the signal
 */
export async function mirror(options: MirrorOptions): Promise<MirrorReport> {
  const { target, signal } = options;
  const tags = [...new Set(options.tags ?? [])].map((tag) => checkTag(tag));
  const what = `mirroring ${checkDigest(options.digest)} to ${target.name}`;
  const graph = await readSource(options, what, tags);
  const delivery = new Delivery({
    sources: new Sources(options.sources),
    target,
    graph,
    run: options.run ?? new MirrorRun(),
    verify: options.verify ?? "blobs",
    patience: options.patience ?? defaultPatience,
    progress: new ProgressMeter(target.name, graph.blobs, options.onProgress),
    signal,
  });
  const wanted = [
    ...graph.legacyTags.map(({ tag, digest }) => ({ tag, digest })),
    ...tags.map((tag) => ({ tag, digest: graph.rootDigest })),
  ];
  await delivery.bringContent();
  if (delivery.missing.length === 0) await delivery.awaitRoot();
  if (delivery.missing.length === 0) await delivery.setTags(wanted);
  const report = reportOf(graph, delivery, target);
  if (delivery.missing.length === 0) return report;
  const missing = [...delivery.missing, ...withheldTags(wanted, delivery)];
  throw new MirrorError(what, missing, { cause: delivery.cause, report: { ...report, missing } });
}

async function readSource(
  options: MirrorOptions,
  what: string,
  tags: readonly string[],
): Promise<ImageGraph> {
  const { sources, digest, platforms, referrers, signal } = options;
  try {
    return await readGraph(sources, digest, { platforms, referrers, signal });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const withheld = tags.map((tag): MissingContent => withheldTag(tag, digest));
    throw new MirrorError(what, [...error.missing, ...withheld], { cause: error.cause ?? error });
  }
}

function reportOf(graph: ImageGraph, delivery: Delivery, target: Repository): MirrorReport {
  const { blobs, manifests, tags } = delivery;
  return {
    target: target.name,
    sourceDigest: graph.sourceDigest,
    rootDigest: graph.rootDigest,
    blobs,
    manifests,
    tags,
    sent: tally(blobs, "uploaded"),
    mounted: tally(blobs, "mounted"),
    present: tally(blobs, "present"),
    missing: graph.missing,
    summary: summarize(graph),
  };
}

/** The tags that were not tried, because what they should point to is not whole. */
function withheldTags(
  wanted: readonly { tag: string; digest: string }[],
  delivery: Delivery,
): MissingContent[] {
  const tried = new Set([...delivery.tags, ...delivery.missing].map(({ tag }) => tag));
  return wanted.filter(({ tag }) => !tried.has(tag)).map(({ tag, digest }) => withheldTag(tag, digest));
}

function withheldTag(tag: string, digest: string): MissingContent {
  return { what: "tag", tag, digest, side: "target", reason: "not set, because the content is not complete" };
}
