import { refreshedMarkdown, refreshedText } from "../../lib/bases/refreshed-lock";
import type { RunCli } from "../../lib/display/shown-run";
import { SetupError } from "../../lib/machine/setup-error";
import { formatOf, ofProject, ofStack, toFile, type Command, writeText } from "../command";
import { projectFolder } from "../project-folder";
import { readProgram } from "../read-program";

const formats = ["text", "markdown", "json"] as const;

/** `npx slipway refresh`. @param run runs the Pulumi CLI */
export const refreshCommand = (run: RunCli): Command => ({
  summary: "Takes the digests of bases and external images from their registries, and writes the lock",
  details:
    "The program is read as a preview reads it; nothing of it is built or published. It is for distributions with `lock`.\n" +
    "Tags with a full version, such as python:3.12.1-slim, are looked at for newer ones, which are said and not taken.",
  options: {
    ...ofProject,
    ...ofStack,
    format: { type: "string", value: "FORMAT", help: "text (default), markdown, or json." },
    ...toFile,
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const locks = await readProgram(
      run,
      projectFolder(values.cwd),
      values.stack,
      async (listener, program) => {
        if (program.status !== "ok") throw new SetupError(`The program ${program.text}`, "");
        return listener.refresh().catch((error: unknown) => {
          throw new SetupError((error as Error).message, "");
        });
      },
    );
    if (locks.length === 0) {
      throw new SetupError("The program declares no lock.", "Declare one for its distribution: lock: true");
    }
    const text = {
      text: () => refreshedText(locks),
      markdown: () => refreshedMarkdown(locks),
      json: () => `${JSON.stringify({ locks }, undefined, 2)}\n`,
    }[format]();
    writeText(values, text);
    return 0;
  },
});
