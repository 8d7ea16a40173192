import * as pulumi from "@pulumi/pulumi";
import type { imageLockDefinition } from "./definitions/image-lock";
import { withOutputs, type ArgumentsOf, type OutputsOf } from "./arguments";

type Definition = typeof imageLockDefinition;
type Outputs = OutputsOf<Definition>;

/** Arguments of {@link ImageLock}. */
export type ImageLockArgs = ArgumentsOf<Definition, "digest">;

/** The file that says which digest each image from elsewhere has (`slipway:build:ImageLock`). */
export class ImageLock extends pulumi.CustomResource {
  /** Digest of the file. */
  declare readonly digest: pulumi.Output<Outputs["digest"]>;

  constructor(name: string, args: ImageLockArgs, options?: pulumi.CustomResourceOptions) {
    super("slipway:build:ImageLock", name, withOutputs<Definition>(args, ["digest"]), options);
  }
}
