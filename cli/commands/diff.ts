import { contentsMarkdown, contentsText, isSameContents } from "../../lib/display/contents-text";
import { diffMarkdown } from "../../lib/display/diff-markdown";
import { isEmptyDiff } from "../../lib/display/diff-summary";
import { diffText } from "../../lib/display/diff-text";
import { ReleaseDiffReader } from "../../lib/display/release-diff";
import { watchRun, type RunCli } from "../../lib/display/shown-run";
import { comparePublished } from "../compare-published";
import { formatOf, ofProject, ofStack, toFile, writeText, type Command } from "../command";
import { projectFolder } from "../project-folder";

const formats = ["text", "markdown", "json"] as const;

/** `npx slipway diff`. @param run runs the Pulumi CLI */
export const diffCommand = (run: RunCli): Command => ({
  summary: "Previews a release and tells what it would change, for those who review it",
  details:
    "Nothing is changed. With --from or --to nothing is previewed: what is in the images of two published versions, or\n" +
    "of two images, is compared as registries tell it: sizes, packages and vulnerabilities. As Markdown it is at most as long as a comment of GitHub. The exit code is 1 where the\n" +
    "preview fails or a policy refuses it.",
  options: {
    ...ofProject,
    ...ofStack,
    "policy-pack": {
      type: "string",
      value: "DIRECTORY",
      help: "Policy pack to ask, as `pulumi preview` takes it.",
    },
    "policy-pack-config": { type: "string", value: "FILE", help: "Its configuration." },
    from: {
      type: "string",
      value: "VERSION",
      help: "Published version, or image. Default: the version before --to.",
    },
    to: { type: "string", value: "VERSION", help: "Published version, or image. Default: the last version." },
    format: { type: "string", value: "FORMAT", help: "text (default), markdown, or json." },
    ...toFile,
    title: { type: "string", value: "TITLE", help: "Heading in Markdown. Default: Release diff." },
    "exit-code": { type: "boolean", help: "Exit with 2 where there is anything to change." },
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const { stack, from, to } = values;
    if (typeof from === "string" || typeof to === "string") {
      const { title, difference } = await comparePublished(run, {
        project: projectFolder(values.cwd),
        stack: typeof stack === "string" ? stack : undefined,
        from: typeof from === "string" ? from : undefined,
        to: typeof to === "string" ? to : undefined,
      });
      const heading = typeof values.title === "string" ? values.title : `What is in ${title}`;
      writeText(
        values,
        {
          text: () => `${contentsText(difference, title)}\n`,
          markdown: () => contentsMarkdown(difference, heading),
          json: () => `${JSON.stringify(difference, undefined, 2)}\n`,
        }[format](),
      );
      return values["exit-code"] === true && !isSameContents(difference) ? 2 : 0;
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
    writeText(
      values,
      {
        text: () => `${diffText(found)}\n`,
        markdown: () => diffMarkdown(found, typeof values.title === "string" ? values.title : "Release diff"),
        json: () => `${JSON.stringify(found, undefined, 2)}\n`,
      }[format](),
    );
    if (code !== 0) return 1;
    return values["exit-code"] === true && !isEmptyDiff(found) ? 2 : 0;
  },
});
