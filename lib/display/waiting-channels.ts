import { isWaiting, type ChannelState } from "../channels/state";
import { unknownValue } from "./changed-values";
import type { Step } from "./engine-event";
import { nameOfUrn } from "./step-names";

/** What somebody has to do, which no run does for them. */
export interface ForPeople {
  /** Name of the resource. */
  readonly about: string;
  readonly text: string;
}

/** Inputs of channels that end in somebody's hands, and whose. */
const hands: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => string | undefined>> = {
  "slipway:git:Files": ({ pullRequest, remote }) =>
    isSet(pullRequest)
      ? `the owners of ${typeof remote === "string" ? remote : "the repository"} merge a pull request`
      : undefined,
  "slipway:npm:Package": ({ staged }) =>
    isSet(staged) ? "somebody approves the staged versions with a second factor" : undefined,
  "slipway:chocolatey:Package": ({ feed }) =>
    feed === undefined ? "the moderators of Chocolatey's community feed approve the package" : undefined,
};

/**
 * What a step leaves for people: a channel that waits already, as it is, and one that a run gives
 * something and that will wait.
 */
export function forPeople({ type, op, urn, new: now }: Step): ForPeople[] {
  if (op === "delete") return [];
  const about = nameOfUrn(urn);
  const { state, reason } = { ...now?.outputs };
  const waits = op === "same" && typeof state === "string" && isWaiting(state as ChannelState);
  if (waits) return [{ about, text: `${state}${typeof reason === "string" ? `: ${reason}` : ""}` }];
  const text = op === "same" ? undefined : hands[type]?.(now?.inputs ?? {});
  return text === undefined ? [] : [{ about, text }];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== unknownValue;
}
