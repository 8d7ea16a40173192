import { endOf } from "../../lib/text/declared-duration";
import { isWaiting } from "../../lib/channels/state";
import { channelGateDefinition } from "../../resources/definitions/channel-gate";
import { hasUnknown } from "../base/unknown";
import { inputChanges } from "../run/replacement";
import type { InputsOf } from "../run/resource";
import { resourceHandler } from "../run/resource-handler";

type Channel = InputsOf<typeof channelGateDefinition>["channels"][number];

/** `slipway:channel:Gate`: the end of a run that has channels. */
export const channelGateHandler = resourceHandler(channelGateDefinition, {
  refreshBeforeUpdate: false,

  diff(_context, desired, oldInputs) {
    const changes = inputChanges(["channels"], desired, oldInputs);
    // Nothing has changed but the time.
    if (!hasUnknown(desired.channels) && desired.channels.some((channel) => isOverdue(channel))) {
      changes.channels ??= { kind: "update", inputDiff: true };
    }
    return changes;
  },

  id: () => "channels",

  create(context, { channels }) {
    const lines = channels.flatMap((channel) => failureOf(channel) ?? []);
    if (lines.length > 0 && !context.preview) {
      throw new Error(
        `${lines.length} of ${channels.length} channels have not got the release; everything else is published:\n` +
          `${lines.join("\n")}\n` +
          "Run the update again when they accept it: it does only what is missing.",
      );
    }
    return { published: channels.filter(({ state }) => state === "published" || state === "served").length };
  },
});

/** A line about a channel that has not got the release, and is not to be waited for. */
function failureOf(channel: Channel): string | undefined {
  const { state, reason = "no reason is known", awaitingSince, grace } = channel;
  if (state === "failed") return `- ${channel.channel}: ${reason}`;
  if (!isOverdue(channel)) return undefined;
  return `- ${channel.channel}: it waits since ${awaitingSince}, longer than its grace of ${grace}: ${reason}`;
}

/** Whether a channel waits for longer than it may. */
function isOverdue({ state, awaitingSince, grace }: Channel): boolean {
  if (!isWaiting(state) || awaitingSince === undefined || grace === undefined) return false;
  return endOf(awaitingSince, grace) < new Date();
}
