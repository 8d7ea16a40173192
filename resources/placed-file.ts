// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { placedFileDefinition } from "./definitions/placed-file";
import { properties, retained, type ObservedProperties } from "./arguments";

/** Arguments of {@link PlacedFile}. */
export type PlacedFileArgs = {
  /**
   * Where the file is placed, relative to the project's folder. Example: `"dist/linux_amd64/hello"`.
   */
  path: pulumi.Input<string>;
  /**
   * Path of the content, relative to the project's folder, as a `slipway:build:Command` outputs it.
   */
  source: pulumi.Input<string>;
  /**
   * Digest of the content. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  digest: pulumi.Input<string>;
  /** Permission bits as octal digits. Default: `0755`. Example: `"0644"`. */
  mode?: pulumi.Input<string | undefined>;
};

/**
 * A built file at a path of the project, e.g. `dist/linux_amd64/hello`. A file that was changed by
 * hand is placed again. One that is not on this machine is placed when it changes, or when
 * something needs it: a missing file is no difference. Removing the resource leaves the file.
 * (`slipway:build:PlacedFile`)
 */
export class PlacedFile
  extends pulumi.CustomResource
  implements ObservedProperties<typeof placedFileDefinition>
{
  /**
   * Where the file is placed, relative to the project's folder. Example: `"dist/linux_amd64/hello"`.
   */
  declare readonly path: pulumi.Output<string>;
  /**
   * Path of the content, relative to the project's folder, as a `slipway:build:Command` outputs it.
   */
  declare readonly source: pulumi.Output<string>;
  /**
   * Digest of what is at the path. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string>;
  /** Permission bits of what is at the path. */
  declare readonly mode: pulumi.Output<string>;

  constructor(name: string, args: PlacedFileArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digest: undefined, mode: undefined };
    super(
      "slipway:build:PlacedFile",
      name,
      properties<typeof placedFileDefinition>(outputs, args),
      retained(options),
    );
  }
}
