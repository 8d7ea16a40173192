import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ChannelError, fileName, type ChannelArtifact } from "../../lib/channels/artifact";
import { GitFiles, type GitFilesArgs } from "../../resources";
import { gitFilesDefinition } from "../../resources/definitions/git-files";
import { grace } from "../../resources/definitions/channel-outcome";
import type { Finding } from "../../resources/definitions/input-findings";
import { inputText } from "../declaration/call-arguments";
import type {
  ChannelContent,
  ChannelOptions,
  ChannelRelease,
  ChannelResource,
  ChannelTarget,
} from "../declaration/channel-target";
import type { CountedPackage } from "../../lib/metrics/asked";
import type { InstallWay } from "../declaration/install-way";
import { addressFindings, installedArchive, withoutContent } from "./released-archive";

/** Arguments that all channels have which are files of a git repository. */
export interface GitChannelArgs {
  /** Branch; made where there is none. Default: `main`. */
  branch?: string;
  /** Who the commits are by. */
  author: { name: string; email: string };
  /** Token for an https address; kept a secret. Default: git's own credentials on this machine. */
  token?: pulumi.Input<string>;
  /**
   * Private key that signs the commits, of OpenPGP or SSH; kept a secret. Default: they are not signed.
   */
  signingKey?: pulumi.Input<string>;
  /** Passphrase of an OpenPGP key; kept a secret. Default: it has none. */
  signingPassphrase?: pulumi.Input<string>;
  /** Name of what is installed. Default: the distribution's. */
  name?: string;
  /** Name of the archive that is installed, in `archives`. Default: the only one. */
  archive?: string;
  /**
   * Whether a pre-release is published too, which everybody gets then who updates. Default: false; give
   * pre-releases a channel with a `name` of its own.
   */
  prereleases?: boolean;
  /**
   * Whether its files are files of the release too, under their names without folders, and listed in
   * its sums. Default: false.
   */
  asset?: boolean;
  /** Whether a file that somebody else has put there is replaced. Default: false, it is refused. */
  takeOver?: boolean;
  /**
   * Whether the files are proposed by a pull request on GitHub, with the token, because others look
   * after the repository. The state is `awaiting` while it is open. Default: false, they are committed.
   */
  pullRequest?: boolean | PullRequestArgs;
  /**
   * For how long the other side may let it wait, e.g. for a review or while it takes nothing, such as
   * `7d`: then that is a failure. Default: for good.
   */
  grace?: string;
}

/** How a pull request is made. */
export interface PullRequestArgs {
  /** Fork that its branch is pushed to, as `owner/name`. Default: the repository itself. */
  fork?: string;
  /** Default: name and version. */
  title?: string;
  /** Text, in Markdown, such as the checklist of the repository. Default: none. */
  body?: string;
  /** Its branch. Default: `slipway/NAME-VERSION`. */
  branch?: string;
  /** Repository on GitHub, as `owner/name`. Default: what the address says. */
  repository?: string;
}

/** Their shapes. */
export const gitChannelArguments = {
  branch: gitFilesDefinition.inputs.shape.branch,
  author: gitFilesDefinition.inputs.shape.author,
  token: inputText.optional(),
  signingKey: inputText.optional(),
  signingPassphrase: inputText.optional(),
  name: z
    .string()
    .min(1)
    .meta({ examples: ["hello"] })
    .optional(),
  archive: z.string().min(1).optional(),
  prereleases: z.boolean().optional(),
  asset: z.boolean().optional(),
  takeOver: z.boolean().optional(),
  pullRequest: gitFilesDefinition.inputs.shape.pullRequest,
  grace: grace.optional(),
} as const;

/** What differs between channels that are files of a git repository. */
export interface GitChannelParts {
  /** In words: `Homebrew formula`. */
  kind: string;
  /** Where it is, for names and messages: the repository. */
  place: string;
  /** Address of the repository, by the name of what is installed. Default: the place. */
  remote?: (name: string) => string;
  /** Name of what is installed, by that of the distribution. Default: the same. */
  defaultName?: (distribution: string) => string;
  /** Path of the file that says the version, by the name of what is installed and the version. */
  versionFile: (name: string, version: string) => string;
  /** Finds the version in that file; the first group is it. */
  versionPattern: string;
  /** How users install what has a name; undefined where the repository is none for others. */
  install?: (name: string, release: ChannelRelease) => InstallWay | undefined;
  /** Packages whose downloads a public service counts, by the name of what is installed. Default: none. */
  counted?: (name: string) => readonly CountedPackage[];
  /** Message of the commit. Default: name and version. */
  message?: (name: string, version: string) => string;
  /** Paths of files that are programs. Default: none. */
  executables?: readonly string[];
  /** Resources that look at what the files name, before they are brought. */
  checks?: (content: ChannelContent, name: string, options: ChannelOptions) => pulumi.Resource[];
  /**
   * The files, by path; which ones there are does not depend on digests.
   *
   * @throws ChannelError for what the channel cannot carry
   */
  render(
    release: ChannelRelease,
    name: string,
    artifacts: readonly ChannelArtifact[],
  ): Readonly<Record<string, string>>;
}

