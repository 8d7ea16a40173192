// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { channelGateDefinition } from "./definitions/channel-gate";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ChannelGate}. */
export type ChannelGateArgs = {
  /** The channels that must have what was released. */
  channels: DeepInput<types.ChannelOutcome[]>;
};

/**
 * Fails a run in which a channel could not be given what was released, after everything else was
 * done, so that it does not look like a success. What waits in a queue of the other side is no
 * failure, unless it waits longer than its `grace`. The next run does what is missing.
 * (`slipway:channel:Gate`)
 */
export class ChannelGate
  extends pulumi.CustomResource
  implements ObservedProperties<typeof channelGateDefinition>
{
  /** The channels that must have what was released. */
  declare readonly channels: pulumi.Output<types.ChannelOutcome[]>;
  /** Number of channels that have it. */
  declare readonly published: pulumi.Output<number>;

  constructor(name: string, args: ChannelGateArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { published: undefined };
    super("slipway:channel:Gate", name, properties<typeof channelGateDefinition>(outputs, args), options);
  }
}
