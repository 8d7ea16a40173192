import * as path from "node:path";
import { ReleaseStatusReader, type ReleaseStatus } from "../../lib/display/release-status";
import { badStates, servedStates, type ServedState } from "../../lib/display/served-state";
import { watchRun, type RunCli } from "../../lib/display/shown-run";
import { statusJunit, statusMarkdown, statusPrometheus, statusText } from "../../lib/display/status-texts";
import { SetupError } from "../../lib/machine/setup-error";
import { isUrl, readText } from "../../lib/release/download";
import { parseReleaseList } from "../../lib/release/release-list";
import { listedStatus } from "../../lib/served/listed-status";
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
import { outletOptions, outletsOf, tellOutlets } from "../status-outlets";

const formats = ["text", "markdown", "json", "junit", "prometheus"] as const;

/** `npx slipway status`. @param run runs the Pulumi CLI */
export const statusCommand = (run: RunCli): Command => ({
  summary: "Says of each tag, file and channel what the last run has published, and what is served now",
  details:
    "Everything is looked at where its users get it. Nothing is changed, also not in the state, and the stack is not\n" +
    "locked. The exit code is 1 where not all could be looked at, unless --partial says that this is fine, and 2 where\n" +
    "something is in a state of --fail-on.",
  options: {
    ...ofProject,
    ...ofStack,
    format: {
      type: "string",
      value: "FORMAT",
      help: "text (default), markdown, json, junit, or prometheus.",
    },
    ...toFile,
    releases: {
      type: "string",
      value: "LIST",
      help: "File or URL of a releases.json, to ask about what it lists instead: without Pulumi, state or stack.",
    },
    version: {
      type: "string",
      value: "VERSION",
      help: "Version of that list, or `all`. Default: its newest.",
    },
    "fail-on": {
      type: "string",
      value: "STATES",
      help: `States to exit with 2 for, e.g. behind,drifted. Of ${servedStates.join(", ")}.`,
    },
    partial: { type: "boolean", help: "Exits with 0 also where not all could be looked at." },
    ...outletOptions,
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const failing = statesOf(values["fail-on"]);
    const { releases, version } = values;
    if (version !== undefined && releases === undefined)
      throw new UsageError("--version: is about a list of --releases");
    const outlets = outletsOf(values, format === "text");
    const { status, subject, isWhole, code } = await (typeof releases === "string"
      ? statusOfList(releases, typeof version === "string" ? version : undefined)
      : statusOfStack(run, values));
    if (status === undefined) return code;
    const bad = failing.length > 0 ? failing : badStates;
    const text = {
      text: () => statusText(status),
      markdown: () => statusMarkdown(status),
      json: () => `${JSON.stringify(status, undefined, 2)}\n`,
      junit: () => statusJunit(status, bad),
      prometheus: () => statusPrometheus(status),
    }[format]();
    writeText(values, text);
    await tellOutlets(outlets, { subject, status, isWhole, bad });
    if (status.rows.some(({ state }) => failing.includes(state))) return 2;
    return values.partial === true ? 0 : code;
  },
});

/** The status, where the engine has begun, and whether it could look at all. */
interface Found {
  readonly status: ReleaseStatus | undefined;
  /** What was looked at, as people name it. */
  readonly subject: string;
  /** Whether everything was asked, whatever was answered. */
  readonly isWhole: boolean;
  readonly code: 0 | 1;
}

async function statusOfStack(run: RunCli, values: Values): Promise<Found> {
  const reader = new ReleaseStatusReader();
  const stack = typeof values.stack === "string" ? ["--stack", values.stack] : [];
  const args = ["refresh", "--preview-only", "--cwd", projectFolder(values.cwd), ...stack];
  const { code, own, complained } = await watchRun(run, args, {
    take: (event) => reader.take(event),
    begin: () => undefined,
  });
  const { subject } = reader;
  if (reader.hasBegun)
    return { status: reader.status(), subject, isWhole: code === 0, code: code === 0 ? 0 : 1 };
  if (!complained && own !== "") console.error(own);
  return { status: undefined, subject, isWhole: false, code: 1 };
}

/** @throws SetupError for a list that cannot be read, or has no such version */
async function statusOfList(list: string, version: string | undefined): Promise<Found> {
  const text = await readText(list).catch((error: unknown) => {
    throw new SetupError((error as Error).message, "");
  });
  const versions = parseReleaseList(Buffer.from(text, "utf8"));
  if (versions === undefined)
    throw new SetupError(`${list} is no list of releases as Slipway writes them (releases.json).`, "");
  const asked =
    version === "all"
      ? versions
      : versions.filter((one) => one.version === (version ?? versions[0]?.version));
  if (asked.length === 0) {
    const known = versions.slice(0, 10).map((one) => one.version);
    throw new SetupError(
      `${list} has no version ${version ?? ""}.`,
      known.length === 0 ? "It has none." : `It has: ${known.join(", ")}.`,
    );
  }
  const base = isUrl(list) ? new URL(".", list).href : path.dirname(list);
  const status = await listedStatus(asked, { base, github: process.env.GITHUB_SERVER_URL });
  const code = status.rows.some(({ state }) => state === "unknown") ? 1 : 0;
  return { status, subject: subjectOf(list), isWhole: true, code };
}

/** A list by its address, without what may be a secret in it. */
function subjectOf(list: string): string {
  if (!isUrl(list)) return path.basename(list);
  const { origin, pathname } = new URL(list);
  return `${origin}${pathname}`;
}

function statesOf(value: string | boolean | undefined): ServedState[] {
  if (typeof value !== "string") return [];
  return value.split(",").map((text) => {
    const state = servedStates.find((known) => known === text.trim());
    if (state !== undefined) return state;
    throw new UsageError(`--fail-on ${text.trim()}: states of ${servedStates.join(", ")} are expected`);
  });
}
