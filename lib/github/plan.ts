import { compareVersions, prefixOfTag, versionOfTag, type Version } from "../version/version";
import { isReleaseListFile } from "../release/layout";
import { ReleaseRefusal } from "./errors";
import type { ObservedAsset, ObservedRelease, ReleaseFields } from "./releases";

/**
 * When a release becomes the one that a repository shows as its latest. `highest`: where no higher
 * stable version is, and for a tag with a prefix only after one with the same; `legacy`: as GitHub decides by date and version.
 */
export type MakeLatest = "highest" | "always" | "never" | "legacy";

/** An asset as a program declares it. */
export interface DesiredAsset {
  name: string;
  digest: string;
  contentType: string;
  /** Whether other content may replace it after publication. */
  replaceable: boolean;
}

/** A release as a program declares it; what is undefined is left as it is. */
export interface DesiredRelease {
  tag: string;
  title?: string;
  notes?: string;
  /** Commit or branch that the tag is made on where it is not there. */
  target?: string;
  prerelease?: boolean;
  makeLatest: MakeLatest;
  discussionCategory?: string;
  assets: readonly DesiredAsset[];
}

/** Facts beside the release itself. */
export interface Surroundings {
  /** `owner/name`, for messages. */
  repository: string;
  /** Commit of the git tag, where it is there and was asked for. */
  tagCommit?: string;
  /** Tag of the repository's latest release. */
  latest?: string;
  /**
   * Digests that were published by this program before, by asset: what differs from them was
   * changed by somebody else.
   */
  published: Readonly<Record<string, string>>;
  /** Digests of assets that this program published before and declares no more. */
  withdrawn?: Readonly<Record<string, string>> | undefined;
}

/** Step for one asset. */
export interface AssetStep {
  asset: DesiredAsset;
  action: "keep" | "upload" | "replace";
  /** The asset of this name that is there. */
  observed?: ObservedAsset;
}

/** Steps that make a release as declared. */
export interface ReleasePlan {
  /** Nothing is there: a draft has to be made. */
  create: boolean;
  /** The draft becomes visible, as the last step. */
  publish: boolean;
  /** Fields that differ, for the last step of a draft or at once for what is published. */
  fields: ReleaseFields;
  assets: AssetStep[];
  /**
   * Assets to remove first: uploads that broke off, and what a draft should not have under a name.
   */
  remove: ObservedAsset[];
  /** Assets to remove last: the release had them, and has no more. */
  withdraw: ObservedAsset[];
  /**
   * Names of assets that are not declared: they are somebody else's, and stay. The list of what was
   * published, which is placed last, is nobody else's.
   */
  extra: string[];
}

const commitPattern = /^[0-9a-f]{40}$/;

/** Returns whether a target names one commit for ever, as a branch does not. */
export function isCommit(target: string | undefined): target is string {
  return target !== undefined && commitPattern.test(target);
}

/**
 * Name under which the content that takes the place of a published asset is uploaded, before it
 * gets its own.
 */
export function interimName(asset: { name: string; digest: string }): string {
  return `${asset.name}.slipway-${asset.digest.slice(-12)}`;
}

/** Returns whether nothing has to be written. */
export function isDone(plan: ReleasePlan): boolean {
  return (
    !plan.create &&
    !plan.publish &&
    plan.remove.length === 0 &&
    plan.withdraw.length === 0 &&
    Object.keys(plan.fields).length === 0 &&
    plan.assets.every(({ action }) => action === "keep")
  );
}

/**
 * Compares what is declared with what is there. The digests of observed assets with a declared name
 * have to be known.
 *
 * @throws ReleaseRefusal where published content would change without being declared replaceable
 */
export function planRelease(
  desired: DesiredRelease,
  observed: ObservedRelease | undefined,
  surroundings: Surroundings,
): ReleasePlan {
  const draft = observed?.draft ?? true;
  const interim = new Set(desired.assets.map(interimName));
  const remove = (observed?.assets ?? []).filter(({ state }) => state !== "uploaded");
  const whole = (observed?.assets ?? []).filter(({ state }) => state === "uploaded");
  const assets = desired.assets.map((asset): AssetStep => {
    const found = whole.find(({ name }) => name === asset.name);
    if (!found) return { asset, action: "upload" };
    if (found.digest === asset.digest) return { asset, action: "keep", observed: found };
    if (!draft) return { asset, action: "replace", observed: found };
    remove.push(found);
    return { asset, action: "upload" };
  });
  const names = new Set(desired.assets.map(({ name }) => name));
  const withdraw = whole.filter(
    ({ name, digest }) =>
      !names.has(name) && digest !== undefined && surroundings.withdrawn?.[name] === digest,
  );
  const plan: ReleasePlan = {
    create: observed === undefined,
    publish: draft,
    fields: { ...fieldsOf(desired, observed), ...standing(desired, observed, surroundings.latest) },
    assets,
    remove: remove.filter(({ name }) => names.has(name) || interim.has(name)),
    withdraw,
    extra: (observed?.assets ?? [])
      .filter((asset) => !withdraw.includes(asset))
      .map(({ name }) => name)
      .filter((name) => !names.has(name) && !interim.has(name) && !isReleaseListFile(name)),
  };
  const reasons = refusals(desired, observed, surroundings, plan);
  if (reasons.length > 0) throw new ReleaseRefusal(reasons);
  return plan;
}

