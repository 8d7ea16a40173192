// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { retentionDefinition } from "./definitions/retention";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Retention}. */
export type RetentionArgs = {
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  repository: pulumi.Input<string>;
  /** What may go. What no part of it is about stays. */
  rule: DeepInput<types.RetentionRule>;
  /** Names that the rules for tags give; other tags stay. */
  names: DeepInput<types.TagNames[]>;
  /** What users were told. Default: nothing, and no version goes. */
  notices?: DeepInput<types.Notice[] | undefined>;
  /**
   * Published versions: the day, and after it the digests of their tags in the repository. Default:
   * none; tags are as old as they are known. Example: `{"v1.2.3":"2026-01-31"}`.
   */
  versions?: DeepInput<Record<string, string> | undefined>;
  /** Tags and digests that stay whatever the rule says. Default: none. Example: `["v1.2.3"]`. */
  needs?: DeepInput<string[] | undefined>;
  /**
   * The day that is asked about. Default: today; nothing is removed before it has come. Example:
   * `"2026-01-31"`.
   */
  on?: pulumi.Input<string | undefined>;
};

/**
 * What goes from a repository by a declared rule, and nothing else: what tags, indexes, referrers
 * and declared components need stays, and so does all where the registry does not answer whole.
 * Every preview names what would go and why; an update deletes tags first, then what they point to,
 * then what belongs to that. A registry that deletes nothing is told, and is no error.
 * (`slipway:oci:Retention`)
 */
export class Retention
  extends pulumi.CustomResource
  implements ObservedProperties<typeof retentionDefinition>
{
  /** Repository as `host[:port]/path`, lower-case. Example: `"ghcr.io/acme/hello"`. */
  declare readonly repository: pulumi.Output<string>;
  /** What may go. What no part of it is about stays. */
  declare readonly rule: pulumi.Output<types.RetentionRule>;
  /** Names that the rules for tags give; other tags stay. */
  declare readonly names: pulumi.Output<types.TagNames[]>;
  /** What was removed last, and why, by tag or digest. */
  declare readonly removed: pulumi.Output<Record<string, string>>;
  /** Why the registry deletes nothing, where it was asked to. */
  declare readonly refused: pulumi.Output<string | undefined>;

  constructor(name: string, args: RetentionArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { removed: undefined, refused: undefined };
    super(
      "slipway:oci:Retention",
      name,
      properties<typeof retentionDefinition>(outputs, args),
      retained(options),
    );
  }
}
