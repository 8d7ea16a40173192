import { isDeepStrictEqual } from "node:util";
import { summaryLines } from "../../lib/display/run-summary";
import { isReported } from "../../lib/display/sent-record";
import { isReleaseListFile, releaseListName } from "../../lib/release/layout";
import { InputError } from "../../resources/definitions/input-findings";
import { ledgerDefinition } from "../../resources/definitions/ledger";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { Changes, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { workOf } from "../run/run-work";
import { declaredSigner, recordedName } from "../trust/trust";
import { driftSentence, type Drift } from "./drift";
import {
  entriesOf,
  latestVersion,
  notedOf,
  withListedTimes,
  withPublished,
  type Entries,
  type Inputs,
  type Outputs,
} from "./entries";
import { foundDrifts, observeEntries } from "./observe";
import { keepSmallFiles, putBack } from "./put-back";
import { foundListDrifts, observeLists, presentLists, publishList } from "./release-list";
import { notePublished } from "./published-times";
import { withSizes } from "./sizes";

type State = StateOf<typeof ledgerDefinition>;

/** What was declared and observed before an update. */
interface Former {
  readonly oldInputs: Inputs;
  readonly observed: State;
}

/** Sentences about single tags and files in one run; of the others their number is told. */
const mostSentences = 20;

/** `slipway:release:Ledger`: what was published, which stays watched. */
export const ledgerHandler = resourceHandler(ledgerDefinition, {
  refreshBeforeUpdate: true,
  computedFrom: ["signer"],

  refuse(_context, { releases }) {
    if (hasUnknown(releases)) return;
    const index = releases?.findIndex(({ files }) => Object.keys(files).some(isReleaseListFile)) ?? -1;
    if (index < 0) return;
    const reason = `has a file ${releaseListName}, which is the name of the list of all versions: give it another one`;
    throw new InputError([{ property: `releases[${index}].files`, reason }]);
  },

  compute: async (context, { signer }) =>
    signer === undefined ? {} : { signedBy: recordedName(await declaredSigner(context, signer)) },

  diff(_context, desired, oldInputs, observed): Changes {
    const changes: Changes = {};
    for (const reference of Object.keys(observed.drift)) {
      changes[entryPath("drift", reference)] = { kind: "delete" };
    }
    const before = entriesOf(observed);
    const isNoted =
      !hasUnknown(desired) && isDeepStrictEqual(before, withPublished(before, desired, new Date()));
    if (isNoted) return { ...changes, ...listChanges(desired, oldInputs, observed) };
    // What is declared is shown, not what is noted: the engine would show that as taken away.
    const differing = (["version", "images", "releases", "proofs"] as const).filter(
      (input) => !isDeepStrictEqual(desired[input], oldInputs[input]),
    );
    const shown = differing[0] ?? "version";
    return { ...changes, [shown]: { kind: "update", inputDiff: true } };
  },

  id: () => "ledger",

  async planned(context, desired, observed) {
    sayHeadline(context, desired, observed);
    if (observed) await sayDrift(context, desired, observed);
    return observed ? notedOf(entriesOf(observed)) : {};
  },

  create(context, desired) {
    sayHeadline(context, desired, undefined);
    return note(context, desired, undefined);
  },

  async update(context, desired, oldInputs, observed) {
    sayHeadline(context, desired, observed);
    if (context.preview) await sayDrift(context, desired, observed);
    return note(context, desired, { oldInputs, observed });
  },

  async observe(context, inputs, state) {
    const entries = entriesOf(state);
    notePublished(context.run, entries);
    const drifts = [
      ...(await observeEntries(context, inputs, entries, state.drift)),
      ...(await observeLists(context, inputs, entries, state.list, state.drift)),
    ];
    await context.services.saveHashes();
    return { state: { ...state, ...notedOf(entries), drift: driftOf(drifts) } };
  },
});

/** What of the published list changes although no version does. */
function listChanges({ releases = [], signedBy }: Inputs, old: Inputs, { list }: State): Changes {
  if (releases.length === 0) return {};
  if (list === undefined) return { list: { kind: "add" } };
  return signedBy === old.signedBy ? {} : { signedBy: { kind: "update", inputDiff: true } };
}

/** Says from which version to which it goes, and where it is published. */
function sayHeadline(context: ResourceContext, desired: Inputs, observed: State | undefined): void {
  const { version, images, releases = [] } = desired;
  if (version === undefined || hasUnknown(version) || observed?.versions[version]) return;
  const name = context.urn.split("::").pop();
  const former = observed && latestVersion(entriesOf(observed));
  const places = [
    ...new Set(images.map(({ repository }) => repository)),
    ...releases.map((release) => release.github ?? release.directory),
  ].filter((place) => typeof place === "string");
  const step = former === undefined ? version : `${former} → ${version}`;
  context.say("info", `${name} ${step}${places.length > 0 ? ` in ${places.join(", ")}` : ""}`);
}

function driftOf(drifts: readonly Drift[]): Record<string, string> {
  return Object.fromEntries(drifts.map(({ reference, found }) => [reference, found]));
}

/** Notes what is published now, puts back what is not as it was, and publishes the list of it. */
async function note(context: ResourceContext, desired: Inputs, former: Former | undefined): Promise<Outputs> {
  const before = former && entriesOf(former.observed);
  const noted = withPublished(before, desired, new Date());
  const known = former?.observed.list;
  const present = await presentLists(context, desired, noted, known);
  if (context.preview) return { ...notedOf(noted), drift: {}, list: known };
  await keepSmallFiles(context, desired.releases ?? []);
  const left = former ? await putAllBack(context, desired, former, noted) : [];
  const listed = present.flatMap(({ versions }) => versions);
  const entries = withListedTimes(await withSizes(context, noted), before, listed);
  const list = await publishList(context, desired, entries, present, known);
  for (const drift of former ? listDrifts(context, desired, former.observed) : []) {
    context.say("info", `put back: ${driftSentence(drift)}`);
  }
  if (left.length > 0) context.say("info", leaving(left));
  sayDone(context);
  return { ...notedOf(entries), drift: driftOf(left), list };
}

/** Puts back what is not as it was. Returns what could not be. */
async function putAllBack(
  context: ResourceContext,
  desired: Inputs,
  { oldInputs, observed }: Former,
  noted: Entries,
): Promise<Drift[]> {
  const before = entriesOf(observed);
  const looked = leftNow(before, desired, oldInputs);
  const drifts = [
    ...(await foundDrifts(context, desired, before, observed.drift)),
    ...(looked ? await observeEntries(context, desired, looked, {}) : []),
  ];
  const left: Drift[] = [];
  // With the inputs of now: what this run has put belongs to others.
  for (const drift of drifts) {
    try {
      await putBack(context, noted, drift);
      context.say("info", `put back: ${driftSentence(drift)}`);
    } catch (error) {
      context.signal.throwIfAborted();
      left.push(drift);
      context.say("warning", `cannot be put back: ${driftSentence(drift)}. ${(error as Error).message}`);
    }
  }
  return left;
}

/**
 * Says what the run has done: the ledger comes after all but the channels. Who reports a run tells it of the whole run.
 */
function sayDone(context: ResourceContext): void {
  // What another ledger has told is not told again.
  const steps = workOf(context.run)
    .splice(0)
    .filter(({ kind }) => kind !== "release:Ledger");
  const lines = isReported() ? [] : summaryLines({ steps, stages: [] });
  if (lines.length > 0) context.say("info", lines.join("\n"));
}

function listDrifts(context: ResourceContext, desired: Inputs, observed: State): Drift[] {
  return foundListDrifts(context, desired, entriesOf(observed), observed.list, observed.drift);
}

/**
 * The version that other resources have left in this run for the next one: until now it was theirs
 * to look at, and what they have found and not put right is found again.
 */
function leftNow(before: Entries, desired: Inputs, { version }: Inputs): Entries | undefined {
  if (version === undefined || version === desired.version) return undefined;
  const entry = before.versions[version];
  return entry && { versions: { [version]: entry }, aliases: {} };
}

/** Warns of everything that is not as it was published. */
async function sayDrift(context: ResourceContext, desired: Inputs, observed: State): Promise<void> {
  if (Object.keys(observed.drift).length === 0) return;
  const entries = entriesOf(observed);
  const drifts = [
    ...(await foundDrifts(context, desired, entries, observed.drift)),
    ...(hasUnknown(desired.releases) ? [] : listDrifts(context, desired, observed)),
  ];
  for (const drift of drifts.slice(0, mostSentences)) {
    context.say("warning", `${driftSentence(drift)}; \`pulumi up\` puts it back`);
  }
  const further = drifts.length - mostSentences;
  if (further > 0) context.say("warning", `${further} more are not as they were published`);
  if (drifts.some(({ version }) => version !== "")) context.say("info", leaving(drifts));
}

/** The way out for what was meant to go. */
function leaving(drifts: readonly Drift[]): string {
  const named = drifts.filter(({ version }) => version !== "");
  const versions = [...new Set(named.map(({ version }) => JSON.stringify(version)))].join(", ");
  return `what was meant to go is left alone with watch: { except: [${versions}] }`;
}
