import { execFileSync } from "node:child_process";
import * as path from "node:path";

/** The git repositories behind the fake: bare ones in a folder, as `owner/name.git`. */
export class FakeGit {
  constructor(private readonly root: string) {}

  /** The commit of a branch; undefined where there is no such branch or repository. */
  commit(fullName: string, branch: string): string | undefined {
    try {
      return this.run(fullName, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
    } catch {
      return undefined;
    }
  }

  /** Whether a branch has no commit that another one of another repository lacks. */
  isContained(fullName: string, branch: string, in_: string, other: string): boolean {
    this.fetch(in_, fullName, branch);
    return this.run(in_, "rev-list", "--count", "FETCH_HEAD", `^refs/heads/${other}`) === "0";
  }

  /** Moves a branch of a fork to where that of its parent is; false where that needs a merge. */
  fastForward(fork: string, parent: string, branch: string): boolean {
    if (!this.isContained(fork, branch, parent, branch)) return false;
    this.fetch(fork, parent, branch);
    this.run(fork, "update-ref", `refs/heads/${branch}`, "FETCH_HEAD");
    return true;
  }

  private fetch(into: string, from: string, branch: string): void {
    this.run(into, "fetch", "--quiet", path.join(this.root, `${from}.git`), `refs/heads/${branch}`);
  }

  private run(fullName: string, ...args: string[]): string {
    return execFileSync("git", args, {
      cwd: path.join(this.root, `${fullName}.git`),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  }
}
