// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { releaseDirectoryDefinition } from "./definitions/release-directory";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link ReleaseDirectory}. */
export type ReleaseDirectoryArgs = {
  /** Folder that is served, relative to the project's folder. Example: `".slipway/releases"`. */
  directory: pulumi.Input<string>;
  /**
   * Name below it, as a forge has `OWNER/NAME` in its URLs. Default: none. Example: `"acme/hello"`.
   */
  name?: pulumi.Input<string | undefined>;
  /** Tag of the release, as git takes it. A slash makes a folder in a folder. Example: `"v1.2.3"`. */
  tag: pulumi.Input<string>;
  /** Title. Default: the tag. */
  title?: pulumi.Input<string | undefined>;
  /** Notes of the release, as Markdown. Default: those of `notesFrom`. */
  notes?: pulumi.Input<string | undefined>;
  /** Where the notes come from, instead of `notes`. */
  notesFrom?: DeepInput<types.NotesSource | undefined>;
  /** The files of the release. */
  assets: DeepInput<types.ReleasedFile[]>;
  /**
   * Whether the release may be the latest one, which is the highest stable version. Default: true.
   */
  latest?: pulumi.Input<boolean | undefined>;
  /** Whether a published file may get other content under the same tag. Default: false. */
  replaceable?: pulumi.Input<boolean | undefined>;
  /**
   * What is known about the files, for policies: items exactly as trust resources of this stack
   * output them. Others are refused before anything is published.
   */
  evidence?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * A release in a folder, laid out as the download URLs of a forge (`releases/download/TAG/FILE`,
 * `releases/latest/download/FILE`), for any static host. It appears with all of its files at once.
 * A file of a published version never changes unless declared replaceable; what was deleted or
 * changed by hand is put back. Another tag is published beside the former one, which stays; so does
 * the release of a resource that is removed. (`slipway:release:Directory`)
 */
export class ReleaseDirectory
  extends pulumi.CustomResource
  implements ObservedProperties<typeof releaseDirectoryDefinition>
{
  /** Folder that is served, relative to the project's folder. Example: `".slipway/releases"`. */
  declare readonly directory: pulumi.Output<string>;
  /** Tag of the release, as git takes it. A slash makes a folder in a folder. Example: `"v1.2.3"`. */
  declare readonly tag: pulumi.Output<string>;
  /** The files of the release. */
  declare readonly assets: pulumi.Output<types.ReleasedFile[]>;
  /** Digest of each published file, by name. */
  declare readonly published: pulumi.Output<Record<string, string>>;
  /** Path of each file below the served folder, which is the path of its URL. */
  declare readonly downloads: pulumi.Output<Record<string, string>>;
  /** Digest of the release's record, `releases/tag/TAG/release.json`. */
  declare readonly record: pulumi.Output<string>;
  /** Tag that `latest` points to; empty if none. */
  declare readonly newest: pulumi.Output<string>;

  constructor(name: string, args: ReleaseDirectoryArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { published: undefined, downloads: undefined, record: undefined, newest: undefined };
    super(
      "slipway:release:Directory",
      name,
      properties<typeof releaseDirectoryDefinition>(outputs, args),
      retained(options),
    );
  }
}
