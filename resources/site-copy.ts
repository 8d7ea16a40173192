// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { siteCopyDefinition } from "./definitions/site-copy";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link SiteCopy}. */
export type SiteCopyArgs = {
  /** The folder, relative to the project's. Example: `"dist/apt"`. */
  directory: pulumi.Input<string>;
  /** The host: exactly one of its fields. */
  host: DeepInput<types.SitePlace>;
  /**
   * For how many days an index is kept under its digest that has left the folder, for clients that
   * have just asked what it is. Default: 7. Example: `7`.
   */
  keepDays?: pulumi.Input<number | undefined>;
  /**
   * Whether a file that somebody else has put at one of the paths is replaced, where it is not of a
   * version. Default: false, it is refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /**
   * A text that changes with what is in the folder, such as outputs of what writes it, so that a
   * preview says that there will be something to copy. Default: a preview goes by what the folder
   * has.
   */
  revision?: pulumi.Input<string | undefined>;
  /**
   * Why it is not copied, such as the reason why the folder could not be written. Default: it is
   * copied.
   */
  withheld?: pulumi.Input<string | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * A copy of a folder that is laid out for a static host, such as an APT or RPM repository, on such
 * a host. Content comes first, and what names it last, so that a client that asks meanwhile gets
 * the old repository or the new one. Only what differs is sent. A file that was changed or deleted
 * there is put back; other files there are not looked at. What leaves the folder stays, but for
 * indexes under their digests, after `keepDays`. (`slipway:site:Copy`)
 */
export class SiteCopy extends pulumi.CustomResource implements ObservedProperties<typeof siteCopyDefinition> {
  /** The folder, relative to the project's. Example: `"dist/apt"`. */
  declare readonly directory: pulumi.Output<string>;
  /** The host: exactly one of its fields. */
  declare readonly host: pulumi.Output<types.SitePlace>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Digests of the files that the host was given, by path. */
  declare readonly copied: pulumi.Output<Record<string, string>>;
  /** What the host calls their content, by path, where it does so. */
  declare readonly marks: pulumi.Output<Record<string, string>>;
  /** Indexes under their digests that have left the folder, with when that was seen. */
  declare readonly superseded: pulumi.Output<Record<string, string>>;
  /** Files of the host that are not as they were left, with what has become of them. */
  declare readonly drifted: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SiteCopyArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      copied: undefined,
      marks: undefined,
      superseded: undefined,
      drifted: undefined,
    };
    super("slipway:site:Copy", name, properties<typeof siteCopyDefinition>(outputs, args), retained(options));
  }
}
