import type { ExampleProject } from "./example-project";
import { git, writeChangelog } from "./checkout";

export { git, makeCheckout } from "./checkout";

/** What a release of Bleu OS is made from, beside its sources. */

/** The hash that stands for the commit of a release: every release has one of its own. */
export function commitOf(name: string): string {
  return Buffer.from(name).toString("hex").padEnd(40, "0").slice(0, 40);
}

/** What labels of v1.0.0 say, by the part of their names after `org.opencontainers.image.`. */
export const factsOfFirstRelease = {
  title: "bleu-os",
  version: "v1.0.0",
  revision: commitOf("1.0.0"),
  source: "https://github.com/helloblueai/bleu-os",
  licenses: "Apache-2.0",
  created: "1970-01-01T00:00:00Z",
};

/** All tags of a release with the step that made it: what stays for ever. */
export function fixedTags(version: string, step: string): Record<string, string> {
  const commit = commitOf(version);
  const names = [version, `v${version}`, `release-${version}`, `${version}-${commit.slice(0, 7)}`, commit];
  return Object.fromEntries(names.map((name) => [name, step]));
}

/** Change log and page of a version, and its tag in Git: what a maintainer writes. */
export async function writeRelease(
  project: ExampleProject,
  version: string,
  parts: readonly ("docs" | "changelog" | "git-tag")[] = ["docs", "changelog", "git-tag"],
): Promise<void> {
  if (parts.includes("changelog")) await writeChangelog(project, version);
  if (parts.includes("docs")) {
    await project.edit("README.md", (text) => text.replaceAll(/(bleu-os:)\d[\w.-]*/g, `$1${version}`));
  }
  if (parts.includes("git-tag")) await git(project, "tag", "--force", `v${version}`);
}
