import * as z from "zod";
import { checkDuration } from "../../lib/text/declared-duration";
import { channelStates } from "../../lib/channels/state";
import { checked } from "./definition";

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
  awaitingSince: z
    .string()
    .optional()
    .describe("When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states."),
} as const;

/** Input that says for how long a channel may be `awaiting` or `staged`. */
export const grace = checked(checkDuration).meta({
  description: "For how long it may be `awaiting` or `staged`: then that is a failure. Default: for good.",
  examples: ["7d"],
});
