// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { imageLockDefinition } from "./definitions/image-lock";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";

/** Arguments of {@link ImageLock}. */
export type ImageLockArgs = {
  /** Where the file is, relative to the project's folder. Example: `"slipway.lock.json"`. */
  file: pulumi.Input<string>;
  /**
   * Digests by reference. Example:
   * `{"docker.io/library/python:3.12.1-slim":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}`.
   */
  images: DeepInput<Record<string, string>>;
  /** Whether the digests are those that the registries have now. Default: false. */
  refresh?: pulumi.Input<boolean | undefined>;
};

/**
 * A file, to be committed, with the digest of each external image by reference, sorted. A preview
 * reads it and does not write it. A file that was deleted or changed by hand is made again from
 * what the images were built from. Removing the resource leaves the file.
 * (`slipway:build:ImageLock`)
 */
export class ImageLock
  extends pulumi.CustomResource
  implements ObservedProperties<typeof imageLockDefinition>
{
  /** Where the file is, relative to the project's folder. Example: `"slipway.lock.json"`. */
  declare readonly file: pulumi.Output<string>;
  /**
   * Digests by reference. Example:
   * `{"docker.io/library/python:3.12.1-slim":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}`.
   */
  declare readonly images: pulumi.Output<Record<string, string>>;
  /** Digest of the file. */
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, args: ImageLockArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined };
    super("slipway:build:ImageLock", name, properties<typeof imageLockDefinition>(outputs, args), options);
  }
}
