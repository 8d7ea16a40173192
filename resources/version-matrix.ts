// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { versionMatrixDefinition } from "./definitions/version-matrix";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link VersionMatrix}. */
export type VersionMatrixArgs = {
  /** Name of the distribution, for the title. Example: `"MLOS"`. */
  name: pulumi.Input<string>;
  /** The components, in the order of the table's columns. */
  components: DeepInput<types.MatrixComponent[]>;
  /** The versions, released and planned, in any order. */
  versions: DeepInput<types.MatrixRow[]>;
  /** Results of compatibility tests. */
  tested?: DeepInput<types.CompatibilityResult[] | undefined>;
  /**
   * A combination to release next. It gets the version of the row that has it; otherwise the highest
   * stable version is raised as the rules say, and the row is added: Stable where its test passed,
   * else Planned. Example: `{"Axon":"v1.5.0","MLOS Core":"v1.0.0"}`.
   */
  candidate?: DeepInput<Record<string, string> | undefined>;
  /** Which part of the version is raised. */
  rules?: DeepInput<types.BumpRules | undefined>;
  /**
   * Where the file is written, relative to the project's folder. Default: `VERSIONS.md`. Example:
   * `"docs/VERSIONS.md"`.
   */
  path?: pulumi.Input<string | undefined>;
  /**
   * JSON file to which versions and test results are written, for the program to read in its next
   * run: what was released is then part of the declaration. Default: none. Example:
   * `"versions.json"`.
   */
  record?: pulumi.Input<string | undefined>;
};

/**
 * The component versions that make up each version of a distribution, what was tested, and which
 * version comes next; written to `VERSIONS.md`. A combination that did not pass its test is never
 * Stable. The file follows from the declaration alone: edits by hand are undone. Removing the
 * resource leaves the file. (`slipway:release:VersionMatrix`)
 */
export class VersionMatrix
  extends pulumi.CustomResource
  implements ObservedProperties<typeof versionMatrixDefinition>
{
  /** Name of the distribution, for the title. Example: `"MLOS"`. */
  declare readonly name: pulumi.Output<string>;
  /** The components, in the order of the table's columns. */
  declare readonly components: pulumi.Output<types.MatrixComponent[]>;
  /** The versions, released and planned, in any order. */
  declare readonly versions: pulumi.Output<types.MatrixRow[]>;
  /** Text of the file, Markdown. */
  declare readonly text: pulumi.Output<string>;
  /** Text of the record, JSON. */
  declare readonly recordText: pulumi.Output<string | undefined>;
  /** The current stable version. */
  declare readonly stable: pulumi.Output<string | undefined>;
  /** The lowest version above it that is not deprecated. */
  declare readonly upcoming: pulumi.Output<string | undefined>;
  /** Version of the candidate. */
  declare readonly next: pulumi.Output<string | undefined>;
  /** Status of the candidate. */
  declare readonly nextStatus: pulumi.Output<string | undefined>;
  /** Components of the candidate, else of the current stable version, in words for release notes. */
  declare readonly includes: pulumi.Output<string | undefined>;

  constructor(name: string, args: VersionMatrixArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      text: undefined,
      recordText: undefined,
      stable: undefined,
      upcoming: undefined,
      next: undefined,
      nextStatus: undefined,
      includes: undefined,
    };
    super(
      "slipway:release:VersionMatrix",
      name,
      properties<typeof versionMatrixDefinition>(outputs, args),
      retained(options),
    );
  }
}
