import { channelGateDefinition } from "../../resources/definitions/channel-gate";
import { inputChanges } from "../run/replacement";
import { resourceHandler } from "../run/resource-handler";

/** `slipway:channel:Gate`: the end of a run that has channels. */
export const channelGateHandler = resourceHandler(channelGateDefinition, {
  refreshBeforeUpdate: false,

  diff: (_context, desired, oldInputs) => inputChanges(["channels"], desired, oldInputs),

  id: () => "channels",

  create(context, { channels }) {
    const failed = channels.filter(({ state }) => state === "failed");
    if (failed.length > 0 && !context.preview) {
      const lines = failed.map(({ channel, reason = "no reason is known" }) => `- ${channel}: ${reason}`);
      throw new Error(
        `${failed.length} of ${channels.length} channels have not got the release; everything else is published:\n` +
          `${lines.join("\n")}\n` +
          "Run the update again when they accept it: it does only what is missing.",
      );
    }
    return { published: channels.filter(({ state }) => state === "published" || state === "served").length };
  },
});
