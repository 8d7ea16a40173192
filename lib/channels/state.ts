/**
 * What has become of what was given to a channel.
 *
 * - `published`: it is there for whoever asks the channel
 * - `held`: the channel has what it should rather have, such as a higher version
 * - `staged`: it was taken, and somebody has to release it
 * - `awaiting`: it is in a queue of the other side: moderation, review, a merge
 * - `served`: it was seen as a user of the channel gets it
 * - `behind`: it was given, and users still get a former version
 * - `unknown`: the channel could not be asked, which says nothing of what it has
 * - `failed`: it could not be given
 */
export const channelStates = [
  "published",
  "held",
  "staged",
  "awaiting",
  "served",
  "behind",
  "unknown",
  "failed",
] as const;

export type ChannelState = (typeof channelStates)[number];

/** Whether somebody else has to do something, which can take its time. */
export function isWaiting(state: ChannelState): boolean {
  return state === "staged" || state === "awaiting";
}
