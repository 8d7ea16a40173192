import * as path from "node:path";
import { ReleaseStatusReader, type ReleaseStatus } from "../../lib/display/release-status";
import { badStates, servedStates, type ServedState } from "../../lib/display/served-state";
import { watchRun, type RunCli } from "../../lib/display/shown-run";
import { statusJunit, statusMarkdown, statusPrometheus, statusText } from "../../lib/display/status-texts";
import { timesMarkdown, timesPrometheus, timesText } from "../../lib/served/time-to-served-texts";
import { SetupError } from "../../lib/machine/setup-error";
import { isUrl } from "../../lib/release/download";
import {
  emptyServedHistory,
  parseServedHistory,
  servedHistoryText,
  withServed,
  type ServedHistory,
} from "../../lib/served/history";
import { listedStatus } from "../../lib/served/listed-status";
import { slowestOf, timesToServed, type TimeToServed } from "../../lib/served/time-to-served";
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
import { historyFile, historyOptions, type HistoryFile, type HistoryForm } from "../history-file";
import { projectFolder } from "../project-folder";
import { readReleaseList } from "../release-list";
import { outletOptions, outletsOf, tellOutlets } from "../status-outlets";

const formats = ["text", "markdown", "json", "junit", "prometheus"] as const;

const form: HistoryForm<ServedHistory> = {
  of: "what was served when",
  empty: emptyServedHistory,
  parse: parseServedHistory,
  text: servedHistoryText,
};

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
    ...historyOptions(
      "File with what was served when, which this look is added to; how long each channel took is told then.",
    ),
    ...outletOptions,
  },
  async run(values) {
    const format = formatOf(formats, values.format, "text");
    const failing = statesOf(values["fail-on"]);
    const { releases, version } = values;
    if (version !== undefined && releases === undefined)
      throw new UsageError("--version: is about a list of --releases");
    const outlets = outletsOf(values, format === "text");
    const history = historyFile(values, form);
    const { status, subject, isWhole, code } = await (typeof releases === "string"
      ? statusOfList(releases, typeof version === "string" ? version : undefined)
      : statusOfStack(run, values));
    if (status === undefined) return code;
    const bad = failing.length > 0 ? failing : badStates;
    const times = await keptTimes(history, { subject, status });
    const text = {
      text: () => statusText(status) + timesText(times),
      markdown: () => statusMarkdown(status) + timesMarkdown(times),
      json: () => `${JSON.stringify({ ...status, ...(history && timesFound(times)) }, undefined, 2)}\n`,
      junit: () => statusJunit(status, bad),
      prometheus: () => statusPrometheus(status) + (history ? timesPrometheus(times) : ""),
    }[format]();
    writeText(values, text);
    await tellOutlets(outlets, { subject, status, isWhole, bad });
    if (status.rows.some(({ state }) => failing.includes(state))) return 2;
    return values.partial === true ? 0 : code;
  },
});

/**
 * Adds a look to the history. Returns how long each channel took.
 *
 * @throws SetupError for a history of something else
 */
async function keptTimes(
  history: HistoryFile<ServedHistory> | undefined,
  { subject, status }: { readonly subject: string; readonly status: ReleaseStatus },
): Promise<TimeToServed[]> {
  if (history === undefined) return [];
  const { former, keep } = history;
  if (former.subject !== undefined && former.subject !== subject)
    throw new SetupError(
      `--history: the file is about ${former.subject}, and what is looked at is ${subject}.`,
      "Name another file.",
    );
  const kept = withServed(former, { subject, rows: status.rows, at: new Date().toISOString() }, keep);
  await history.write(kept);
  return timesToServed(kept);
}

/** What JSON has of a history. */
function timesFound(times: readonly TimeToServed[]): object {
  return { timesToServed: times, slowest: slowestOf(times)?.channel ?? null };
}

/** The status, where the engine has begun, and whether it could look at all. */
interface Found {
  readonly status: ReleaseStatus | undefined;
  /** What was looked at, as people name it. */
  readonly subject: string;
  /** Whether everything was asked, whatever was answered. */
  readonly isWhole: boolean;
  readonly code: 0 | 1;
}

/** What is served of what a stack has published last, as a look of the engine finds it. */
export async function statusOfStack(run: RunCli, values: Values): Promise<Found> {
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
  const { versions, base } = await readReleaseList(list);
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
