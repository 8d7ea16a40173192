import { stat } from "node:fs/promises";
import { pause } from "../oci/transport/retry";
import { FileBody } from "./connection";
import { GitHubError } from "./errors";
import { interimName, type AssetStep, type DesiredAsset, type ReleasePlan } from "./plan";
import type { ObservedAsset, ObservedRelease, Releases } from "./releases";

/** Uploads at once. More would only share the same line. */
const uploadsAtOnce = 3;

/** Tries to bring one asset. */
const tries = 3;

/** Tools for bringing assets. */
export interface UploadOptions {
  /** The file of an asset; asked for those only that are uploaded. */
  fileOf: (asset: DesiredAsset) => Promise<string>;
  onProgress?: (message: string) => void;
  signal?: AbortSignal;
}

/** An asset that is to be brought, with its file. */
export interface LocatedAsset {
  step: AssetStep;
  file: string;
  /** Size in bytes. */
  size: number;
}

/**
 * Finds the files of what a plan brings.
 * @throws what `fileOf` throws, and where a file is not there
 */
export async function locateAssets(plan: ReleasePlan, options: UploadOptions): Promise<LocatedAsset[]> {
  const located: LocatedAsset[] = [];
  for (const step of plan.assets.filter(({ action }) => action !== "keep")) {
    const file = await options.fileOf(step.asset);
    located.push({ step, file, size: (await stat(file)).size });
  }
  return located;
}

/**
 * Brings assets that are missing or other.
 *
 * @throws GitHubError, AggregateError; what was brought until then stays
 */
export async function bringAssets(
  releases: Releases,
  release: ObservedRelease,
  files: readonly LocatedAsset[],
  options: UploadOptions,
): Promise<void> {
  const progress = new UploadProgress(
    files.map(({ size }) => size),
    options.onProgress,
  );
  const queue = [...files.entries()];
  let failed = false;
  const work = async () => {
    for (let next = queue.shift(); next && !failed; next = queue.shift()) {
      const [index, { step, file, size }] = next;
      try {
        const body = () => new FileBody(file, size, (bytes) => progress.sent(index, bytes));
        await bringAsset(releases, release, step, body, options.signal);
        progress.done(index);
      } catch (error) {
        // Those under way finish, so that the next run does not have to bring them again.
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: uploadsAtOnce }, work));
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  const [first, ...others] = errors;
  if (first) throw others.length === 0 ? first : new AggregateError(errors);
}

/**
 * Brings one asset. One that is published is replaced by content that is there already under
 * another name, so that its URL is without content for a moment only.
 */
async function bringAsset(
  releases: Releases,
  release: ObservedRelease,
  { asset, action, observed }: AssetStep,
  body: () => FileBody,
  signal: AbortSignal | undefined,
): Promise<void> {
  const name = interimName(asset);
  const interim = release.assets.find((found) => found.name === name && found.digest === asset.digest);
  if (action === "upload" && !interim) {
    await deliver(releases, release, asset, asset.name, body, signal);
    return;
  }
  const next = interim ?? (await deliver(releases, release, asset, name, body, signal));
  if (observed) await releases.remove(release, observed);
  await releases.rename(release, next, asset.name);
}

/** Uploads under a name until GitHub has it whole. */
async function deliver(
  releases: Releases,
  release: ObservedRelease,
  asset: DesiredAsset,
  name: string,
  body: () => FileBody,
  signal: AbortSignal | undefined,
): Promise<ObservedAsset> {
  const { contentType, digest } = asset;
  for (let failures = 1; ; failures++) {
    try {
      const content = body();
      const uploaded = await releases.upload(release, { name, contentType, body: content });
      const actual = content.sentDigest === digest ? (uploaded.digest ?? digest) : content.sentDigest;
      if (actual === digest && uploaded.size === content.length && uploaded.name === name) return uploaded;
      await releases.remove(release, uploaded);
      throw new Error(
        content.sentDigest === digest
          ? `${asset.name}: ${releases.name} ${release.tag} got it as ${uploaded.name}, ${uploaded.size} bytes, ${actual}; ` +
              `expected ${content.length} bytes, ${digest}. It was removed again`
          : `${asset.name} changed while it was uploaded: it has the digest ${actual}, not ${digest}. Run again`,
      );
    } catch (error) {
      signal?.throwIfAborted();
      const again =
        isTemporary(error) || (error instanceof GitHubError && error.refuses("name", "already_exists"));
      if (!again) throw error;
      // The answer of an upload that got through may be lost, and one that broke off leaves its
      // name taken.
      const left = await leftovers(releases, release, name).catch(() => undefined);
      const whole = left?.find((found) => found.state === "uploaded" && found.digest === digest);
      if (whole) return whole;
      for (const found of left ?? []) await releases.remove(release, found);
      if (failures >= tries) throw error;
      await pause(releases.client.patience.baseDelayMs * failures ** 2, signal);
    }
  }
}

async function leftovers(
  releases: Releases,
  release: ObservedRelease,
  name: string,
): Promise<ObservedAsset[]> {
  return (await releases.assets(release)).filter((found) => found.name === name);
}

/** Returns whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  return error instanceof GitHubError && error.temporary;
}

/** Least time between two messages, in milliseconds. */
const messageIntervalMs = 500;

class UploadProgress {
  private readonly bytes: number[];
  private finished = 0;
  private shown = 0;

  constructor(
    private readonly sizes: readonly number[],
    private readonly show: (message: string) => void = () => undefined,
  ) {
    this.bytes = sizes.map(() => 0);
  }

  sent(index: number, bytes: number): void {
    this.bytes[index] = bytes;
    if (Date.now() - this.shown < messageIntervalMs) return;
    this.shown = Date.now();
    const megabytes = (values: readonly number[]) =>
      (values.reduce((sum, value) => sum + value, 0) / 1e6).toFixed(1);
    this.show(
      `uploading ${megabytes(this.bytes)} of ${megabytes(this.sizes)} MB, ${this.finished} of ${this.sizes.length} assets done`,
    );
  }

  done(index: number): void {
    this.finished += 1;
    this.shown = 0;
    this.sent(index, this.sizes[index] ?? 0);
  }
}
