// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { gitHubReleaseDefinition } from "./definitions/github-release";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link GitHubRelease}. */
export type GitHubReleaseArgs = {
  /**
   * Repository that the release is in, as `owner/name`; the sources can be in another. Example:
   * `"acme/hello"`.
   */
  repository: pulumi.Input<string>;
  /** Git tag. Example: `"v1.0.0"`. */
  tag: pulumi.Input<string>;
  /** Title. Default: left as it is; GitHub shows the tag. */
  title?: pulumi.Input<string | undefined>;
  /** Release notes (Markdown). Default: those of `notesFrom`, else left as they are. */
  notes?: pulumi.Input<string | undefined>;
  /** Where the notes come from, instead of `notes`. */
  notesFrom?: DeepInput<types.NotesSource | undefined>;
  /**
   * Commit (40 hexadecimal digits) or branch on which GitHub creates a missing tag. An existing tag
   * on another commit is refused. Default: the default branch. Example:
   * `"6dcb09b5b57875f334f61aebed695e2e4193db5e"`.
   */
  commit?: pulumi.Input<string | undefined>;
  /** Whether it is marked as a pre-release. Default: as it is. */
  prerelease?: pulumi.Input<boolean | undefined>;
  /**
   * Whether the repository shows it as its latest release: `highest` (default) if there is no higher
   * stable version, and for a tag with a prefix (`cli/v1.2.3`) only where the latest one has the
   * same; `legacy` as GitHub decides by date and version. A pre-release never is. Example:
   * `"highest"`.
   */
  makeLatest?: pulumi.Input<"highest" | "always" | "never" | "legacy" | undefined>;
  /** Category of a discussion that is opened with the release. */
  discussionCategory?: pulumi.Input<string | undefined>;
  /** Files of the release. */
  assets: DeepInput<types.GitHubReleaseAsset[]>;
  /**
   * Which existing release of the tag is taken over: any (default), or only a draft, such as an
   * interrupted run leaves; then a published one that this stack did not make is refused. Example:
   * `"any"`.
   */
  adopt?: pulumi.Input<"any" | "draft" | undefined>;
  /**
   * What is known about the content, for policies: items exactly as trust resources of this stack
   * output them. Others are refused before anything is published.
   */
  evidence?: DeepInput<types.Evidence[] | undefined>;
};

/**
 * A release of GitHub. It is made as a draft, filled, checked by digest and published as the last
 * step, so that nobody sees it half done; an existing release or draft is taken over and keeps its
 * id and dates. Changes made by hand are put back; assets that are not declared are left alone.
 * Removing the resource leaves the release. (`slipway:github:Release`)
 */
export class GitHubRelease
  extends pulumi.CustomResource
  implements ObservedProperties<typeof gitHubReleaseDefinition>
{
  /**
   * Repository that the release is in, as `owner/name`; the sources can be in another. Example:
   * `"acme/hello"`.
   */
  declare readonly repository: pulumi.Output<string>;
  /** Git tag. Example: `"v1.0.0"`. */
  declare readonly tag: pulumi.Output<string>;
  /** GitHub's id of the release. */
  declare readonly releaseId: pulumi.Output<number>;
  /** Page of the release. */
  declare readonly url: pulumi.Output<string>;
  /** When the commit or draft was made, as GitHub reports it. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When it was first published. */
  declare readonly publishedAt: pulumi.Output<string | undefined>;
  /** Whether it is still, or again, a draft. */
  declare readonly draft: pulumi.Output<boolean>;
  /** Whether assets and tag can no longer change. */
  declare readonly immutable: pulumi.Output<boolean>;
  /** The declared assets as GitHub has them. */
  declare readonly assets: pulumi.Output<types.PublishedAsset[]>;
  /** Digest of each declared asset that exists. */
  declare readonly digests: pulumi.Output<Record<string, string>>;
  /** Declared assets that are missing. */
  declare readonly missing: pulumi.Output<string[]>;
  /** Assets that others added; they are left alone. */
  declare readonly extra: pulumi.Output<string[]>;
  /** Whether a discussion belongs to it. */
  declare readonly discussion: pulumi.Output<boolean>;
  /** Whether the repository shows it as its latest release. */
  declare readonly latest: pulumi.Output<boolean>;
  /** Tag of the repository's latest release. */
  declare readonly latestTag: pulumi.Output<string | undefined>;
  /** Commit of the tag, where `commit` is one, not a branch. */
  declare readonly tagCommit: pulumi.Output<string | undefined>;

  constructor(name: string, args: GitHubReleaseArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      releaseId: undefined,
      url: undefined,
      createdAt: undefined,
      publishedAt: undefined,
      draft: undefined,
      immutable: undefined,
      assets: undefined,
      digests: undefined,
      missing: undefined,
      extra: undefined,
      discussion: undefined,
      latest: undefined,
      latestTag: undefined,
      tagCommit: undefined,
    };
    super(
      "slipway:github:Release",
      name,
      properties<typeof gitHubReleaseDefinition>(outputs, args),
      retained(options),
    );
  }
}
