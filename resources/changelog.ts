// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { changelogDefinition } from "./definitions/changelog";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link Changelog}. */
export type ChangelogArgs = {
  /** Semantic version, with or without `v`. Example: `"v1.2.3"`. */
  version: pulumi.Input<string>;
  /** Changes that the section must list. */
  changes?: DeepInput<types.Changes | undefined>;
  /**
   * Date of a new section. Default: the day on which it is first written, in UTC. Example:
   * `"2026-01-31"`.
   */
  date?: pulumi.Input<string | undefined>;
  /**
   * The change log, relative to the project's folder. Default: `CHANGELOG.md`. Example:
   * `"docs/CHANGELOG.md"`.
   */
  path?: pulumi.Input<string | undefined>;
};

/**
 * The section of a version in a change log in the format of Keep a Changelog. If there is none, the
 * "Unreleased" section becomes it, with its date; every declared change is an entry in it. The rest
 * of the file, including the sections of earlier versions, stays as it was written. A declared
 * entry that was removed by hand is put back. (`slipway:release:Changelog`)
 */
export class Changelog
  extends pulumi.CustomResource
  implements ObservedProperties<typeof changelogDefinition>
{
  /** Semantic version, with or without `v`. Example: `"v1.2.3"`. */
  declare readonly version: pulumi.Output<string>;
  /** Text of the section, Markdown, with its heading. */
  declare readonly section: pulumi.Output<string>;
  /** The same without the heading, for the notes of a release. */
  declare readonly notes: pulumi.Output<string>;

  constructor(name: string, args: ChangelogArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { section: undefined, notes: undefined };
    super(
      "slipway:release:Changelog",
      name,
      properties<typeof changelogDefinition>(outputs, args),
      retained(options),
    );
  }
}
