// Made from resources/definitions/ by `npm run format`; changes here are lost.
import * as pulumi from "@pulumi/pulumi";
import type { gitFilesDefinition } from "./definitions/git-files";
import { properties, retained, type DeepInput, type ObservedProperties } from "./arguments";
import type * as types from "./types";

/** Arguments of {@link GitFiles}. */
export type GitFilesArgs = {
  /**
   * Repository: an https or ssh address, or a folder relative to the project's. One below `.slipway/`
   * is made where it is not there. Example: `"https://github.com/acme/homebrew-tap.git"`.
   */
  remote: pulumi.Input<string>;
  /** Branch; made where there is none. Default: `main`. Example: `"main"`. */
  branch?: pulumi.Input<string | undefined>;
  /** Files, by path in the repository. */
  files: DeepInput<Record<string, types.GitFile>>;
  /** Message of the commit. Default: it names the files. Example: `"hello 1.2.0"`. */
  message?: pulumi.Input<string | undefined>;
  /** Who the commit is by. */
  author: DeepInput<types.GitAuthor>;
  /** Token for an https address, a secret. Default: git's own credentials on this machine. */
  token?: pulumi.Input<string | undefined>;
  /**
   * Private key that signs the commits, a secret: of OpenPGP, armored, or of SSH as `ssh-keygen`
   * writes it, without a passphrase. What is committed already stays as it is. Default: they are not
   * signed.
   */
  signingKey?: pulumi.Input<string | undefined>;
  /** Passphrase of an OpenPGP key, a secret. Default: it has none. */
  signingPassphrase?: pulumi.Input<string | undefined>;
  /**
   * Whether a file that somebody else has put at one of the paths is replaced. Default: false, it is
   * refused.
   */
  takeOver?: pulumi.Input<boolean | undefined>;
  /**
   * The files are those of a version: they stay away where the branch has a higher one, and take the
   * place of a lower one, whoever put it there. Default: they are put there whatever it has.
   */
  version?: DeepInput<types.GitFilesVersion | undefined>;
  /**
   * The files are proposed by a pull request on GitHub, which their owners merge: with the token, on
   * a branch of its own. The state is `awaiting` while it is open. Default: they are committed to the
   * branch itself.
   */
  pullRequest?: DeepInput<boolean | types.GitPullRequest | undefined>;
  /**
   * Whether a failure is left to a `slipway:channel:Gate`, which ends the run when everything else is
   * done. Default: false, the run ends at once.
   */
  gated?: pulumi.Input<boolean | undefined>;
};

/**
 * Files on a branch of a git repository, such as a formula in a Homebrew tap, a manifest in a Scoop
 * bucket or the files of a package in the AUR, or edits of files there, such as a region of a
 * website: whatever changes is one commit on top of the branch, and other files stay as they are. A
 * file that was changed or deleted by hand is put back. Where somebody else pushes at the same
 * time, the commit is made anew on top of theirs. In a repository of others a pull request asks for
 * them. What leaves `files`, or the program, stays in the repository. (`slipway:git:Files`)
 */
export class GitFiles extends pulumi.CustomResource implements ObservedProperties<typeof gitFilesDefinition> {
  /**
   * Repository: an https or ssh address, or a folder relative to the project's. One below `.slipway/`
   * is made where it is not there. Example: `"https://github.com/acme/homebrew-tap.git"`.
   */
  declare readonly remote: pulumi.Output<string>;
  /** Files, by path in the repository. */
  declare readonly files: pulumi.Output<Record<string, types.GitFile>>;
  /** Who the commit is by. */
  declare readonly author: pulumi.Output<types.GitAuthor>;
  /** What has become of it. */
  declare readonly state: pulumi.Output<
    "published" | "held" | "staged" | "awaiting" | "served" | "behind" | "unknown" | "failed"
  >;
  /** Why it is not published, where it is not. */
  declare readonly reason: pulumi.Output<string | undefined>;
  /** When it was first seen to be `awaiting` or `staged`, as ISO 8601; absent in other states. */
  declare readonly awaitingSince: pulumi.Output<string | undefined>;
  /** Commit that the branch was at when the files were last looked at. */
  declare readonly commit: pulumi.Output<string>;
  /** The files as they are, by path; those that are gone are absent. */
  declare readonly found: pulumi.Output<Record<string, types.GitFileState>>;
  /** What stands where edits write; absent where there are none. */
  declare readonly owned: pulumi.Output<Record<string, Record<string, string>> | undefined>;
  /**
   * Version that the branch has, where its files say one; without such a file the last one of this
   * resource.
   */
  declare readonly foundVersion: pulumi.Output<string | undefined>;
  /** Paths at which this resource has put files; absent in a state of an older release of Slipway. */
  declare readonly written: pulumi.Output<string[] | undefined>;
  /** The pull request that the files are in, or were. */
  declare readonly foundPullRequest: pulumi.Output<types.GitPullRequestState | undefined>;

  constructor(name: string, args: GitFilesArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      state: undefined,
      reason: undefined,
      awaitingSince: undefined,
      commit: undefined,
      found: undefined,
      owned: undefined,
      foundVersion: undefined,
      written: undefined,
      foundPullRequest: undefined,
    };
    super("slipway:git:Files", name, properties<typeof gitFilesDefinition>(outputs, args), retained(options));
  }
}
