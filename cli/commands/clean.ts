import { existsSync } from "node:fs";
import { join } from "node:path";

import { embeddedFolder } from "../../lib/embedded/home";
import { cacheDirectory } from "../../lib/machine/cache-directory.cjs";
import { ofProject, type Command } from "../command";
import { cleanEmbedded, remove, sharesHome } from "../embedded";
import { projectFolder } from "../project-folder";

/** `npx slipway clean` */
export const clean: Command = {
  summary: "Removes what Slipway keeps for a project, with all that was published to its embedded registry",
  details: "Sources, releases in folders and what other registries have stay.",
  options: {
    ...ofProject,
    yes: { type: "boolean", short: "y", help: "Remove it. Without it, it is only named." },
    "dry-run": { type: "boolean", help: "Only say what would be removed." },
    cache: {
      type: "boolean",
      help: "Remove the tools and compiled code that all projects of this user share, too.",
    },
  },
  async run(values) {
    const project = projectFolder(values.cwd);
    const targets: [path: string, what: string][] = [[embeddedFolder(project), what(project)]];
    // Where others share the registry, the project has a folder of its own all the same.
    if (sharesHome(project))
      targets.splice(0, 1, [join(project, ".slipway"), "state and caches of this project"]);
    if (values.cache === true)
      targets.push([cacheDirectory(), "tools and compiled code of all projects of this user"]);
    const present = targets.filter(([path]) => existsSync(path));
    if (present.length === 0) {
      console.log(
        `There is nothing to remove: ${targets.map(([path]) => path).join(" and ")} does not exist.`,
      );
      return 0;
    }
    if (values.yes !== true || values["dry-run"] === true) {
      for (const [path, text] of present) console.log(`would remove ${path} (${text})`);
      if (values["dry-run"] === true) return 0;
      console.error("Nothing is removed: what is lost is lost. Run it again with --yes.");
      return 1;
    }
    for (const [path, text] of present) {
      if (path === embeddedFolder(project) && !sharesHome(project)) await cleanEmbedded(project);
      else remove(path, text);
    }
    return 0;
  },
};

function what(project: string): string {
  const state = existsSync(join(project, ".slipway", "state")) ? "the state of its stacks, " : "";
  return `${state}caches, keys, and all that was published to the embedded registry`;
}
