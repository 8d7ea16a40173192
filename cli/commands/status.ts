import { writeFileSync } from "node:fs";
import { ReleaseStatusReader, servedStates, type ServedState } from "../../lib/display/release-status";
import { watchRun, type RunCli } from "../../lib/display/shown-run";
import {
  badStates,
  statusJunit,
  statusMarkdown,
  statusPrometheus,
  statusText,
} from "../../lib/display/status-texts";
import { ofProject, UsageError, type Command } from "../command";
import { projectFolder } from "../project-folder";

const formats = ["text", "markdown", "json", "junit", "prometheus"] as const;

/** `npx slipway status`. @param run runs the Pulumi CLI */
export const statusCommand = (run: RunCli): Command => ({
  summary: "Says of each tag, file and channel what the last run has published, and what is served now",
  details:
    "Everything is looked at where its users get it. Nothing is changed, also not in the state, and the stack is not\n" +
    "locked. The exit code is 1 where not all could be looked at, and 2 where something is in a state of --fail-on.",
  options: {
    ...ofProject,
    stack: {
      type: "string",
      short: "s",
      value: "STACK",
      help: "Stack of the project. Default: the selected one.",
    },
    format: {
      type: "string",
      value: "FORMAT",
      help: "text (default), markdown, json, junit, or prometheus.",
    },
    output: { type: "string", short: "o", value: "FILE", help: "File to write instead of printing." },
    "fail-on": {
      type: "string",
      value: "STATES",
      help: `States to exit with 2 for, e.g. behind,drifted. Of ${servedStates.join(", ")}.`,
    },
  },
  async run(values) {
    const format = formats.find((known) => known === (values.format ?? "text"));
    if (format === undefined) {
      throw new UsageError(`--format ${String(values.format)}: one of ${formats.join(", ")} is expected`);
    }
    const failing = statesOf(values["fail-on"]);
    const reader = new ReleaseStatusReader();
    const stack = typeof values.stack === "string" ? ["--stack", values.stack] : [];
    const args = ["refresh", "--preview-only", "--cwd", projectFolder(values.cwd), ...stack];
    const { code, own, complained } = await watchRun(run, args, {
      take: (event) => reader.take(event),
      begin: () => undefined,
    });
    if (!reader.hasBegun) {
      if (!complained && own !== "") console.error(own);
      return code === 0 ? 1 : (code ?? 1);
    }
    const status = reader.status();
    const text = {
      text: () => statusText(status),
      markdown: () => statusMarkdown(status),
      json: () => `${JSON.stringify(status, undefined, 2)}\n`,
      junit: () => statusJunit(status, failing.length > 0 ? failing : badStates),
      prometheus: () => statusPrometheus(status),
    }[format]();
    if (typeof values.output === "string") writeFileSync(values.output, text);
    else process.stdout.write(text);
    if (status.rows.some(({ state }) => failing.includes(state))) return 2;
    return code === 0 ? 0 : 1;
  },
});

function statesOf(value: string | boolean | undefined): ServedState[] {
  if (typeof value !== "string") return [];
  return value.split(",").map((text) => {
    const state = servedStates.find((known) => known === text.trim());
    if (state !== undefined) return state;
    throw new UsageError(`--fail-on ${text.trim()}: states of ${servedStates.join(", ")} are expected`);
  });
}
