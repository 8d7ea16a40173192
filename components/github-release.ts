import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { urlBelow } from "../lib/text/url-below";
import { parseVersion } from "../lib/version/version";
import { environmentToken, GitHubEndpoint } from "../lib/github/endpoint";
import { type ReleasePlace, GitHubRelease } from "../resources";
import { parseGitHubRepository } from "../lib/github/names";
import { checked } from "../resources/definitions/definition";
import type { Finding } from "../resources/definitions/input-findings";
import { renamedFields } from "../resources/definitions/renamed-fields";
import { checkArguments, inputText } from "./declaration/call-arguments";
import { checkNotes, notesArguments, notesOf, type NotesArgs } from "./release-notes";
import {
  ReleaseTarget,
  type ReleaseAccess,
  type ReleaseContent,
  type ReleaseOptions,
} from "./declaration/release-target";
import { fillTemplate, versionValues } from "./declaration/templates";

/** Arguments of {@link githubRelease}. */
export interface GitHubReleaseTargetArgs extends NotesArgs {
  /** Repository of the release, as `owner/name`; the sources can be in another. */
  repository: string;
  /** Tag, from `{version}`, `{semver}` and `{tag}`. Default: `{tag}`, which is `v1.2.3`. */
  tag?: string;
  /** Title, from the same and `{name}`. Default: the tag. */
  title?: string;
  /** Commit or branch that the tag is made on, where it is not there. */
  commit?: pulumi.Input<string>;
  /** Whether it is marked as a pre-release. Default: where the version is one. */
  prerelease?: boolean;
  /** Whether the repository shows it as its latest release. Default: `highest`. */
  makeLatest?: "highest" | "always" | "never" | "legacy";
  /** Category of a discussion that is opened with the release. */
  discussionCategory?: string;
  /** Whether a published asset may get other content. Default: false. */
  replaceable?: boolean;
  /** REST endpoint of a GitHub Enterprise Server. Default: that of github.com. */
  endpoint?: string;
  /**
   * Token that may write releases; kept a secret. Default: the environment variable GITHUB_TOKEN.
   */
  token?: pulumi.Input<string>;
}

const gitHubArguments = z.strictObject({
  ...notesArguments,
  repository: checked(parseGitHubRepository).meta({ examples: ["acme/hello"] }),
  tag: z
    .string()
    .min(1)
    .meta({ examples: ["cli/{tag}"] })
    .optional(),
  title: z
    .string()
    .min(1)
    .meta({ examples: ["Hello {tag}"] })
    .optional(),
  commit: inputText.meta({ examples: ["main"] }).optional(),
  prerelease: z.boolean().optional(),
  makeLatest: z.enum(["highest", "always", "never", "legacy"]).optional(),
  discussionCategory: z
    .string()
    .min(1)
    .meta({ examples: ["Announcements"] })
    .optional(),
  replaceable: z.boolean().optional(),
  endpoint: z
    .string()
    .meta({ examples: ["https://github.example.com/api/v3"] })
    .optional(),
  token: inputText.optional(),
});

renamedFields(gitHubArguments, { target: "commit" });

/**
 * Releases of GitHub: made as a draft, filled, checked, and published last.
 *
 * @throws DeclarationError naming the argument, the value and a valid example; never the token
 */
export function githubRelease(args: GitHubReleaseTargetArgs): ReleaseTarget {
  checkArguments("githubRelease()", gitHubArguments, args);
  return new GitHubTarget(args);
}

class GitHubTarget implements ReleaseTarget {
  readonly name: string;
  readonly host: string;
  private readonly webUrl: string;
  readonly access?: ReleaseAccess;

  constructor(private readonly args: GitHubReleaseTargetArgs) {
    this.name = args.repository;
    checkNotes(args, `the release in ${this.name}`);
    const { endpoint, token } = args;
    const reached = new GitHubEndpoint(endpoint ?? configuredEndpoint());
    this.host = reached.host;
    this.webUrl = reached.webUrl;
    if (endpoint === undefined && token === undefined) return;
    this.access = {
      endpoint,
      token: token === undefined ? undefined : pulumi.secret(token),
    };
  }

  placeOf(released: { distribution: string; version: string }): ReleasePlace {
    return { repository: this.name, tag: this.tagOf(released) };
  }

  downloadUrl(released: { distribution: string; version: string }, fileName: string): string {
    return urlBelow(this.webUrl, [this.name, "releases/download", this.tagOf(released), fileName]);
  }

  create(content: ReleaseContent, options: ReleaseOptions): GitHubRelease {
    const { tag: _tag, title, replaceable, prerelease, ...others } = this.args;
    const { endpoint: _endpoint, token: _token, notes, changelog, notesTemplate, ...rest } = others;
    const fill = (text: string) =>
      fillTemplate(text, { ...versionValues(content.version), name: content.distribution });
    return new GitHubRelease(
      `${content.distribution}@${this.name}`,
      {
        ...rest,
        ...notesOf({ notes, changelog, notesTemplate }, content),
        tag: this.tagOf(content),
        title: title === undefined ? this.tagOf(content) : fill(title),
        prerelease: prerelease ?? parseVersion(content.version)?.stable === false,
        assets: content.assets.map((asset) =>
          replaceable ? pulumi.output(asset).apply((file) => ({ ...file, replaceable })) : asset,
        ),
        evidence: content.evidence,
      },
      options,
    );
  }

  private tagOf({ distribution, version }: { distribution: string; version: string }): string {
    return fillTemplate(this.args.tag ?? "{tag}", { ...versionValues(version), name: distribution });
  }

  /**
   * An update that could not release at its end must not begin: without a preview the provider
   * looks at the release when images are there already. A preview is left to the provider, which
   * asks where something is to be written.
   */
  findings(): Finding[] {
    const { repository, endpoint, token } = this.args;
    if (pulumi.runtime.isDryRun() || token !== undefined || new pulumi.Config("slipway").get("github"))
      return [];
    if (environmentToken({ hosted: endpoint === undefined }, process.env) !== undefined) return [];
    const reason =
      `there is no token that may write releases of ${repository}: set it in the environment ` +
      "as GITHUB_TOKEN, or declare it (a valid example: token: " +
      'config.requireSecret("githubToken"))';
    return [{ property: "release", reason }];
  }
}

/** The endpoint of the configuration `slipway:github`, where the stack has it. */
function configuredEndpoint(): string | undefined {
  return new pulumi.Config("slipway").getObject<{ endpoint?: string }>("github")?.endpoint;
}
