import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../oci/digest";
import { commitTime, withSignature, type CommitSigner } from "./commit-signer";
import { GitError } from "./errors";
import { runGit, type GitOptions } from "./run-git";
import { takesToken } from "./remote";

/** Who a commit is by. */
export interface GitAuthor {
  readonly name: string;
  readonly email: string;
}

/** What a commit says of itself. */
export interface CommitDetails {
  readonly message: string;
  readonly author: GitAuthor;
  /** Signs it. Default: nobody does. */
  readonly signer?: CommitSigner | undefined;
}

/** A file of a commit. */
export interface GitFile {
  readonly bytes: Buffer;
  readonly executable: boolean;
}

/** What is at a path of a branch. */
export interface FoundFile {
  /** Digest of the content; undefined where a folder or a link is at the path. */
  readonly digest: string | undefined;
  /** The content; undefined where there is no digest. */
  readonly bytes: Buffer | undefined;
  readonly executable: boolean;
}

/** Modes of regular files in trees of git. */
const modes = { plain: "100644", executable: "100755" };

/** A branch of a git repository elsewhere, of which files are read and committed without a checkout. */
export class RemoteBranch {
  private fetched: string | undefined;

  private constructor(
    private readonly folder: string,
    /** As git takes it. */
    private readonly address: string,
    readonly branch: string,
    private readonly options: Pick<GitOptions, "env" | "signal"> & { readonly isMade?: boolean | undefined },
  ) {}

  /**
   * Opens a branch, with a repository of its own in a temporary folder; whoever opens it closes it.
   *
   * @param access `token` is sent to `address` and `fork` and nowhere else, a redirect included; `fork`:
   * another repository that is pushed to; `isMade`: a folder that is not there is a repository without a
   * commit, and is made for the first one
   */
  static async open(
    address: string,
    branch: string,
    access: {
      token?: string | undefined;
      fork?: string | undefined;
      signal?: AbortSignal | undefined;
      isMade?: boolean | undefined;
    } = {},
  ): Promise<RemoteBranch> {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-git-"));
    const { token, fork, signal, isMade } = access;
    const told = [address, ...(fork === undefined ? [] : [fork])].filter(takesToken);
    const env = token === undefined ? {} : tokenSettings(told, token);
    const opened = new RemoteBranch(path.join(folder, "repository"), address, branch, {
      env,
      signal,
      isMade,
    });
    await makeRepository(opened.folder);
    return opened;
  }

  async close(): Promise<void> {
    await rm(path.dirname(this.folder), { recursive: true, force: true, maxRetries: 3 });
  }

  /** The commit that the branch is at; undefined where there is no such branch. */
  async head(): Promise<string | undefined> {
    return this.isToBeMade ? undefined : this.headOf(this.address, this.branch);
  }

  /** The commit that a branch of another repository is at; undefined where there is no such branch. */
  async headOf(address: string, branch: string): Promise<string | undefined> {
    const ref = refOf(branch);
    const text = await this.text(["ls-remote", "--", address, ref]);
    const line = text.split("\n").find((one) => one.endsWith(`\t${ref}`));
    return line?.split("\t")[0];
  }

  /**
   * Returns what is at paths of the branch; paths at which there is nothing are left out. One
   * request for the branch, and one for its newest commit.
   */
  async files(
    paths: readonly string[],
  ): Promise<{ head: string | undefined; files: Map<string, FoundFile> }> {
    const files = new Map<string, FoundFile>();
    const head = await this.fetch();
    if (head === undefined) return { head, files };
    const listed = await this.text(["ls-tree", "-z", head, "--", ...paths]);
    for (const entry of listed.split("\0").filter(Boolean)) {
      const [, mode = "", kind = "", id = "", file = ""] = /^(\d+) (\w+) (\w+)\t([^]*)$/.exec(entry) ?? [];
      const isFile = kind === "blob" && Object.values(modes).includes(mode);
      const bytes = isFile ? await this.git(["cat-file", "blob", id]) : undefined;
      const digest = bytes && digestOf(bytes);
      files.set(file, { digest, bytes, executable: mode === modes.executable });
    }
    return { head, files };
  }

  /**
   * Puts files on top of the commit that {@link files} has looked at and pushes that: whatever has
   * been pushed since is looked at first. Other files of the branch stay as they are.
   *
   * @returns the commit, or undefined where somebody else has pushed meanwhile
   * @throws GitError where the other side refuses it for another reason
   */
  async commit(files: ReadonlyMap<string, GitFile>, details: CommitDetails): Promise<string | undefined> {
    const commit = await this.onTop(files, details);
    if (this.isToBeMade) {
      await this.git(["init", "--quiet", "--bare", `--initial-branch=${this.branch}`, this.address]);
    }
    try {
      await this.git(["push", "--quiet", "--porcelain", "--", this.address, `${commit}:${this.ref}`]);
      return commit;
    } catch (error) {
      if (error instanceof GitError && isOvertaken(error)) return undefined;
      throw error;
    }
  }

  /**
   * Pushes a commit on top of the one that {@link files} has looked at to a branch of its own, in place
   * of whatever that branch is at.
   *
   * @param to repository as git takes it, which has the commit that was looked at, and the branch there
   * @returns the commit, or undefined where somebody else has pushed to that branch meanwhile
   * @throws GitError where the other side refuses it for another reason
   */
  async propose(
    files: ReadonlyMap<string, GitFile>,
    details: CommitDetails,
    to: { readonly address: string; readonly branch: string },
  ): Promise<string | undefined> {
    const before = await this.headOf(to.address, to.branch);
    const commit = await this.onTop(files, details);
    const ref = refOf(to.branch);
    const lease = `--force-with-lease=${ref}:${before ?? ""}`;
    try {
      await this.git(["push", "--quiet", "--porcelain", lease, "--", to.address, `${commit}:${ref}`]);
      return commit;
    } catch (error) {
      if (error instanceof GitError && isOvertaken(error)) return undefined;
      throw error;
    }
  }

