import * as z from "zod";
import { channelOutcome, grace } from "./channel-outcome";
import { defineResource } from "./definition";

/** `slipway:channel:Gate`: fails where a channel has not got what it should. */
export const channelGateDefinition = defineResource({
  token: "slipway:channel:Gate",
  description:
    "Fails a run in which a channel could not be given what was released, after everything else was done, so that " +
    "it does not look like a success. What waits in a queue of the other side is no failure, unless it waits longer " +
    "than its `grace`. The next run does what is missing.",
  inputs: z.strictObject({
    channels: z
      .array(
        z
          .strictObject({
            channel: z.string().describe("Kind and name."),
            ...channelOutcome,
            grace: grace.optional(),
          })
          .meta({ id: "ChannelOutcome", description: "A channel and what has become of a release in it." }),
      )
      .describe("The channels that must have what was released."),
  }),
  outputs: z.strictObject({ published: z.number().describe("Number of channels that have it.") }),
  replaceOn: [],
});