/** A channel that is files of a git repository. */
export class GitChannel implements ChannelTarget {
  readonly kind: string;
  readonly name: string;
  readonly grace: string | undefined;

  constructor(
    private readonly args: GitChannelArgs,
    private readonly parts: GitChannelParts,
  ) {
    this.kind = parts.kind;
    this.grace = args.grace;
    this.name = args.name === undefined ? parts.place : `${args.name} in ${parts.place}`;
  }

  findings(release: ChannelRelease): Finding[] {
    const unknown = addressFindings(release);
    if (unknown.length > 0) return unknown;
    try {
      this.plannedFiles(release);
      return [];
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return [{ property: error.field, reason: error.reason }];
    }
  }

  assetNames(release: ChannelRelease): string[] {
    return this.args.asset ? Object.keys(this.plannedFiles(release)).map(fileName) : [];
  }

  assetTexts(content: ChannelContent): pulumi.Output<Record<string, string>> {
    return this.texts(content).apply((texts) =>
      Object.fromEntries(Object.entries(texts).map(([file, text]) => [fileName(file), text])),
    );
  }

  files(content: ChannelContent): Readonly<Record<string, pulumi.Output<string>>> {
    const texts = this.texts(content);
    const paths = Object.keys(this.plannedFiles(content));
    return Object.fromEntries(paths.map((file) => [file, texts.apply((text) => text[file] ?? "")]));
  }

  install(release: ChannelRelease): InstallWay | undefined {
    return this.parts.install?.(this.nameOf(release), release);
  }

  counted(release: ChannelRelease): readonly CountedPackage[] {
    return this.parts.counted?.(this.nameOf(release)) ?? [];
  }

  create(content: ChannelContent, options: ChannelOptions): ChannelResource {
    const { branch, author, prereleases, takeOver, pullRequest } = this.args;
    const name = this.nameOf(content);
    const remote = this.parts.remote?.(name) ?? this.parts.place;
    const files = Object.entries(this.files(content)).map(([file, text]) => {
      const isProgram = this.parts.executables?.includes(file) === true;
      return [file, isProgram ? { content: text, executable: true } : { content: text }] as const;
    });
    const args: GitFilesArgs = {
      remote,
      branch,
      author,
      token: secretOf(this.args.token),
      signingKey: secretOf(this.args.signingKey),
      signingPassphrase: secretOf(this.args.signingPassphrase),
      files: Object.fromEntries(files),
      message: this.parts.message?.(name, content.version) ?? `${name} ${content.version}`,
      version: {
        value: content.version,
        file: this.parts.versionFile(name, content.version),
        pattern: this.parts.versionPattern,
        prereleases,
      },
      takeOver,
      pullRequest,
      gated: true,
    };
    // One repository may have several channels of one name.
    const kind = this.kind.toLowerCase().replaceAll(/\W+/g, "-");
    const checks = this.parts.checks?.(content, name, options) ?? [];
    const dependsOn = [...options.dependsOn, ...checks];
    return new GitFiles(`${name}:${kind}@${remote}`, args, { ...options, dependsOn });
  }

  private texts(content: ChannelContent): pulumi.Output<Readonly<Record<string, string>>> {
    return content
      .artifactsOf(installedArchive(content, this.args.archive))
      .apply((artifacts) => this.parts.render(content, this.nameOf(content), artifacts));
  }

  /** The files as they are before there is any content: what a sum is of is not known. */
  private plannedFiles(release: ChannelRelease): Readonly<Record<string, string>> {
    const planned = withoutContent(release, installedArchive(release, this.args.archive));
    return this.parts.render(release, this.nameOf(release), planned);
  }

  private nameOf({ distribution }: ChannelRelease): string {
    return this.args.name ?? this.parts.defaultName?.(distribution) ?? distribution;
  }
}

function secretOf(value: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}
