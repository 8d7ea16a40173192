import { writeFileSync } from "node:fs";
import { diffMarkdown } from "../../lib/display/diff-markdown";
import { isEmptyDiff } from "../../lib/display/diff-summary";
import { diffText } from "../../lib/display/diff-text";
import { ReleaseDiffReader } from "../../lib/display/release-diff";
import { watchRun, type RunCli } from "../../lib/display/shown-run";
import { ofProject, UsageError, type Command } from "../command";
import { projectFolder } from "../project-folder";

const formats = ["text", "markdown", "json"] as const;

/** `npx slipway diff`. @param run runs the Pulumi CLI */
export const diffCommand = (run: RunCli): Command => ({
  summary: "Previews a release and tells what it would change, for those who review it",
  details:
    "Nothing is changed. As Markdown it is at most as long as a comment of GitHub. The exit code is 1 where the\n" +
    "preview fails or a policy refuses it.",
  options: {
    ...ofProject,
    stack: {
      type: "string",
      short: "s",
      value: "STACK",
      help: "Stack of the project. Default: the selected one.",
    },
    "policy-pack": {
      type: "string",
      value: "DIRECTORY",
      help: "Policy pack to ask, as `pulumi preview` takes it.",
    },
    "policy-pack-config": { type: "string", value: "FILE", help: "Its configuration." },
    format: { type: "string", value: "FORMAT", help: "text (default), markdown, or json." },
    output: { type: "string", short: "o", value: "FILE", help: "File to write instead of printing." },
    title: { type: "string", value: "TITLE", help: "Heading in Markdown. Default: Release diff." },
    "exit-code": { type: "boolean", help: "Exit with 2 where there is anything to change." },
  },
  async run(values) {
    const format = formats.find((known) => known === (values.format ?? "text"));
    if (format === undefined) {
      throw new UsageError(`--format ${String(values.format)}: one of ${formats.join(", ")} is expected`);
    }
    const options = ["stack", "policy-pack", "policy-pack-config"].flatMap((name) =>
      typeof values[name] === "string" ? [`--${name}`, values[name]] : [],
    );
    const reader = new ReleaseDiffReader();
    const args = ["preview", "--cwd", projectFolder(values.cwd), ...options];
    const { code, early, own, complained } = await watchRun(run, args, {
      take: (event) => reader.take(event),
      begin: () => undefined,
    });
    const found = reader.diff(early);
    if (Object.keys(found.counts).length === 0 && found.errors.length === 0) {
      // It has failed before the engine had begun.
      if (!complained && own !== "") console.error(own);
      return code === 0 ? 1 : (code ?? 1);
    }
    const text = {
      text: () => `${diffText(found)}\n`,
      markdown: () => diffMarkdown(found, typeof values.title === "string" ? values.title : "Release diff"),
      json: () => `${JSON.stringify(found, undefined, 2)}\n`,
    }[format]();
    if (typeof values.output === "string") writeFileSync(values.output, text);
    else process.stdout.write(text);
    if (code !== 0) return 1;
    return values["exit-code"] === true && !isEmptyDiff(found) ? 2 : 0;
  },
});
