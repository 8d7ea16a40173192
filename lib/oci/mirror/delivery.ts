import { defined } from "../../objects/defined";
import type { BlobTransfer, Repository } from "../repository";
import { registryOf } from "./blob-homes";
import { mountableSource, SourceBlobError, transferBlob } from "./blob-transfer";
import type { GraphManifest, ImageGraph } from "./graph";
import type { BlobDescriptor } from "./manifest-links";
import { ManifestPlacement } from "./manifest-placement";
import { reasonOf, type MissingContent } from "./missing-content";
import type { Patience } from "./patience";
import type { ProgressMeter } from "./progress";
import type { BlobOutcome, ManifestOutcome, TagOutcome } from "./report";
import type { MirrorRun } from "./run";
import type { Sources } from "./sources";
import { TargetRefusal } from "./target-refusal";

/** Trust in a manifest that is found in the target; see {@link MirrorOptions.verify}. */
export type Verification = "manifests" | "blobs";

/** Tools of a delivery. */
export interface DeliveryOptions {
  sources: Sources;
  target: Repository;
  graph: ImageGraph;
  run: MirrorRun;
  verify: Verification;
  patience: Patience;
  progress: ProgressMeter;
  signal?: AbortSignal;
}

/**
 * Brings a graph to one target: blobs, then the manifests made of them, then the tags. What cannot
 * be brought is noted in `missing`, and the rest is brought all the same, except for what would be
 * incomplete without it.
 */
export class Delivery {
  readonly blobs: BlobOutcome[] = [];
  readonly manifests: ManifestOutcome[] = [];
  readonly tags: TagOutcome[] = [];
  readonly missing: MissingContent[] = [];
  /** The first thing that went wrong. */
  cause?: unknown;
  private readonly refusal = new TargetRefusal();
  private readonly placement: ManifestPlacement;
  private readonly mountFrom?: string;
  private readonly byDigest: ReadonlyMap<string, GraphManifest>;
  private readonly broughtBlobs = new Map<string, Promise<boolean>>();
  private readonly broughtManifests = new Map<string, Promise<boolean>>();

  constructor(private readonly options: DeliveryOptions) {
    const { sources, target, graph, patience, signal } = options;
    this.byDigest = new Map(graph.manifests.map((manifest) => [manifest.digest, manifest]));
    this.mountFrom = mountableSource(sources, target);
    const content = {
      manifest: (digest: string) => this.byDigest.get(digest),
      resendBlob: (blob: BlobDescriptor) => this.resendBlob(blob),
    };
    this.placement = new ManifestPlacement(target, content, patience, signal);
  }

  /** Brings everything but the tags. Nothing that it started is still running when it returns. */
  async bringContent(): Promise<void> {
    const { graph } = this.options;
    await this.settle(graph.manifests.map(({ digest }) => this.bringManifest(digest)));
    if (this.missing.length === 0)
      await this.settle(this.unlistedSubjects().map((each) => this.list(...each)));
  }

  /**
   * Points tags to manifests of the graph, each only if it does not yet. The content has to be
   * whole.
   */
  async setTags(tags: readonly { tag: string; digest: string }[]): Promise<void> {
    const before = new Map<string, string | undefined>();
    const failed = new Set<string>();
    await this.settle(
      tags.map(async ({ tag, digest }) => {
        const known = await this.attempt({ what: "tag", tag, digest }, async () => {
          before.set(tag, (await this.options.target.headManifest(tag))?.digest);
        });
        if (!known) failed.add(tag);
      }),
    );
    const visible: Promise<boolean>[] = [];
    // One after another: registries have been seen to rewrite a manifest's link non-atomically for
    // each of its tags.
    for (const { tag, digest } of tags) {
      if (failed.has(tag)) continue;
      const previous = before.get(tag);
      const manifest = this.byDigest.get(digest);
      const done = await this.attempt({ what: "tag", tag, digest }, async () => {
        if (previous === digest || !manifest) return;
        await this.placement.put(manifest, tag);
        visible.push(
          this.attempt({ what: "tag", tag, digest }, () => this.placement.awaitVisible(tag, digest)),
        );
      });
      if (done) this.tags.push(defined({ tag, digest, before: previous }));
    }
    await this.settle(visible);
  }

