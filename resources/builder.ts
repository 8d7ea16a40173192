import * as pulumi from "@pulumi/pulumi";
import type { builderDefinition } from "./definitions/builder";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof builderDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link Builder}. */
export type BuilderArgs = ArgumentsOf<Definition>;

/** A builder that buildx knows under a name (`slipway:build:Builder`). */
export class Builder extends pulumi.CustomResource {
  /** Whether this resource has created it, and so removes it. */
  declare readonly created: pulumi.Output<Outputs["created"]>;

  constructor(name: string, args: BuilderArgs, options?: pulumi.CustomResourceOptions) {
    super("slipway:build:Builder", name, withOutputs<Definition>(args, ["created"] as const), options);
  }
}
