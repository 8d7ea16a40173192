import { defined } from "../objects/defined";
import { pause } from "../oci/transport/retry";
import {
  interimName,
  isCommit,
  isDone,
  makeLatestOf,
  planRelease,
  type DesiredRelease,
  type ReleasePlan,
} from "./plan";
import type { ObservedAsset, ObservedRelease, ReleaseFields, Releases } from "./releases";
import { bringAssets, isTemporary, locateAssets, type UploadOptions } from "./uploads";

/** Tries to make the draft. */
const tries = 3;

/** Fields of a new release. */
export interface ReconcileOptions extends UploadOptions {
  /** Digests that this program published before, by asset. */
  published?: Readonly<Record<string, string>>;
  /** Digests of those of them that it declares no more, and that go. */
  withdrawn?: Readonly<Record<string, string>> | undefined;
  /** Digests of assets by their id: the content of an asset never changes under the same id. */
  known?: ReadonlyMap<number, string>;
}

/** A release as it is, and what is to do with it. */
export interface Comparison {
  observed: ObservedRelease | undefined;
  plan: ReleasePlan;
  /** Tag of the repository's latest release. */
  latest: string | undefined;
}

/**
 * Observes the release of a tag, with the digests of the assets that are declared.
 *
 * @throws GitHubError
 */
export async function observeRelease(
  releases: Releases,
  tag: string,
  names: ReadonlySet<string>,
  known: ReadonlyMap<number, string> = new Map(),
): Promise<ObservedRelease | undefined> {
  const found = await releases.find(tag);
  if (!found) return undefined;
  const assets: ObservedAsset[] = [];
  for (const asset of found.assets) {
    const wanted = asset.state === "uploaded" && names.has(asset.name);
    const digest =
      asset.digest ?? known.get(asset.id) ?? (wanted ? await releases.digest(found, asset) : undefined);
    assets.push({ ...asset, digest });
  }
  return { ...found, assets };
}

/**
 * Compares a declared release with GitHub's. Only reads.
 *
 * @throws GitHubError, ReleaseRefusal
 */
export async function compareRelease(
  releases: Releases,
  desired: DesiredRelease,
  options: Pick<ReconcileOptions, "published" | "withdrawn" | "known">,
): Promise<Comparison> {
  const names = new Set([
    ...desired.assets.flatMap((asset) => [asset.name, interimName(asset)]),
    ...Object.keys(options.withdrawn ?? {}),
  ]);
  const observed = await observeRelease(releases, desired.tag, names, options.known);
  const latest = desired.prerelease === true ? undefined : await releases.latest();
  const plan = planRelease(
    desired,
    observed,
    defined({
      repository: releases.name,
      tagCommit: isCommit(desired.target) ? await releases.commitOf(desired.tag) : undefined,
      latest,
      published: options.published ?? {},
      withdrawn: options.withdrawn,
    }),
  );
  return { observed, plan, latest };
}

/**
 * Makes a release what is declared: a draft first, then its assets, and the publication as the last
 * step, so that nobody sees it half done. What is there and right is kept, whoever made it.
 *
 * @throws GitHubError, ReleaseRefusal; what was brought until then stays, and the next call goes on
 * from there
 */
export async function publishRelease(
  releases: Releases,
  desired: DesiredRelease,
  options: ReconcileOptions,
): Promise<ObservedRelease> {
  const { observed, plan, latest } = await compareRelease(releases, desired, options);
  if (observed && isDone(plan)) return observed;
  if (!releases.client.authenticated) throw new Error(missingToken(releases, desired));
  // Before anything is made: a file that is not there leaves no empty draft.
  const files = await locateAssets(plan, options);
  const release = observed ?? (await makeDraft(releases, desired, plan.fields, options.signal));
  for (const asset of plan.remove) await releases.remove(release, asset);
  await bringAssets(releases, release, files, options);
  // What new sums do not list goes once they are there.
  for (const asset of plan.withdraw) await releases.remove(release, asset);
  const digests = new Map(desired.assets.map(({ name, digest }) => [name, digest]));
  const assets = await wholeAssets(releases, release, digests);
  const fields = await lastFields(releases, desired, plan, latest);
  const changed = Object.keys(fields).length > 0 ? await releases.change(release, fields) : release;
  // The URLs of a draft's assets change when it is published.
  return { ...changed, assets: plan.publish ? await wholeAssets(releases, release, digests) : assets };
}

/** Returns why nothing can be written. */
export function missingToken(releases: Releases, desired: { tag: string }): string {
  return (
    `publishing ${releases.name} ${desired.tag} needs a token, but there is none. Set it as a secret ` +
    `(pulumi config set --secret slipway:github '{"token": "…"}') or in the environment as GITHUB_TOKEN.`
  );
}

/** A draft is made by a request that must not be repeated blindly: there would be two. */
async function makeDraft(
  releases: Releases,
  desired: DesiredRelease,
  fields: ReleaseFields,
  signal: AbortSignal | undefined,
): Promise<ObservedRelease> {
  const { make_latest: _latest, discussion_category_name: _category, ...draft } = fields;
  for (let failures = 1; ; failures++) {
    try {
      return await releases.createDraft({ tag_name: desired.tag, ...draft });
    } catch (error) {
      if (!isTemporary(error) || failures >= tries) throw error;
      await pause(releases.client.patience.baseDelayMs * failures ** 2, signal);
      const made = await releases.find(desired.tag);
      if (made) return made;
    }
  }
}

/**
 * Returns what the last request changes. The latest release may be another since the comparison:
 * uploads take their time.
 */
async function lastFields(
  releases: Releases,
  desired: DesiredRelease,
  plan: ReleasePlan,
  latest: string | undefined,
): Promise<ReleaseFields> {
  if (!plan.publish) return plan.fields;
  if (plan.fields.make_latest === undefined) return { ...plan.fields, draft: false };
  const now = await releases.latest();
  const standing = now === latest ? {} : { make_latest: makeLatestOf(desired, now) };
  return { ...plan.fields, ...standing, draft: false };
}

/**
 * The assets as GitHub lists them.
 * @throws Error where one that is declared is not there, or not what it should be
 */
async function wholeAssets(
  releases: Releases,
  release: ObservedRelease,
  digests: ReadonlyMap<string, string>,
): Promise<ObservedAsset[]> {
  const assets = await releases.assets(release);
  const wrong = [...digests].filter(([name, digest]) => {
    const found = assets.find((asset) => asset.name === name);
    return found?.state !== "uploaded" || (found.digest ?? digest) !== digest;
  });
  if (wrong.length > 0) {
    throw new Error(
      `${releases.name} ${release.tag}: somebody else changed ` +
        `${wrong.map(([name]) => name).join(", ")} meanwhile. Run again`,
    );
  }
  return assets.map((asset) => {
    const digest = asset.digest ?? digests.get(asset.name);
    return { ...asset, digest };
  });
}