  /** Waits until the root can be read, where it has just been put. */
  async awaitRoot(): Promise<void> {
    const { rootDigest } = this.options.graph;
    const sent = this.manifests.some(({ digest, transfer }) => digest === rootDigest && transfer === "sent");
    if (!sent) return;
    await this.attempt({ what: "manifest", digest: rootDigest }, () =>
      this.placement.awaitVisible(rootDigest, rootDigest),
    );
  }

  private bringManifest(digest: string): Promise<boolean> {
    let brought = this.broughtManifests.get(digest);
    if (!brought) {
      const manifest = this.byDigest.get(digest);
      brought = manifest ? this.bringManifestNow(manifest) : Promise.resolve(false);
      this.broughtManifests.set(digest, brought);
    }
    return brought;
  }

  private async bringManifestNow(manifest: GraphManifest): Promise<boolean> {
    const { run, target, verify } = this.options;
    const { digest, children, subject } = manifest;
    const before = [...children, ...(subject === undefined ? [] : [subject])];
    if (run.isWhole(target, digest)) {
      for (const blob of manifest.blobs) this.noteBlob(blob, "present");
      const whole = await allOf(before.map((part) => this.bringManifest(part)));
      if (whole) this.noteManifest(manifest, "present");
      return whole;
    }
    const found = this.find(manifest);
    const blobs =
      verify === "blobs"
        ? this.bringBlobs(manifest)
        : found.then((present) => (present ? this.trustBlobs(manifest) : this.bringBlobs(manifest)));
    const parts = allOf(before.map((part) => this.bringManifest(part)));
    const [present, ...whole] = await Promise.all([found, blobs, parts]);
    if (present === undefined || whole.includes(false)) return false;
    const placed = present || (await this.place(manifest));
    if (!placed) return false;
    if (verify === "blobs" || !present) run.setWhole(target, digest);
    if (present) this.noteManifest(manifest, "present");
    return true;
  }

  /**
   * Returns whether a manifest is in the target; undefined where the target does not say, which is
   * noted.
   */
  private async find({ digest }: GraphManifest): Promise<boolean | undefined> {
    let present: boolean | undefined;
    await this.attempt({ what: "manifest", digest }, async () => {
      present = (await this.options.target.headManifest(digest)) !== undefined;
    });
    return present;
  }

  private async place(manifest: GraphManifest): Promise<boolean> {
    const { run, target, signal } = this.options;
    return this.attempt({ what: "manifest", digest: manifest.digest }, async () => {
      // Another mirror of this run may have put it since it was looked for.
      if (run.isWhole(target, manifest.digest)) return this.noteManifest(manifest, "present");
      const { joined } = await run.manifests.run(
        `${target.name}@${manifest.digest}`,
        () => this.placement.put(manifest),
        signal,
      );
      this.noteManifest(manifest, joined ? "present" : "sent");
    });
  }

  /** The largest first, so that none of them is left alone at the end. */
  private bringBlobs({ blobs }: GraphManifest): Promise<boolean> {
    const ordered = [...blobs].sort((one, other) => other.size - one.size);
    return allOf(ordered.map((blob) => this.bringBlob(blob)));
  }

  private trustBlobs({ blobs }: GraphManifest): boolean {
    for (const blob of blobs) this.noteBlob(blob, "present");
    return true;
  }

  /** Counts a blob that is not asked for, unless it is brought for another manifest. */
  private noteBlob(blob: BlobDescriptor, transfer: BlobTransfer): void {
    if (this.broughtBlobs.has(blob.digest)) return;
    this.broughtBlobs.set(blob.digest, Promise.resolve(true));
    this.finishBlob(blob, transfer);
  }

