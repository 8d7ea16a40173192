// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { checkDefinition } from "./definitions/check";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Check}. */
export type CheckArgs = {
  /** Digest that the check is about, or several; a new one runs the check again. */
  subject?: DeepInput<string | string[] | undefined>;
  /** A command that must exit with code 0. */
  command?: DeepInput<types.CommandCheck | undefined>;
  /** A URL that must answer. */
  http?: DeepInput<types.HttpCheck | undefined>;
  /**
   * Image that anyone must be able to pull without signing in. Example:
   * `"ghcr.io/acme/hello:v1.2.3"`.
   */
  anonymousPull?: pulumi.Input<string | undefined>;
  /** A file or download that must have a digest. */
  checksum?: DeepInput<types.ChecksumCheck | undefined>;
  /** Values that run the check again when they change. */
  triggers?: DeepInput<string[] | undefined>;
  /**
   * Attempts before the check fails, e.g. for content that takes a while to be served. Default: 1.
   */
  attempts?: pulumi.Input<number | undefined>;
  /** Seconds between attempts. Default: 5. */
  delaySeconds?: pulumi.Input<number | undefined>;
  /** Timeout of one attempt in seconds. Default: 300. */
  timeoutSeconds?: pulumi.Input<number | undefined>;
  /** Whether a failure is only reported and recorded, and stops nothing. Default: false. */
  advisory?: pulumi.Input<boolean | undefined>;
};

/**
 * A condition that must hold: a command, an HTTP answer, an anonymous pull, or a checksum. Its
 * result, time and output are recorded. It runs again when its declaration, its subject, its
 * triggers or the files that its command reads change. A failure fails the resource, so that what
 * depends on it, such as tags, is left unchanged. (`slipway:gate:Check`)
 */
export class Check extends pulumi.CustomResource implements ObservedProperties<typeof checkDefinition> {
  /** `failed` only where the check is advisory. */
  declare readonly result: pulumi.Output<"passed" | "failed">;
  /** What was observed, in one line. */
  declare readonly detail: pulumi.Output<string>;
  /** Last lines of the output or the answer. */
  declare readonly output: pulumi.Output<string>;
  /** When the check ran, RFC 3339. */
  declare readonly checkedAt: pulumi.Output<string>;
  /** How long it took, in seconds. */
  declare readonly durationSeconds: pulumi.Output<number>;
  /** The result as evidence about each `subject`; none without one. */
  declare readonly evidence: pulumi.Output<types.Evidence[]>;

  constructor(name: string, args: CheckArgs = {}, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      result: undefined,
      detail: undefined,
      output: undefined,
      checkedAt: undefined,
      durationSeconds: undefined,
      evidence: undefined,
    };
    super("slipway:gate:Check", name, properties<typeof checkDefinition>(outputs, args), options);
  }
}
