// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { stageDefinition } from "./definitions/stage";
import { properties, type ObservedProperties } from "./arguments";

/** Arguments of {@link Stage}. */
export type StageArgs = {
  /** What holds then, in words. Example: `"everything is proven"`. */
  reached: pulumi.Input<string>;
};

/**
 * A stage of a release: it is reached when everything that it depends on is done, and what follows
 * depends on the stage alone. So nothing that follows is begun where one thing has failed, and no
 * resource has to name all others. It makes nothing. (`slipway:release:Stage`)
 */
export class Stage extends pulumi.CustomResource implements ObservedProperties<typeof stageDefinition> {
  /** What holds then, in words. Example: `"everything is proven"`. */
  declare readonly reached: pulumi.Output<string>;

  constructor(name: string, args: StageArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {};
    super("slipway:release:Stage", name, properties<typeof stageDefinition>(outputs, args), options);
  }
}
