import { ledgerDefinition } from "../../resources/definitions/ledger";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { Changes, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { changedEntries, withPublished, type Entries, type Inputs, type Outputs } from "./entries";
import { driftSentence, observeEntries, type Drift } from "./observe";
import { keepSmallFiles, putBack } from "./put-back";

type State = StateOf<typeof ledgerDefinition>;

/** Sentences about single tags and files in one run; of the others their number is told. */
const mostSentences = 20;

/** `slipway:release:Ledger`: what was published, which stays watched. */
export const ledgerHandler = resourceHandler(ledgerDefinition, {
  refreshBeforeUpdate: true,

  diff(_context, desired, _oldInputs, observed): Changes {
    const changes: Changes = {};
    for (const reference of Object.keys(observed.drift)) {
      changes[entryPath("drift", reference)] = { kind: "delete" };
    }
    if (hasUnknown(desired)) return { ...changes, versions: { kind: "update" } };
    const before = entriesOf(observed);
    const { versions, aliases } = changedEntries(before, withPublished(before, desired, new Date()));
    for (const version of versions) {
      const kind = before.versions[version] === undefined ? "add" : "update";
      changes[entryPath("versions", version)] = { kind };
    }
    for (const alias of aliases) {
      changes[entryPath("aliases", alias)] = { kind: before.aliases[alias] === undefined ? "add" : "update" };
    }
    return changes;
  },

  id: () => "ledger",

  async planned(context, desired, observed) {
    if (observed) await sayDrift(context, desired, observed);
    return observed ? entriesOf(observed) : {};
  },

  create: (context, desired) => note(context, desired, undefined),

  async update(context, desired, _oldInputs, observed) {
    if (context.preview) await sayDrift(context, desired, observed);
    return note(context, desired, observed);
  },

  async observe(context, inputs, state) {
    const drifts = await observeEntries(context, inputs, entriesOf(state), state.drift);
    await context.services.saveHashes();
    const drift = driftOf(drifts);
    return { state: { ...state, drift } };
  },
});

function entriesOf({ versions, aliases }: Entries): Entries {
  return { versions, aliases };
}

function driftOf(drifts: readonly Drift[]): Record<string, string> {
  return Object.fromEntries(drifts.map(({ reference, found }) => [reference, found]));
}

/** Notes what is published now, and puts back what is not as it was. */
async function note(
  context: ResourceContext,
  desired: Inputs,
  observed: State | undefined,
): Promise<Outputs> {
  const before = observed && entriesOf(observed);
  const entries = withPublished(before, desired, new Date());
  if (!context.preview) await keepSmallFiles(context, desired.releases ?? []);
  if (context.preview || !before || Object.keys(observed.drift).length === 0)
    return { ...entries, drift: {} };
  const left: Drift[] = [];
  // With the inputs of now: what this run has put belongs to others.
  for (const drift of await observeEntries(context, desired, before, observed.drift)) {
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
  return { ...entries, drift: driftOf(left) };
}

/** Warns of everything that is not as it was published. */
async function sayDrift(context: ResourceContext, desired: Inputs, observed: State): Promise<void> {
  if (Object.keys(observed.drift).length === 0) return;
  const drifts = await context.run.once(`drift of ${context.urn}`, () =>
    observeEntries(context, desired, entriesOf(observed), observed.drift),
  );
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
