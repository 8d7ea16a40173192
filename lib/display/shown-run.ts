import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ChildOptions, ChildResult } from "../machine/child.cjs";
import { earlyViolationsVariable, readEarlyViolations, type EarlyViolations } from "./early-violations";
import type { EngineEvent } from "./engine-event";
import { EventLog } from "./event-log";
import { RunReport } from "./run-report";
import { RunSteps } from "./run-steps";
import { summaryLines, summaryMarkdown } from "./run-summary";
import { readSentRecord, sentRecordVariable } from "./sent-record";
import { addStepSummary } from "./step-summary";

/** How often the engine's log is looked at, in milliseconds. */
const intervalMilliseconds = 100;

/** Options of the CLI whose output is not for people, or that ask for its own. */
const ownOutput = new Set(["--json", "-j", "--help", "-h", "--event-log", "--debug", "-d"]);

/** Runs the CLI with arguments, its standard streams and variables as the options say. */
export type RunCli = (args: readonly string[], options: ChildOptions) => Promise<ChildResult>;

/** How a run ended. */
export interface ShownResult extends ChildResult {
  /** Whether it changes anything, or would; also where that is not known. */
  readonly isChange: boolean;
}

/**
 * Runs `preview` or `up` of the CLI and prints a report of it in place of the CLI's own output,
 * which has several lines for each resource that it looks at. Errors of the CLI itself, on its
 * standard error, are passed on.
 *
 * @param args command and options; `--diff` is what is shown anyway
 * @param print prints a line
 */
export async function showRun(
  run: RunCli,
  args: readonly string[],
  print: (line: string) => unknown,
): Promise<ShownResult> {
  if (args.some((arg) => ownOutput.has(arg.split("=")[0] ?? "")))
    return { ...(await run(args, {})), isChange: true };
  const isUpdate = args[0] === "up";
  const plansFirst = isUpdate && !args.some((arg) => arg === "--skip-preview" || arg === "-f");
  const report = new RunReport({ withOutputs: !args.includes("--suppress-outputs"), plansFirst });
  return withFolder(async (folder) => {
    const record = path.join(folder, "sent.jsonl");
    const steps = new RunSteps({ plansFirst }, () => readSentRecord(record));
    const watcher: RunWatcher = {
      take: (event) => {
        report.take(event).forEach(print);
        if (isUpdate) steps.take(event).forEach(print);
      },
      begin: () => {
        report.begin();
        steps.begin();
      },
    };
    const env = { [sentRecordVariable]: record };
    const { early, own, complained, ...result } = await watchRun(run, args, watcher, env);
    const lines = report.end(early);
    const facts = isUpdate ? steps.facts() : { steps: [], stages: [] };
    const summary = summaryLines(facts);
    // The sum is the last line; where something has failed, the reason is above it.
    const above = result.code === 0 ? Math.max(0, lines.length - 1) : 0;
    lines.toSpliced(above, 0, ...summary).forEach(print);
    const problem = await addStepSummary(summaryMarkdown(facts));
    if (problem !== undefined) print(problem);
    // It has failed before the engine had begun, or in words that are no event.
    if (lines.length === 0 && !complained && own !== "") print(own);
    return { ...result, isChange: report.isChange };
  });
}

/** What is told of a run. */
export interface RunWatcher {
  take(event: EngineEvent): void;
  /** The plan is made, and the run carries it out. */
  begin(): void;
}

/** How a run ended that was watched. */
export interface WatchedResult extends ChildResult {
  /** What policies have found, where the engine ended before it asked about the stack. */
  readonly early: EarlyViolations | undefined;
  /** What the CLI itself has printed, without the line's end. */
  readonly own: string;
  /** Whether it has said on standard error what is wrong, which is passed on. */
  readonly complained: boolean;
  /** That, without `error: `; empty for none. */
  readonly complaint: string;
}

/**
 * Runs `preview` or `up` of the CLI and tells of the engine's events while they come.
 *
 * @param args command and options; `--diff` is left out, which changes the CLI's own output alone
 * @param env further variables
 */
export async function watchRun(
  run: RunCli,
  args: readonly string[],
  watcher: RunWatcher,
  env: NodeJS.ProcessEnv = {},
): Promise<WatchedResult> {
  return withFolder(async (folder) => {
    const file = path.join(folder, "events.jsonl");
    const violations = path.join(folder, "violations.json");
    const log = new EventLog(
      file,
      (event) => watcher.take(event),
      () => watcher.begin(),
    );
    let own = "";
    let errors = "";
    const [command = "", ...options] = args.filter((arg) => arg !== "--diff");
    const running = run([command, ...options, "--non-interactive", "--event-log", file], {
      env: { ...env, PULUMI_DEBUG_COMMANDS: "true", [earlyViolationsVariable]: violations },
      stdio: ["ignore", "pipe", "pipe"],
      onStart: (child) => {
        child.stdout?.setEncoding("utf8").on("data", (text: string) => (own += text));
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
          errors += text;
          process.stderr.write(text);
        });
      },
    });
    const result = await readMeanwhile(running, () => log.read());
    const [, complaint = ""] = /^error: ([^]*)$/m.exec(errors) ?? [];
    return {
      ...result,
      early: readEarlyViolations(violations),
      own: own.trimEnd(),
      complained: complaint !== "",
      complaint: complaint.trimEnd(),
    };
  });
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-events-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads a log now and then while something is under way, and once more at its end. */
async function readMeanwhile<T>(running: Promise<T>, read: () => Promise<void>): Promise<T> {
  let reading = Promise.resolve();
  const timer = setInterval(() => {
    reading = reading.then(read);
  }, intervalMilliseconds);
  try {
    return await running;
  } finally {
    clearInterval(timer);
    await reading;
    await read();
  }
}
