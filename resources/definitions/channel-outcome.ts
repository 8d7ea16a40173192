import * as z from "zod";
import { channelStates } from "../../lib/channels/state";

/** Input of every type that publishes to a channel. */
export const gated = z
  .boolean()
  .optional()
  .describe(
    "Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is done. " +
      "Default: false, the run ends at once.",
  );

/** Outputs of every type that publishes to a channel. */
export const channelOutcome = {
  state: z.enum(channelStates).describe("What has become of it."),
  reason: z.string().optional().describe("Why it is not published, where it is not."),
} as const;