  private bringBlob(blob: BlobDescriptor): Promise<boolean> {
    let brought = this.broughtBlobs.get(blob.digest);
    if (!brought) {
      brought = this.attempt({ what: "blob", digest: blob.digest }, async () => {
        this.finishBlob(blob, await this.sendBlob(blob));
      });
      this.broughtBlobs.set(blob.digest, brought);
    }
    return brought;
  }

  private async sendBlob(blob: BlobDescriptor): Promise<BlobTransfer> {
    const { run, sources, target, progress, signal } = this.options;
    const onProgress = (sentBytes: number) => progress.advance(blob.digest, sentBytes);
    return run.blobs.bring(
      target,
      blob.digest,
      this.mountFrom,
      (mountFrom) =>
        run.limiter.use(
          registryOf(target),
          () => {
            this.refusal.check();
            // Who waits for the place of this one starts before the failure is told to who waits for it.
            return transferBlob(sources, target, blob, { mountFrom, onProgress, signal }).catch(
              (error: unknown) => {
                if (!(error instanceof SourceBlobError)) this.refusal.failed(error);
                throw error;
              },
            );
          },
          signal,
        ),
      signal,
    );
  }

  private async resendBlob(blob: BlobDescriptor): Promise<void> {
    this.options.run.blobs.forget(this.options.target, blob.digest);
    await this.sendBlob(blob);
  }

  private finishBlob(blob: BlobDescriptor, transfer: BlobTransfer): void {
    this.blobs.push({ ...blob, transfer });
    this.options.progress.finish(blob.digest, blob.size, transfer);
  }

  private noteManifest(
    { digest, mediaType, bytes }: GraphManifest,
    transfer: ManifestOutcome["transfer"],
  ): void {
    this.manifests.push({ digest, mediaType, size: bytes.length, transfer });
  }

  /**
   * Subjects with referrers that were found in the target, and so may be missing from its list of
   * referrers.
   */
  private unlistedSubjects(): [subject: string, referrers: GraphManifest[]][] {
    const present = new Set(
      this.manifests.filter(({ transfer }) => transfer === "present").map(({ digest }) => digest),
    );
    const subjects = new Map<string, GraphManifest[]>();
    for (const manifest of this.options.graph.manifests) {
      if (manifest.subject === undefined || !present.has(manifest.digest)) continue;
      subjects.set(manifest.subject, [...(subjects.get(manifest.subject) ?? []), manifest]);
    }
    return [...subjects];
  }

  /**
   * Puts those referrers again that the target has and does not list: an earlier run may have ended
   * in between.
   */
  private async list(subject: string, referrers: readonly GraphManifest[]): Promise<boolean> {
    return this.attempt({ what: "referrers", digest: subject }, async () => {
      const listed = new Set((await this.options.target.listReferrers(subject)).map(({ digest }) => digest));
      for (const referrer of referrers) {
        if (!listed.has(referrer.digest)) await this.placement.put(referrer);
      }
    });
  }

  /**
   * Does something with the target; notes what is missing where it fails. Only an abort is thrown.
   */
  private async attempt(
    content: Pick<MissingContent, "what" | "digest" | "tag">,
    work: () => Promise<void>,
  ): Promise<boolean> {
    const { signal } = this.options;
    try {
      this.refusal.check();
      await work();
      this.refusal.succeeded();
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      const side = error instanceof SourceBlobError ? "source" : "target";
      if (side === "target") this.refusal.failed(error);
      this.cause ??= error;
      this.missing.push({ ...content, side, reason: reasonOf(error) });
      return false;
    }
  }

  /** Waits for all, whatever becomes of each. @throws the first rejection: an abort */
  private async settle(work: readonly Promise<unknown>[]): Promise<void> {
    const results = await Promise.allSettled(work);
    this.options.signal?.throwIfAborted();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}

async function allOf(work: readonly Promise<boolean>[]): Promise<boolean> {
  return (await Promise.all(work)).every(Boolean);
}
