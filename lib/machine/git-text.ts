import { execFileSync } from "node:child_process";
import { plainEnvironment } from "./child-environment";

/** Time that git is given for one answer, in milliseconds. */
const gitTimeoutMs = 20_000;

/**
 * Returns what git prints; nothing outside of a repository, without git, and without an answer.
 *
 * @param directory that git runs in
 * @throws Error in git's words for what it cannot do
 */
export function gitText(directory: string, words: readonly string[]): string {
  try {
    return execFileSync("git", ["-C", directory, ...words], {
      encoding: "utf8",
      env: { ...plainEnvironment(process.env), LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: gitTimeoutMs,
    }).trimEnd();
  } catch (error) {
    const { code, stderr = "" } = error as { code?: string; stderr?: string };
    const isNoRepository = code === "ENOENT" || stderr === "" || stderr.includes("not a git repository");
    if (isNoRepository) return "";
    throw new Error(`git ${words.join(" ")} in ${JSON.stringify(directory)}: ${stderr.trim()}`, {
      cause: error,
    });
  }
}
