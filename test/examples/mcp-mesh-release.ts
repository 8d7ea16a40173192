import { git, writeChangelog } from "./checkout";
import type { ExampleProject } from "./example-project";

/**
 * Version of the Python runtime, change log and tag in Git: what the checklist of MCP Mesh asks of
 * its maintainers.
 */
export async function writeMeshRelease(
  project: ExampleProject,
  version: string,
  parts: readonly ("version" | "changelog" | "git-tag")[] = ["version", "changelog", "git-tag"],
): Promise<void> {
  if (parts.includes("version")) {
    await project.edit("src/runtime/python/src/mcp_mesh/__init__.py", (text) =>
      text.replace(/^__version__ = .*$/m, `__version__ = "${version}"`),
    );
  }
  if (parts.includes("changelog")) await writeChangelog(project, version);
  if (parts.includes("git-tag")) await git(project, "tag", "--force", `v${version}`);
}