  /**
   * Prepares a push of a new branch and sends nothing (`git push --dry-run`): hosts say before that who may not push.
   * What they demand of single branches does not show.
   *
   * @param address as git takes it. Default: of the repository itself
   * @throws GitError where the other side refuses it
   */
  async tryPush(address: string = this.address): Promise<void> {
    if (this.isToBeMade) return;
    const tree = await this.text(["mktree"]);
    const commit = await this.text(["commit-tree", "-m", "trial", tree], {
      env: {
        GIT_AUTHOR_NAME: "slipway",
        GIT_AUTHOR_EMAIL: "slipway@localhost",
        GIT_COMMITTER_NAME: "slipway",
        GIT_COMMITTER_EMAIL: "slipway@localhost",
      },
    });
    await this.git([
      "push",
      "--dry-run",
      "--quiet",
      "--porcelain",
      "--",
      address,
      `${commit}:${refOf("slipway-trial")}`,
    ]);
  }

  /** Makes a commit with files on top of the one that was looked at; nothing is pushed. */
  private async onTop(
    files: ReadonlyMap<string, GitFile>,
    { message, author, signer }: CommitDetails,
  ): Promise<string> {
    const parent = this.fetched;
    if (parent === undefined) await rm(path.join(this.folder, "index"), { force: true });
    else await this.git(["read-tree", parent]);
    const entries = await Promise.all(
      [...files].map(async ([file, { bytes, executable }]) => {
        const id = await this.text(["hash-object", "-w", "--stdin"], { input: bytes });
        return `${executable ? modes.executable : modes.plain} ${id}\t${file}\0`;
      }),
    );
    await this.git(["update-index", "--add", "--replace", "-z", "--index-info"], { input: entries.join("") });
    const tree = await this.text(["write-tree", "--missing-ok"]);
    const parents = parent === undefined ? [] : ["-p", parent];
    const commit = await this.text(["commit-tree", "-F", "-", ...parents, tree], {
      input: message,
      env: {
        GIT_AUTHOR_NAME: author.name,
        GIT_AUTHOR_EMAIL: author.email,
        GIT_COMMITTER_NAME: author.name,
        GIT_COMMITTER_EMAIL: author.email,
      },
    });
    return signer === undefined ? commit : this.signed(commit, signer);
  }

  /** The same commit, signed. git itself would take the key from a file or an agent. */
  private async signed(commit: string, signer: CommitSigner): Promise<string> {
    const bare = await this.git(["cat-file", "commit", commit]);
    const input = withSignature(bare, await signer.sign(bare, commitTime(bare)));
    return this.text(["hash-object", "-t", "commit", "-w", "--stdin"], { input });
  }

  private get isToBeMade(): boolean {
    return this.options.isMade === true && !existsSync(this.address);
  }

  private get ref(): string {
    return refOf(this.branch);
  }

  /** Gets the newest commit with its files; undefined where there is no such branch. */
  private async fetch(): Promise<string | undefined> {
    const head = await this.head();
    if (head === undefined) this.fetched = undefined;
    if (head === this.fetched) return head;
    await this.git([
      "fetch",
      "--quiet",
      "--depth=1",
      // Content is fetched where it is read, from hosts that can: an index of others can be large.
      "--filter=blob:none",
      "--no-tags",
      "--",
      this.address,
      `+${this.ref}:refs/fetched`,
    ]);
    this.fetched = await this.text(["rev-parse", "refs/fetched"]);
    return this.fetched;
  }

  private async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    return (await this.git(args, options)).toString("utf8").trimEnd();
  }

  private git(args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
    return runGit(this.folder, args, {
      ...options,
      signal: this.options.signal,
      env: { GIT_LITERAL_PATHSPECS: "1", ...this.options.env, ...options.env },
    });
  }
}

/**
 * Makes an empty bare repository, with what git requires of one (gitrepository-layout(5)): `git init` would be a process
 * of its own for each branch that is looked at.
 */
async function makeRepository(folder: string): Promise<void> {
  await mkdir(path.join(folder, "objects"), { recursive: true });
  await mkdir(path.join(folder, "refs"));
  await writeFile(path.join(folder, "HEAD"), "ref: refs/heads/main\n");
  await writeFile(path.join(folder, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
}

function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Whether a push came too late: the branch is not where it was. */
function isOvertaken({ said }: GitError): boolean {
  return /\[rejected\]|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value|stale info/.test(
    said,
  );
}

/**
 * Settings by variables (git-config(1)), so that no list of processes shows the token. Redirects are
 * not followed: they could lead to another host.
 */
function tokenSettings(addresses: readonly string[], token: string): NodeJS.ProcessEnv {
  const credentials = Buffer.from(`x-access-token:${token}`, "utf8").toString("base64");
  const settings = [
    ["credential.helper", ""],
    ...addresses.map((address) => [`http.${address}.extraHeader`, `Authorization: Basic ${credentials}`]),
    ["http.followRedirects", "false"],
  ];
  return Object.fromEntries([
    ["GIT_CONFIG_COUNT", String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]) as NodeJS.ProcessEnv;
}
