import { embeddedHome } from "../../lib/embedded/home";
import { buildkitStart } from "../../lib/embedded/builder";
import { registryStart } from "../../lib/embedded/registry";
import { ofProject, type Command } from "../command";
import { stopEmbedded } from "../embedded";
import { projectFolder } from "../project-folder";

/** `npx slipway stop` */
export const stop: Command = {
  summary: "Stops the embedded registry and builder of a project; their data stays",
  details: "The next run that needs them starts them again.",
  options: {
    ...ofProject,
    "dry-run": { type: "boolean", help: "Only say what would be stopped." },
  },
  async run(values) {
    const home = embeddedHome(projectFolder(values.cwd));
    if (values["dry-run"] === true) {
      const running = [
        buildkitStart(home) ? ["builder"] : [],
        registryStart(home) ? ["registry"] : [],
      ].flat();
      for (const what of running) console.log(`would stop the embedded ${what} of ${home}`);
      if (running.length === 0) console.log("Nothing runs.");
      return 0;
    }
    if ((await stopEmbedded(home)) === 0) console.log("Nothing runs.");
    return 0;
  },
};
