// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { documentDefinition } from "./definitions/document";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Document}. */
export type DocumentArgs = {
  /**
   * Path of the file, relative to the project's folder: inside it, or elsewhere in its git
   * repository. Example: `"README.md"`.
   */
  path: pulumi.Input<string>;
  /** What the file is to have, applied in this order. */
  edits: DeepInput<types.DocumentEdit[]>;
  /**
   * Permission bits as octal digits. Default: those that the file has, and 0644 for a new one.
   * Example: `"0755"`.
   */
  mode?: pulumi.Input<string | undefined>;
  /**
   * Whether a whole file that somebody else has put there is replaced. Default: false, it is refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /**
   * Version that the texts are of: one that is lower than what was written before changes nothing.
   * Default: they are written whatever is there. Example: `"v1.2.3"`.
   */
  version?: pulumi.Input<string | undefined>;
  /** Whether texts of a pre-release are written. Default: false, it changes nothing. */
  prereleases?: pulumi.Input<boolean | undefined>;
};

/**
 * A file of the project, or parts of it between markers, that say what is declared or released,
 * such as the install section of a README. Whatever else is in the file stays to the byte, and line
 * ends are those of the file. What was edited by hand where Slipway writes is named by a preview
 * and put back. Removing the resource leaves the file. (`slipway:files:Document`)
 */
export class Document extends pulumi.CustomResource implements ObservedProperties<typeof documentDefinition> {
  /**
   * Path of the file, relative to the project's folder: inside it, or elsewhere in its git
   * repository. Example: `"README.md"`.
   */
  declare readonly path: pulumi.Output<string>;
  /** What the file is to have, applied in this order. */
  declare readonly edits: pulumi.Output<types.DocumentEdit[]>;
  /**
   * Digest of the file as it is; absent where there is none. Example:
   * `"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"`.
   */
  declare readonly digest: pulumi.Output<string | undefined>;
  /** What stands where Slipway writes. */
  declare readonly owned: pulumi.Output<Record<string, string>>;
  /** Permission bits of the file. Example: `"0755"`. */
  declare readonly mode: pulumi.Output<string | undefined>;
  /** Version that the texts were last written of. */
  declare readonly version: pulumi.Output<string | undefined>;
  /** Whether Slipway has written there. */
  declare readonly written: pulumi.Output<boolean>;

  constructor(name: string, args: DocumentArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      digest: undefined,
      owned: undefined,
      mode: undefined,
      version: undefined,
      written: undefined,
    };
    super(
      "slipway:files:Document",
      name,
      properties<typeof documentDefinition>(outputs, args),
      retained(options),
    );
  }
}
