import * as path from "node:path";
import { ContentsMemory } from "../../lib/retention/contents-memory";
import { isUnread, planRetention, type RetentionPlan } from "../../lib/retention/plan";
import type { PublishedVersionFacts, RetentionQuestion } from "../../lib/retention/question";
import { ReadContents } from "../../lib/retention/read-contents";
import { registryRemover, removeSteps, type Removal } from "../../lib/retention/remove";
import { kindOfTag, movesByRule } from "../../lib/retention/tag-kind";
import { dayOf } from "../../lib/text/day";
import { retentionDefinition } from "../../resources/definitions/retention";
import { entryPath } from "../base/property-path";
import { hasUnknown } from "../base/unknown";
import type { ResourceContext } from "../run/context";
import type { Changes, InputsOf, StateOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { ofRun } from "../run/run";

type Inputs = InputsOf<typeof retentionDefinition>;
type State = StateOf<typeof retentionDefinition>;

/** What repositories hold, as this run has read them. */
const contentsOf = ofRun(() => new Map<string, ReadContents>());

/** `slipway:oci:Retention`: nothing is deleted but by a declared rule. */
export const retentionHandler = resourceHandler(retentionDefinition, {
  // What is there is looked at when the program declares it, after all that is published before: an observation at the
  // beginning of the run would be old by then.
  refreshBeforeUpdate: false,

  async compute(context, declared, oldInputs) {
    const { due, kept, seen } = await planned(context, declared, oldInputs?.seen ?? {});
    return { due: orNone(due), waiting: orNone(waitingVersions(declared, kept)), seen: orNone(seen) };
  },

  diff(_context, desired): Changes {
    const due = hasUnknown(desired.due) ? {} : (desired.due ?? {});
    return Object.fromEntries(
      Object.keys(due).map((name) => [entryPath("due", name), { kind: "add", inputDiff: true }]),
    );
  },

  id: ({ repository }) => repository,

  planned: () => ({}),

  create: (context, desired) => remove(context, desired, {}),

  update: (context, desired, _oldInputs, observed) => remove(context, desired, observed.removed),
});

/**
 * Answers what would go; what the answer needs is asked for.
 *
 * @param only what may go at most
 */
async function planned(
  context: ResourceContext,
  declared: Omit<Inputs, "due" | "seen" | "waiting">,
  seen: Readonly<Record<string, string>>,
  only?: ReadonlySet<string>,
): Promise<RetentionPlan> {
  const { repository: name } = declared;
  const memory = memoryOf(context);
  const isFinal = only !== undefined;
  const contents =
    contentsOf(context.run).get(name) ?? (await listed(context, declared, isFinal ? undefined : memory));
  contentsOf(context.run).set(name, contents);
  const question: RetentionQuestion = {
    contents,
    names: declared.names,
    rule: declared.rule,
    notices: declared.notices ?? [],
    published: publishedVersions(declared.versions ?? {}),
    seen,
    needs: new Set(declared.needs),
    on: declared.on ?? dayOf(new Date()),
    isFinal,
    only,
  };
  for (let hasAsked = false; ; hasAsked = true) {
    const plan = planRetention(question);
    if (!isUnread(plan.unread)) {
      if (contents.incomplete.length > 0) sayIncomplete(context, name, contents.incomplete);
      else if (hasAsked) await memory.note(name, contents, (tag) => !mayMove(tag, declared));
      return plan;
    }
    const { tags } = plan.unread;
    context.status(
      tags.length > 0 ? `looking at ${tags.length} tags of ${name}` : `looking at what would go from ${name}`,
    );
    await contents.read(plan.unread);
  }
}

/** What repositories held when this machine looked at them last. */
function memoryOf({ services }: ResourceContext): ContentsMemory {
  return new ContentsMemory(path.join(services.project, ".slipway", "cache", "retention"));
}

async function listed(
  context: ResourceContext,
  { repository: name, needs = [] }: Pick<Inputs, "repository" | "needs">,
  memory: ContentsMemory | undefined,
): Promise<ReadContents> {
  const repository = await context.services.repository(name);
  const declared = needs.filter((need) => !need.includes(":"));
  context.status(`looking at the tags of ${name}`);
  const { signal } = context;
  return ReadContents.of(repository, declared, { remembered: await memory?.recall(name), signal });
}

/** What may go is announced by the inputs; more than that never goes, and what is needed by now stays. */
async function remove(
  context: ResourceContext,
  desired: Inputs,
  before: Readonly<Record<string, string>>,
): Promise<State> {
  const { repository: name, due = {} } = desired;
  const state = { ...desired, removed: before };
  if (Object.keys(due).length === 0) return state;
  if (context.preview) {
    const { steps } = await planned(context, desired, desired.seen ?? {});
    sayDue(context, desired, due, steps.filter(({ tag }) => tag === undefined).length);
    return state;
  }
  if (desired.on !== undefined && desired.on > dayOf(new Date())) {
    context.say("warning", `${name}: nothing is removed before ${desired.on}, which is the declared day`);
    return state;
  }
  const contents = contentsOf(context.run).get(name);
  // What decides now is what the registry says now: nothing of it is remembered, and no tag may have moved meanwhile.
  await contents?.freshen((tag) => mayMove(tag, desired));
  const plan = await planned(context, desired, desired.seen ?? {}, new Set(Object.keys(due)));
  const kept = Object.keys(due).filter((one) => plan.due[one] === undefined);
  if (kept.length > 0) {
    const reasons = kept.map((one) => `- ${one}: ${plan.kept[one] ?? "it is gone"}`);
    context.say("warning", `${name}: ${kept.length} of what was to go is left alone:\n${reasons.join("\n")}`);
  }
  const remover = registryRemover(await context.services.repository(name));
  const removal = await removeSteps(remover, plan.steps, context.signal);
  // What the next resource of this run sees is read anew.
  contentsOf(context.run).delete(name);
  sayRemoval(context, name, removal);
  const gone = new Set([...removal.tags, ...removal.manifests]);
  const removed = Object.entries(plan.due).filter(([one]) => gone.has(one));
  return { ...state, removed: Object.fromEntries(removed), refused: removal.refused?.message };
}

/** Whether others may have moved a tag. */
function mayMove(tag: string, { names }: Pick<Inputs, "names">): boolean {
  return movesByRule(kindOfTag(tag, names).kind);
}

function publishedVersions(
  versions: Readonly<Record<string, string>>,
): Record<string, PublishedVersionFacts> {
  return Object.fromEntries(
    Object.entries(versions).map(([version, text]) => {
      const [day = "", ...digests] = text.split(" ");
      return [version, { day, digests }];
    }),
  );
}

/** Versions that are over and stay, for whoever asks why. */
function waitingVersions(
  { names }: Pick<Inputs, "names">,
  kept: RetentionPlan["kept"],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(kept).filter(([tag, reason]) => {
      const { kind } = kindOfTag(tag, names);
      const isVersion = kind === "version" || kind === "prerelease" || kind === "rebuild";
      return isVersion && !reason.startsWith("it is of the last") && !reason.startsWith("no rule");
    }),
  );
}

