import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * An action or reusable workflow of another repository that a step uses by something that can move.
 */
export interface MovableAction {
  /** Line in the text, from 1. */
  line: number;
  /** As it stands there, for example "actions/checkout@v4". */
  uses: string;
}

/**
 * Actions that are used by a tag or branch: whoever can move it runs code with the secrets of the
 * release. A commit stays what it is; the comment behind it says which version that is, for people
 * and for updates.
 *
 * Source: GitHub, "Security hardening for GitHub Actions", using third-party actions.
 */
export function movableActions(text: string): MovableAction[] {
  return text.split("\n").flatMap((content, index) => {
    const [, uses = "", comment = ""] =
      /^\s*(?:-\s+)?uses:\s*["']?([^\s"'#]+)["']?\s*(#.*)?$/.exec(content) ?? [];
    if (uses === "" || uses.startsWith("./")) return [];
    const isPinned = /@[0-9a-f]{40}$|@sha256:[0-9a-f]{64}$/.test(uses) && /^#\s*v\d/.test(comment);
    return isPinned ? [] : [{ line: index + 1, uses }];
  });
}

/** Findings in the workflows and the documentation of a checkout, a line each. */
export function actionFindings(repository: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", ".github", "*.md", "*.yml", "*.yaml"], {
    cwd: repository,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((file) => file !== "")
    .flatMap((file) =>
      movableActions(readFileSync(join(repository, file), "utf8")).map(
        ({ line, uses }) => `${file}:${line}: ${uses} can move; use a commit, with its version in a comment`,
      ),
    );
}
