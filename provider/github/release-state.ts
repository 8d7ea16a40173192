import { isCommit } from "../../lib/github/plan";
import type { Comparison } from "../../lib/github/reconcile";
import type { ObservedRelease, Releases } from "../../lib/github/releases";
import { isReleaseListFile } from "../../lib/release/layout";
import { gitHubReleaseDefinition } from "../../resources/definitions/github-release";
import { visibleControls } from "../../lib/text/controls";
import { filesInWords } from "../release/files-in-words";
import type { ResourceContext } from "../run/context";
import type { InputsOf, OutputsOf, StateOf } from "../run/resource";
import { unknownOutputs } from "../run/resource-handler";
import { unknown } from "../base/unknown";

type Inputs = InputsOf<typeof gitHubReleaseDefinition>;
type Outputs = OutputsOf<typeof gitHubReleaseDefinition>;
type State = StateOf<typeof gitHubReleaseDefinition>;

/** The state of a release as GitHub has it. @throws GitHubError */
export async function stateOf(releases: Releases, inputs: Inputs, release: ObservedRelease): Promise<State> {
  const latestTag = release.prerelease || release.draft ? undefined : await releases.latest();
  const tagCommit = isCommit(inputs.commit) ? await releases.commitOf(inputs.tag) : undefined;
  const declared = new Set(inputs.assets.map(({ name }) => name));
  const assets = release.assets.flatMap(({ id, name, size, digest, state, downloadUrl }) =>
    declared.has(name) && state === "uploaded" && digest !== undefined
      ? [{ id, name, size, digest, downloadUrl }]
      : [],
  );
  const digests = Object.fromEntries(assets.map(({ name, digest }) => [name, digest]));
  return {
    ...inputs,
    // What is not declared is not shown as a difference. What is, anybody who may edit the release
    // has written.
    title: inputs.title === undefined ? undefined : visibleControls(release.title),
    notes: inputs.notes === undefined ? undefined : visibleControls(release.notes),
    prerelease: inputs.prerelease === undefined ? undefined : release.prerelease,
    releaseId: release.id,
    url: release.url,
    createdAt: release.createdAt,
    publishedAt: release.publishedAt,
    draft: release.draft,
    immutable: release.immutable,
    assets,
    digests,
    missing: [...declared].filter((name) => !Object.hasOwn(digests, name)),
    // The list of what was published is the ledger's.
    extra: release.assets
      .map(({ name }) => name)
      .filter((name) => !declared.has(name) && !isReleaseListFile(name)),
    discussion: release.discussion,
    latest: latestTag === inputs.tag,
    latestTag,
    tagCommit,
  };
}

/** The outputs as they will be; what only GitHub can tell is unknown until then. */
export function plannedOutputs(desired: Inputs, observed: ObservedRelease | undefined): Outputs {
  return {
    ...unknownOutputs(gitHubReleaseDefinition),
    ...(observed && {
      releaseId: observed.id,
      url: observed.draft ? unknown : observed.url,
      createdAt: observed.createdAt,
      publishedAt: observed.publishedAt ?? unknown,
    }),
    draft: false,
    digests: desired.digests ?? unknown,
    missing: [],
  };
}

/** Digests by id of the asset: the content under an id never changes. */
export function knownDigests(state: State): Map<number, string> {
  const assets = Array.isArray(state.assets) ? state.assets : [];
  return new Map(assets.map(({ id, digest }) => [id, digest]));
}

/**
 * Says what an update will do to a release that is there. Of one that is not, `sayPublished`
 * does.
 */
export function sayPlan(context: ResourceContext, desired: Inputs, { observed, plan }: Comparison): void {
  const steps = (
    [
      ["upload", "uploads"],
      ["replace", "replaces"],
      ["keep", "keeps"],
    ] as const
  ).flatMap(([action, word]) => {
    const names = plan.assets.filter((step) => step.action === action).map(({ asset }) => asset.name);
    return names.length > 0 ? `${word} ${filesInWords(names)}` : [];
  });
  if (plan.withdraw.length > 0) steps.push(`removes ${filesInWords(plan.withdraw.map(({ name }) => name))}`);
  if (observed) {
    const how = plan.publish
      ? `is a draft (${observed.id}), which will be taken over and published`
      : "is published, and will be brought up to date";
    context.say("info", [`${desired.repository} ${desired.tag} ${how}`, ...steps].join("; "));
  }
  sayExtra(context, desired, plan.extra);
  if (observed && observed.otherDrafts.length > 0) {
    context.say(
      "warning",
      `${desired.repository} has further drafts of ${desired.tag} (${observed.otherDrafts.join(", ")}); they are left alone`,
    );
  }
}

/** Says which assets are left alone. */
export function sayExtra(context: ResourceContext, desired: Inputs, extra: readonly string[]): void {
  if (extra.length === 0) return;
  context.say(
    "info",
    `${desired.repository} ${desired.tag} has assets that are not declared here; they are left alone: ${extra.join(", ")}`,
  );
}
