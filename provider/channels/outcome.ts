import { isWaiting, type ChannelState } from "../../lib/channels/state";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";

/** What a resource that publishes to a channel says of it. */
export interface Outcome {
  state: ChannelState;
  reason?: string | undefined;
  /** When it was first seen to be `awaiting` or `staged`. */
  awaitingSince?: string | undefined;
}

/** Sets since when a channel awaits the other side, from what was known before. */
function sinceFirst<T extends Outcome>(outcome: T, before: Outcome | undefined): T {
  const { awaitingSince: _since, ...rest } = outcome;
  // A channel that could not be asked in between has waited on.
  const since = before?.awaitingSince;
  if (isWaiting(outcome.state)) return { ...outcome, awaitingSince: since ?? new Date().toISOString() };
  return (
    outcome.state === "unknown" && since !== undefined ? { ...outcome, awaitingSince: since } : rest
  ) as T;
}

/** Something that no further try mends: a preview refuses it, gated or not. */
export class ChannelConflict extends Error {
  override readonly name = "ChannelConflict";
}

/**
 * Gives something to a channel. Where that fails and a gate looks at the channel, a warning says so,
 * and the state does: others go on, and the next update tries again.
 *
 * @param channel for the warning, e.g. `https://github.com/acme/homebrew-tap.git (branch main)`
 * @param before the state so far, where there is one
 * @param otherwise what is known of the channel where it fails
 */
export async function attempt<T extends Outcome>(
  context: ResourceContext,
  { gated, channel, before }: { gated: boolean | undefined; channel: string; before?: Outcome | undefined },
  work: () => Promise<T>,
  otherwise: () => Omit<T, keyof Outcome>,
): Promise<T> {
  const outcome = await orElse(context, gated, work, (error) => {
    if (context.preview && error instanceof ChannelConflict) throw error;
    const reason = context.shown(error.message);
    context.say("warning", `${channel} has not got the release: ${reason}\nThe next update tries again.`);
    return { ...otherwise(), state: "failed", reason } as T;
  });
  return sinceFirst(outcome, before);
}

/**
 * Asks a channel what it has. One that cannot be asked and that a gate looks at keeps its state, as
 * unknown: nothing is taken for gone. What had failed before is still to be done.
 *
 * @param before the state so far
 */
export async function askChannel<T extends Outcome>(
  context: ResourceContext,
  { gated, channel }: { gated: boolean | undefined; channel: string },
  work: () => Promise<T>,
  before: T,
): Promise<T> {
  const outcome = await orElse(context, gated, work, (error) => {
    const reason = context.shown(error.message);
    context.say("warning", `${channel} cannot be asked, and is taken to be as it was: ${reason}`);
    return before.state === "failed" ? before : { ...before, state: "unknown", reason };
  });
  return sinceFirst(outcome, before);
}

async function orElse<T>(
  context: ResourceContext,
  gated: boolean | undefined,
  work: () => Promise<T>,
  instead: (error: Error) => T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    if (gated !== true || !(error instanceof Error) || error instanceof InputError) throw error;
    return instead(error);
  }
}
