import { changedAsset, isCommit, isDone, isStandingRight, sameText } from "../../lib/github/plan";
import { longestNotes, parseGitHubRepository } from "../../lib/github/names";
import {
  compareRelease,
  missingToken,
  observeRelease,
  publishRelease,
  type Comparison,
} from "../../lib/github/reconcile";
import { Releases, type ObservedRelease } from "../../lib/github/releases";
import { gitHubReleaseDefinition } from "../../resources/definitions/github-release";
import { InputError } from "../../resources/definitions/input-findings";
import { visibleControls } from "../../lib/text/controls";
import { fileDrift, putBack } from "../run/drift-sentences";
import type { ResourceContext } from "../run/context";
import { knownDigests, plannedOutputs, sayExtra, sayPlan, stateOf } from "./release-state";
import { assetDigests, assetFile, desiredRelease } from "./release-assets";
import { sayPublished, versionChanges } from "../release/another-version";
import { declaredNotes, listedFiles } from "../release/release-notes";
import { changedSet, withdrawn } from "../release/published-set";
import { sumsCoverage } from "../release/sums-coverage";
import type { Changes, DeclaredOf, InputsOf, OutputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { hasUnknown, unknown } from "../base/unknown";

type Inputs = InputsOf<typeof gitHubReleaseDefinition>;
type State = StateOf<typeof gitHubReleaseDefinition>;

/** `slipway:github:Release`: everything is there before anybody sees it. */
export const gitHubReleaseHandler = resourceHandler(gitHubReleaseDefinition, {
  refreshBeforeUpdate: true,
  neutral: ["evidence"],
  // The rest may be unknown: whatever is known of a release is looked at.
  computedFrom: ["assets"],

  refuse(_context, { prerelease, makeLatest }) {
    if (prerelease !== true || makeLatest !== "always") return;
    const reason =
      '"always" contradicts prerelease: true; a pre-release is never the latest (a valid ' +
      'example: "never")';
    throw new InputError([{ property: "makeLatest", reason }]);
  },

  async compute(context, declared, oldInputs) {
    const digests = await assetDigests(context, declared.assets);
    const notes = await notesOf(context, declared, digests);
    const checked: Inputs = { ...declared, notes, digests };
    const isSame = isSameRelease(declared, oldInputs);
    if (oldInputs && isSame) {
      refuseChangedSet(declared, oldInputs);
      refuseChangedAssets(checked, oldInputs);
    }
    const contents = declared.assets.map(({ name, path }) => ({ name, path, digest: digests[name] ?? "" }));
    checked.summed = await sumsCoverage(context, contents);
    if (!isSame && isKnown(checked)) await refuseMissingToken(context, checked);
    return checked;
  },

  async computedLater(context, declared, oldInputs) {
    const isSame = isSameRelease(declared, oldInputs);
    if (oldInputs && isSame) refuseChangedSet(declared, oldInputs);
    const notes = await notesOf(context, declared, undefined);
    if (!isSame && !hasUnknown([declared.repository, declared.tag]))
      await refuseMissingToken(context, { ...declared, notes, digests: unknown });
    return { notes, summed: undefined };
  },

  diff(_context, desired, oldInputs, observed) {
    if (!isSameRelease(desired, oldInputs)) return versionChanges(desired, oldInputs);
    const changes: Changes = {};
    const differs = (property: keyof Inputs, is: boolean) => {
      if (is || hasUnknown(desired[property])) changes[property] = { kind: "update" };
    };
    const { title, notes, prerelease, commit, discussionCategory } = desired;
    differs("digests", false);
    differs("title", title !== undefined && title !== observed.title);
    differs("notes", typeof notes === "string" && !sameText(notes, observed.notes ?? ""));
    differs("prerelease", prerelease !== undefined && prerelease !== observed.prerelease);
    differs("discussionCategory", discussionCategory !== undefined && !observed.discussion);
    differs("commit", isCommit(commit) && observed.tagCommit !== undefined && observed.tagCommit !== commit);
    if (!isKnown(desired)) return changes;
    if (observed.draft) changes.draft = { kind: "update" };
    else if (prerelease !== true && !isStandingRight(desiredRelease(desired), observed.latestTag)) {
      changes.latest = { kind: "update" };
    }
    for (const [name, digest] of Object.entries(desired.digests ?? {})) {
      const found = observed.digests[name];
      if (found !== digest) changes[`digests["${name}"]`] = { kind: found === undefined ? "add" : "update" };
    }
    for (const name of Object.keys(withdrawnOf(desired, oldInputs))) {
      if (observed.digests[name] !== undefined) changes[`digests["${name}"]`] = { kind: "delete" };
    }
    return changes;
  },

  // It has no tag: the resource goes from one version to the next.
  id: ({ repository }) => repository,

  async planned(context, desired, observed) {
    const { repository, tag } = desired;
    if (observed?.tag !== tag && !hasUnknown([repository, tag])) {
      const found = await observeRelease(await open(context, desired), tag, new Set());
      if (!found || found.draft) sayPublished(context, repository, desired, observed?.tag);
    }
    return plannedOutputs(desired, undefined);
  },

  create: (context, desired) => appear(context, desired, undefined),

  async update(context, desired, oldInputs, observed) {
    if (!isSameRelease(desired, oldInputs)) return appear(context, desired, oldInputs.tag);
    sayDrift(context, desired, oldInputs, observed);
    const releases = await open(context, desired);
    if (!context.preview) return publish(context, releases, desired, { oldInputs, observed });
    const comparison = await compareRelease(releases, desiredRelease(desired), {
      published: oldInputs.digests ?? {},
      withdrawn: withdrawnOf(desired, oldInputs),
      known: knownDigests(observed),
    });
    return preview(context, releases, desired, comparison);
  },

  async observe(context, inputs, state) {
    const releases = await open(context, inputs);
    const names = new Set(inputs.assets.map(({ name }) => name));
    const found = await observeRelease(releases, inputs.tag, names, knownDigests(state));
    return found && { id: inputs.repository, state: await stateOf(releases, inputs, found) };
  },

  importById: importRelease,

  delete(context, _id, { repository, tag }) {
    context.say(
      "info",
      `${repository} ${tag} stays on GitHub: it was removed from the program, and only a declared retention deletes`,
    );
  },
});

/** Warns of files that somebody changed or deleted since they were published. */
function sayDrift(context: ResourceContext, desired: Inputs, oldInputs: Inputs, observed: State): void {
  for (const [name, digest] of Object.entries(desired.digests ?? {})) {
    const found = observed.digests[name];
    if (found === digest || oldInputs.digests?.[name] !== digest) continue;
    const drift = fileDrift(name, `release ${desired.tag} of ${desired.repository}`, found, digest);
    context.say("warning", putBack(drift, !context.preview));
  }
}

/**
 * Whether the state has the very release that is declared, not another version, or none. The engine
 * gives no inputs, or none of their fields, where the resource is new.
 */
function isSameRelease(
  { repository, tag }: Pick<Inputs, "repository" | "tag">,
  old: Inputs | undefined,
): boolean {
  return old?.repository === repository && old.tag === tag;
}

/**
 * Makes a version appear that this resource has not published yet: a new one, or one that is there,
 * which is taken over. Of a former one that it has published, nothing is touched.
 *
 * @param former its tag
 */
async function appear(
  context: ResourceContext,
  desired: Inputs,
  former: string | undefined,
): Promise<OutputsOf<typeof gitHubReleaseDefinition>> {
  const releases = await open(context, desired);
  const comparison = await compareRelease(releases, desiredRelease(desired), {});
  const { observed } = comparison;
  refuseAdoption(desired, observed);
  const state = context.preview
    ? preview(context, releases, desired, comparison)
    : await publish(context, releases, desired, undefined);
  if (!observed || observed.draft) sayPublished(context, desired.repository, desired, former);
  return state;
}

/** @param digests digest of each asset, where all are known */
function notesOf(
  context: ResourceContext,
  declared: DeclaredOf<typeof gitHubReleaseDefinition>,
  digests: Readonly<Record<string, string>> | undefined,
): Promise<string | undefined> {
  const files = listedFiles(declared.assets, ({ name }) => digests?.[name]);
  return declaredNotes(context, declared, files, longestNotes);
}

/** Says what an update will do. @throws Error where it could not, for want of a token */
function preview(
  context: ResourceContext,
  releases: Releases,
  desired: Inputs,
  comparison: Comparison,
): OutputsOf<typeof gitHubReleaseDefinition> {
  if (!isDone(comparison.plan) && !releases.client.authenticated)
    throw new Error(missingToken(releases, desired));
  sayPlan(context, desired, comparison);
  return plannedOutputs(desired, comparison.observed);
}

/**
 * Returns whether all is known that decides what the release is. Evidence is for policies: a
 * preview can go without.
 */
function isKnown({ evidence: _evidence, ...release }: Inputs): boolean {
  return !hasUnknown(release);
}

async function open(context: ResourceContext, inputs: Pick<Inputs, "repository">): Promise<Releases> {
  const client = await context.services.github.client(context.signal);
  return new Releases(client, parseGitHubRepository(inputs.repository));
}

/** What was published under a name does not become something else unless it is declared so. */
function refuseChangedAssets(desired: Inputs, oldInputs: Inputs): void {
  const findings = desired.assets.flatMap(({ name, replaceable }, index) => {
    const published = oldInputs.digests?.[name];
    const digest = desired.digests?.[name] ?? "";
    if (replaceable || published === undefined || hasUnknown(published) || published === digest) return [];
    const reason = changedAsset(`${desired.repository} ${desired.tag}`, { name, digest }, published);
    return [{ property: `assets[${index}]`, reason }];
  });
  if (findings.length > 0) throw new InputError(findings);
}

/** A published release gets and loses no file unless it is declared so. */
function refuseChangedSet(
  { repository, tag, assets }: Pick<Inputs, "repository" | "tag" | "assets">,
  oldInputs: Inputs,
): void {
  if (!oldInputs.assets || hasUnknown(oldInputs.assets) || !Array.isArray(assets)) return;
  // One that was taken over by its ID has no files of this program yet.
  if (oldInputs.assets.length === 0) return;
  const findings = changedSet(`${repository} ${tag}`, assets, oldInputs.assets);
  if (findings.length > 0) throw new InputError(findings);
}

/** Digests of what was released under the same tag, and is not declared any more. */
function withdrawnOf(desired: Inputs, old: Inputs): Record<string, string> {
  if (hasUnknown(desired.assets)) return {};
  return Object.fromEntries(
    withdrawn(desired.assets, old.assets).flatMap(({ name }) => {
      const digest = old.digests?.[name];
      return digest === undefined ? [] : [[name, digest] as const];
    }),
  );
}

/** A missing token stops a run before anything is published, where something has to be written. */
async function refuseMissingToken(context: ResourceContext, desired: Inputs): Promise<void> {
  const releases = await open(context, desired);
  if (releases.client.authenticated) return;
  // Where an asset is not known yet, as a signature that is still to be made, a release that is not
  // there has to be made.
  const done = isKnown(desired)
    ? isDone((await compareRelease(releases, desiredRelease(desired), {})).plan)
    : (await observeRelease(releases, desired.tag, new Set())) !== undefined;
  if (!done) {
    throw new InputError([{ property: "repository", reason: missingToken(releases, desired) }]);
  }
}

function refuseAdoption(desired: Inputs, observed: ObservedRelease | undefined): void {
  if (desired.adopt !== "draft" || !observed || observed.draft) return;
  throw new Error(
    `${desired.repository} ${desired.tag} is published already (${observed.url}), and adopt: ` +
      '"draft" takes over drafts only. Release under a new version, or declare adopt: "any" to ' +
      "take it over as it is.",
  );
}

async function publish(
  context: ResourceContext,
  releases: Releases,
  desired: Inputs,
  before: { oldInputs: Inputs; observed: State } | undefined,
): Promise<State> {
  const inputs = new Map(desired.assets.map((asset) => [asset.name, asset]));
  const release = await publishRelease(releases, desiredRelease(desired), {
    published: before?.oldInputs.digests ?? {},
    withdrawn: before && withdrawnOf(desired, before.oldInputs),
    known: before && knownDigests(before.observed),
    fileOf: (asset) => assetFile(context, { ...inputs.get(asset.name)!, digest: asset.digest }),
    onProgress: (message) => context.status(message),
    signal: context.signal,
  });
  const state = await stateOf(releases, desired, release);
  sayExtra(context, desired, state.extra);
  return state;
}

/**
 * Takes a release into the state by `owner/name@tag`. Its assets are not declared yet: their files
 * are not known.
 */
async function importRelease(
  context: ResourceContext,
  id: string,
): Promise<{ id: string; inputs: Inputs; state: State } | undefined> {
  const at = id.indexOf("@");
  if (at < 0) throw new Error(`${id} is not a release (a valid example: "acme/hello@v1.0.0")`);
  const [repository, tag] = [id.slice(0, at), id.slice(at + 1)];
  const releases = await open(context, { repository });
  const found = await observeRelease(releases, tag, new Set());
  if (!found) return undefined;
  const inputs: Inputs = {
    repository,
    tag,
    title: found.title ? visibleControls(found.title) : undefined,
    notes: found.notes ? visibleControls(found.notes) : undefined,
    prerelease: found.prerelease,
    assets: [],
    digests: {},
  };
  return { id: repository, inputs, state: await stateOf(releases, inputs, found) };
}