/** Texts compare without their line ends: GitHub's editor writes CRLF. */
export function sameText(a: string, b: string): boolean {
  return a.replaceAll("\r\n", "\n") === b.replaceAll("\r\n", "\n");
}

function fieldsOf(desired: DesiredRelease, observed: ObservedRelease | undefined): ReleaseFields {
  const fields: ReleaseFields = {};
  const { title, notes, prerelease, target } = desired;
  if (title !== undefined && title !== observed?.title) fields.name = title;
  if (notes !== undefined && !(observed && sameText(notes, observed.notes))) fields.body = notes;
  if (prerelease !== undefined && prerelease !== observed?.prerelease) fields.prerelease = prerelease;
  // What the tag of a published release was made on is history.
  if (target !== undefined && (observed?.draft ?? true) && target !== observed?.target) {
    fields.target_commitish = target;
  }
  if (desired.discussionCategory !== undefined && !observed?.discussion) {
    fields.discussion_category_name = desired.discussionCategory;
  }
  return fields;
}

/** Returns whether the release is, or becomes, the latest. A pre-release never is. */
function standing(
  desired: DesiredRelease,
  observed: ObservedRelease | undefined,
  latest: string | undefined,
): ReleaseFields {
  if (desired.prerelease ?? observed?.prerelease ?? false) return {};
  const published = observed !== undefined && !observed.draft;
  if (published && isStandingRight(desired, latest)) return {};
  return { make_latest: makeLatestOf(desired, latest) };
}

/**
 * Returns whether the repository's latest release agrees with what is declared of a published one.
 */
export function isStandingRight(
  desired: Pick<DesiredRelease, "tag" | "makeLatest">,
  latest: string | undefined,
): boolean {
  const wanted = makeLatestOf(desired, latest);
  if (wanted === "legacy") return true;
  if (wanted === "true") return latest === desired.tag;
  return desired.makeLatest === "highest" || latest !== desired.tag;
}

/** Returns what `make_latest` has to be for a release that is not a pre-release. */
export function makeLatestOf(
  { tag, makeLatest }: Pick<DesiredRelease, "tag" | "makeLatest">,
  latest: string | undefined,
): "true" | "false" | "legacy" {
  if (makeLatest === "always") return "true";
  if (makeLatest === "never") return "false";
  const own = versionOfTag(tag);
  if (makeLatest === "legacy" || !own) return "legacy";
  return own.stable && mayFollow(latest, tag, own) ? "true" : "false";
}

/**
 * Returns whether a stable version may become the latest release after another. A component's, such
 * as `cli/v1.2.3`, only follows that component's own: of a repository with several, the latest one
 * is not whichever was released last.
 */
function mayFollow(latest: string | undefined, tag: string, own: Version): boolean {
  if (latest === undefined) return true;
  const [prefix, other] = [prefixOfTag(tag), versionOfTag(latest)];
  if (prefixOfTag(latest) !== prefix) return prefix === "";
  return !(other?.stable && compareVersions(other, own) > 0);
}

function refusals(
  desired: DesiredRelease,
  observed: ObservedRelease | undefined,
  { repository, tagCommit, published }: Surroundings,
  plan: ReleasePlan,
): string[] {
  const name = `${repository} ${desired.tag}`;
  const reasons: string[] = [];
  if (isCommit(desired.target) && tagCommit !== undefined && tagCommit !== desired.target) {
    reasons.push(
      `The tag ${desired.tag} of ${repository} is on commit ${tagCommit}, and this program ` +
        `releases ${desired.target}. A version tag never moves: release the change under a new ` +
        "version, or release the commit that the tag is on.",
    );
  }
  if (observed?.immutable) {
    const changed = [
      ...plan.assets.filter(({ action }) => action !== "keep").map(({ asset }) => asset.name),
      ...plan.withdraw.map(({ name }) => name),
    ];
    if (changed.length > 0) {
      reasons.push(
        `${name} is an immutable release since ${observed.publishedAt ?? "its publication"}: ` +
          "its assets and its tag can no longer change, and this program would change " +
          `${changed.join(", ")}. Publish the change as a new version.`,
      );
    }
    return reasons;
  }
  for (const { asset, action, observed: found } of plan.assets) {
    // What somebody else changed goes back to what this program published.
    if (action !== "replace" || asset.replaceable || published[asset.name] === asset.digest) continue;
    reasons.push(changedAsset(name, asset, found?.digest ?? "other content"));
  }
  return reasons;
}

/** Returns why a published asset does not get other content. */
export function changedAsset(
  release: string,
  asset: { name: string; digest: string },
  published: string,
): string {
  return (
    `${asset.name} of ${release} is published as ${published}, and this program makes ` +
    `${asset.digest}. People have downloaded it: release the change under a new version, or as a ` +
    'rebuild of this one (a valid example: rebuilt: "20260131"), go back to the sources of this ' +
    "one, or declare the asset replaceable: true."
  );
}