function sayDue(
  context: ResourceContext,
  { repository, on }: Inputs,
  due: Readonly<Record<string, string>>,
  manifests: number,
): void {
  const names = Object.entries(due);
  const when = on === undefined ? "goes" : `goes on ${on}`;
  const lines = names.map(([name, reason]) => `- ${name}: ${reason}`);
  context.say(
    "info",
    `${repository}: by the declared retention ${when}, with ${manifests} ${manifests === 1 ? "manifest" : "manifests"}:\n` +
      lines.join("\n"),
  );
}

function sayRemoval(context: ResourceContext, name: string, { tags, manifests, ...left }: Removal): void {
  if (tags.length + manifests.length > 0) {
    context.say("info", `${name}: removed ${tags.length} tags and ${manifests.length} manifests`);
  }
  for (const text of left.kept) context.say("warning", `${name}: ${text}`);
  if (left.isOvertaken) {
    context.say("warning", `${name}: somebody else changes tags there; the rest is left for the next update`);
  }
  if (left.refused) {
    context.say(
      "warning",
      `${name}: the registry does not delete for this account. ${left.refused.message}\nEverything is published; nothing ` +
        "more was removed. Let the registry delete (`storage.delete.enabled` of Distribution), give the account the right " +
        "to, or declare no `retention` for it (docs/retention.md).",
    );
  }
}

function sayIncomplete(context: ResourceContext, name: string, reasons: readonly string[]): void {
  const [first = "", ...others] = reasons;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  context.say(
    "warning",
    `${name}: nothing is removed, for the registry did not answer whole: ${first}${more}`,
  );
}

function orNone<T extends object>(record: T): T | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
