import { defined } from "../../lib/objects/defined";
import { overdueBuilds, overdueLock, type NewestBuild } from "../../lib/release/overdue";
import { dayOf } from "../../lib/text/day";
import { cadenceDefinition } from "../../resources/definitions/cadence";
import { publishedTimesOf } from "../ledger/published-times";
import { readLockFile } from "../dockerfile/locked-images";
import { entryChanges } from "../run/entry-changes";
import { inputChanges } from "../run/replacement";
import type { ResourceContext } from "../run/context";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";
import { newestBuild } from "./newest-build";

type Inputs = InputsOf<typeof cadenceDefinition>;

/**
 * `slipway:release:Cadence`: looks at `check`, so before anything is published, and every run says what is overdue. What
 * was said is in the state, for programs and policies.
 */
export const cadenceHandler = resourceHandler(cadenceDefinition, {
  // What it observes is looked at by every check.
  refreshBeforeUpdate: false,

  async compute(context, declared) {
    const now = new Date();
    const builds = declared.rebuild === undefined ? [] : await newestBuilds(context, declared, now);
    const refreshed = await refreshedDay(context, declared, now);
    const overdue = [
      ...(declared.rebuild === undefined ? [] : overdueBuilds(builds, declared.rebuild, now)),
      ...(declared.refresh === undefined || declared.lock === undefined
        ? []
        : overdueLock(declared.lock.file, refreshed, declared.refresh, now)),
    ];
    for (const sentence of overdue) context.say("warning", `overdue: ${sentence}`);
    const built = Object.fromEntries(
      builds.flatMap(({ repository, tag, built: day }) =>
        day === undefined ? [] : [[`${repository}:${tag}`, day] as const],
      ),
    );
    return defined({ built, refreshed, overdue });
  },

  diff(_context, desired, oldInputs) {
    return {
      ...inputChanges(["images", "rebuild", "refresh", "refreshed", "overdue"], desired, oldInputs),
      ...entryChanges("built", desired.built, oldInputs.built),
    };
  },

  id: () => "cadence",

  create: (_context, { overdue = [] }) => ({ overdue }),
});

/** A registry that cannot be asked says nothing of ages, and stops no release. */
async function newestBuilds(
  context: ResourceContext,
  { images, tags = [] }: Inputs,
  now: Date,
): Promise<NewestBuild[]> {
  const times = publishedTimesOf(context.run);
  const found = await Promise.all(
    images.map(async (address) => {
      try {
        const repository = await context.services.repository(address);
        return await newestBuild(repository, tags, (reference) => times.get(reference), now);
      } catch (error) {
        context.signal.throwIfAborted();
        const [reason] = (error as Error).message.split("\n");
        context.say("warning", `whether ${address} is overdue is not known: ${reason}`);
        return undefined;
      }
    }),
  );
  return found.filter((build) => build !== undefined);
}

async function refreshedDay(
  { services }: ResourceContext,
  { lock, refresh }: Inputs,
  now: Date,
): Promise<string | undefined> {
  if (lock === undefined || refresh === undefined) return undefined;
  if (lock.refresh === true) return dayOf(now);
  const file = await readLockFile(services.project, lock.file);
  // A lock that is not there yet is made by this run.
  return file === undefined ? dayOf(now) : file.refreshed;
}
