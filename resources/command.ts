// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { commandDefinition } from "./definitions/command";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Command}. */
export type CommandArgs = {
  /** Folder to run in, relative to the project's. Default: the project's folder. */
  directory?: pulumi.Input<string | undefined>;
  /**
   * Program and arguments, or a text for `sh -eu`. `{output}` stands for the folder that takes the
   * output files; it is also in the variable SLIPWAY_OUTPUT. Example:
   * `["go","build","-o","{output}/hello","."]`.
   */
  command: DeepInput<string[] | string>;
  /** Variables to set. Those of the machine are passed on too, except those named like secrets. */
  env?: DeepInput<Record<string, string> | undefined>;
  /**
   * Variables of the machine that are passed on although their names mark them as secrets. A change
   * of their values runs nothing again, and they are redacted from what is printed. Default: none.
   * Example: `["AWS_SECRET_ACCESS_KEY","AWS_SESSION_TOKEN"]`.
   */
  inherit?: DeepInput<string[] | undefined>;
  /**
   * Patterns of the files the output depends on, relative to `directory`. Example:
   * `["**\/*.go","go.mod","go.sum"]`.
   */
  sources: DeepInput<string[]>;
  /** Names of the files that the command leaves in `{output}`. Example: `["hello"]`. */
  outputs: DeepInput<string[]>;
  /** Seconds after which the command is stopped. Default: 3600. */
  timeoutSeconds?: pulumi.Input<number | undefined>;
  /** Whether the command may run at preview. Default: true. */
  atPreview?: pulumi.Input<boolean | undefined>;
  /** Checks of the outputs. */
  expect?: DeepInput<types.Expectation | undefined>;
};

/**
 * Files that a command makes. It runs when the hash of its declared inputs is new, at preview too
 * (into a cache; nothing is published), so that what depends on its output is known before anything
 * is pushed. (`slipway:build:Command`)
 */
export class Command extends pulumi.CustomResource implements ObservedProperties<typeof commandDefinition> {
  /**
   * Program and arguments, or a text for `sh -eu`. `{output}` stands for the folder that takes the
   * output files; it is also in the variable SLIPWAY_OUTPUT. Example:
   * `["go","build","-o","{output}/hello","."]`.
   */
  declare readonly command: pulumi.Output<string[] | string>;
  /**
   * Patterns of the files the output depends on, relative to `directory`. Example:
   * `["**\/*.go","go.mod","go.sum"]`.
   */
  declare readonly sources: pulumi.Output<string[]>;
  /** Names of the files that the command leaves in `{output}`. Example: `["hello"]`. */
  declare readonly outputs: pulumi.Output<string[]>;
  /** The files made, by name. */
  declare readonly files: pulumi.Output<Record<string, types.BuiltFile>>;
  /** Result of each check of `expect`. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: CommandArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { files: undefined, evidence: undefined };
    super("slipway:build:Command", name, properties<typeof commandDefinition>(outputs, args), options);
  }
}
