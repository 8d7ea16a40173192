import { isDeepStrictEqual } from "node:util";
import { ledgerDefinition } from "../../resources/definitions/ledger";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { Changes, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { driftSentence, type Drift } from "./drift";
import { entriesOf, latestVersion, notedOf, withPublished } from "./entries";
import type { Entries, Inputs, Outputs } from "./entries";
import { foundDrifts, observeEntries } from "./observe";
import { keepSmallFiles, putBack } from "./put-back";

type State = StateOf<typeof ledgerDefinition>;

/** Sentences about single tags and files in one run; of the others their number is told. */
const mostSentences = 20;

/** `slipway:release:Ledger`: what was published, which stays watched. */
export const ledgerHandler = resourceHandler(ledgerDefinition, {
  refreshBeforeUpdate: true,

  diff(_context, desired, oldInputs, observed): Changes {
    const changes: Changes = {};
    for (const reference of Object.keys(observed.drift)) {
      changes[entryPath("drift", reference)] = { kind: "delete" };
    }
    const before = entriesOf(observed);
    const isNoted =
      !hasUnknown(desired) && isDeepStrictEqual(before, withPublished(before, desired, new Date()));
    if (isNoted) return changes;
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
    const drifts = await observeEntries(context, inputs, entries, state.drift);
    await context.services.saveHashes();
    return { state: { ...state, ...notedOf(entries), drift: driftOf(drifts) } };
  },
});

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

/** Notes what is published now, and puts back what is not as it was. */
async function note(
  context: ResourceContext,
  desired: Inputs,
  former: { readonly oldInputs: Inputs; readonly observed: State } | undefined,
): Promise<Outputs> {
  const before = former && entriesOf(former.observed);
  const entries = withPublished(before, desired, new Date());
  if (!context.preview) await keepSmallFiles(context, desired.releases ?? []);
  if (context.preview || !former || !before) return { ...notedOf(entries), drift: {} };
  const looked = leftNow(before, desired, former.oldInputs);
  const drifts = [
    ...(await foundDrifts(context, desired, before, former.observed.drift)),
    ...(looked ? await observeEntries(context, desired, looked, {}) : []),
  ];
  const left: Drift[] = [];
  // With the inputs of now: what this run has put belongs to others.
  for (const drift of drifts) {
    try {
      await putBack(context, entries, drift);
      context.say("info", `put back: ${driftSentence(drift)}`);
    } catch (error) {
      context.signal.throwIfAborted();
      left.push(drift);
      context.say("warning", `cannot be put back: ${driftSentence(drift)}. ${(error as Error).message}`);
    }
  }
  if (left.length > 0) context.say("info", leaving(left));
  return { ...notedOf(entries), drift: driftOf(left) };
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
  const drifts = await foundDrifts(context, desired, entriesOf(observed), observed.drift);
  for (const drift of drifts.slice(0, mostSentences)) {
    context.say("warning", `${driftSentence(drift)}; \`pulumi up\` puts it back`);
  }
  const further = drifts.length - mostSentences;
  if (further > 0) context.say("warning", `${further} more are not as they were published`);
  context.say("info", leaving(drifts));
}

/** The way out for what was meant to go. */
function leaving(drifts: readonly Drift[]): string {
  const versions = [...new Set(drifts.map(({ version }) => JSON.stringify(version)))].join(", ");
  return `what was meant to go is left alone with watch: { except: [${versions}] }`;
}
