// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { checkDefinition } from "./definitions/check";
import { properties, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Check}. */
export type CheckArgs = {
  /** Digest that the check is about, or several; a new one runs it again. */
  subject?: DeepInput<string | string[] | undefined>;
  /** A command that has to end with exit code 0. */
  command?: DeepInput<types.CommandCheck | undefined>;
  /** A URL that has to answer. */
  http?: DeepInput<types.HttpCheck | undefined>;
  /**
   * Image that anybody has to be able to pull without signing in. Example:
   * `"ghcr.io/acme/hello:v1.2.3"`.
   */
  anonymousPull?: pulumi.Input<string | undefined>;
  /** A file or download that has to have a digest. */
  checksum?: DeepInput<types.ChecksumCheck | undefined>;
  /** Values whose change runs the check again. */
  triggers?: DeepInput<string[] | undefined>;
  /** Tries before a miss counts, e.g. for what takes a while to be served. Default: 1. */
  attempts?: pulumi.Input<number | undefined>;
  /** Seconds between two tries. Default: 5. */
  delaySeconds?: pulumi.Input<number | undefined>;
  /** Seconds that one try may take. Default: 300. */
  timeoutSeconds?: pulumi.Input<number | undefined>;
  /** A miss is said and recorded, and stops nothing. Default: false. */
  advisory?: pulumi.Input<boolean | undefined>;
};

/**
 * Something that has to hold: a command, an HTTP answer, an anonymous pull, or a checksum. Its
 * result, time and output are recorded. It runs again when its declaration, its subject, its
 * triggers or the files that its command reads change. A miss fails the resource, so that what
 * depends on it, the tags for example, stays as it is. (`slipway:gate:Check`)
 */
export class Check extends pulumi.CustomResource implements ObservedProperties<typeof checkDefinition> {
  /** `failed` only where the check is advisory. */
  declare readonly result: pulumi.Output<"passed" | "failed">;
  /** What was seen, in one line. */
  declare readonly detail: pulumi.Output<string>;
  /** Last lines of what the other side printed or answered. */
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
