import { runClient } from "../support/clients";
import type { ExampleProject } from "./example-project";

/**
 * Makes the project a checkout of its own, with one commit. It is one of stand-ins: the repository
 * that an example names as its source is another, so its commits may be said to be any.
 */
export async function makeCheckout(project: ExampleProject): Promise<void> {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  await git(project, "init", "--quiet");
  await git(project, "remote", "add", "origin", "https://git.example.com/test/stand-ins.git");
  await git(project, ...identity, "commit", "--quiet", "--allow-empty", "--message", "all of it");
}

export function git(project: ExampleProject, ...args: string[]): Promise<string> {
  return runClient("git", ["-C", project.directory, ...args]);
}

/** Gives the change log a section for a version, above those that it has. */
export async function writeChangelog(project: ExampleProject, version: string): Promise<void> {
  await project.edit("CHANGELOG.md", (text) =>
    text.includes(`## [${version}]`)
      ? text
      : text.replace("# Changes\n", `# Changes\n\n## [${version}]\n\n- Better.\n`),
  );
}
