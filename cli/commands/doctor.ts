import type { RunCli } from "../../lib/display/shown-run";
import type { Finding } from "../../lib/doctor/finding";
import { doctorMarkdown, doctorText, isRefused, sumOf } from "../../lib/doctor/report";
import {
  formatOf,
  ofProject,
  ofStack,
  toFile,
  UsageError,
  type Command,
  type Values,
  writeText,
} from "../command";
import { projectFolder } from "../project-folder";
import { readProgram } from "../read-program";

const formats = ["text", "markdown", "json"] as const;

/** Time that each question has unless told otherwise, in seconds. */
const defaultLimitSeconds = 20;

/** `npx slipway doctor`. @param run runs the Pulumi CLI */
export const doctorCommand = (run: RunCli): Command => ({
  summary: "Looks, before anything is written, whether a release has all that it needs",
  details:
    "The program is read as a preview reads it, and nothing of it is built. Registries, hosts and channels are asked for\n" +
    "the rights that the release needs; nothing is left there. The exit code is 1 where something is missing.",
  options: {
    ...ofProject,
    ...ofStack,
    format: { type: "string", value: "FORMAT", help: "text (default), markdown, or json." },
    json: { type: "boolean", help: "The same as --format json." },
    ...toFile,
    timeout: {
      type: "string",
      value: "SECONDS",
      help: `Time that each question has. Default: ${defaultLimitSeconds}.`,
    },
    "fail-on": { type: "string", value: "STATUS", help: "failure (default), or warning." },
  },
  async run(values) {
    const { format, failOn, limitSeconds } = optionsOf(values);
    const project = projectFolder(values.cwd);
    const findings = await examined(run, project, values.stack, limitSeconds);
    const text = {
      text: () => `${doctorText(findings)}\n`,
      markdown: () => doctorMarkdown(findings),
      json: () => `${JSON.stringify({ findings, sum: sumOf(findings) }, undefined, 2)}\n`,
    }[format]();
    writeText(values, text);
    return isRefused(findings, failOn) ? 1 : 0;
  },
});

/** @throws UsageError */
function optionsOf(values: Values) {
  const format = formatOf(formats, values.format, values.json === true ? "json" : "text");
  const failOn = (["failure", "warning"] as const).find(
    (known) => known === (values["fail-on"] ?? "failure"),
  );
  if (failOn === undefined) {
    throw new UsageError(`--fail-on ${String(values["fail-on"])}: failure or warning is expected`);
  }
  const limitSeconds = Number(values.timeout ?? defaultLimitSeconds);
  if (!(limitSeconds > 0 && limitSeconds <= 3600)) {
    throw new UsageError(`--timeout ${String(values.timeout)}: seconds are expected, 3600 at most`);
  }
  return { format, failOn, limitSeconds };
}

async function examined(
  run: RunCli,
  project: string,
  stack: unknown,
  limitSeconds: number,
): Promise<readonly Finding[]> {
  const pulumi = await versionOf(run);
  return readProgram(run, project, stack, (listener, program) =>
    listener.examine({ project, pulumi, limitSeconds, before: [program] }),
  );
}

async function versionOf(run: RunCli): Promise<string | undefined> {
  let text = "";
  const { code } = await run(["version"], {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "pipe", "ignore"],
    onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part)),
  });
  return code === 0 && text.trim() !== "" ? text.trim() : undefined;
}
