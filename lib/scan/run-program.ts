import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CollectedBytes } from "../oci/collected-bytes";
import { eachOutputLine } from "../machine/output-lines";
import { ScanError, ScannerMissing } from "./scanner";

/** Lines of output that an error repeats. */
const linesInError = 25;

/**
 * Largest report of a scanner, in bytes: those of images with ten thousand findings have some tens
 * of megabytes.
 */
export const reportLimitBytes = 64 * 1024 * 1024;

/** Longest line that an error repeats, in characters: scanners print whole lists in one. */
const longestLine = 400;

/** How long an ended program has to finish before it is killed, in milliseconds. */
const graceMilliseconds = 3_000;

/** How a scanner is run. */
export interface ProgramRun {
  program: string;
  arguments: readonly string[];
  /** Folder to run in: one without configuration files that somebody else wrote. */
  directory: string;
  environment: NodeJS.ProcessEnv;
  timeoutSeconds: number;
  /** Exit codes that say that the scanner did its work. */
  accepts: readonly number[];
  /** Commands that install the program, for the case that there is none. */
  remedy: string;
  signal?: AbortSignal;
}

/** Files that a program left. */
export interface ProgramOutcome {
  code: number;
  /** Standard output. */
  output: string;
  /** Last lines of standard error, for messages. */
  lastLines: string;
}

/**
 * Runs a scanner to its end.
 *
 * @throws ScannerMissing where there is no such program
 * @throws ScanError for another exit code, or where it took too long; with its last lines
 */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  run.signal?.throwIfAborted();
  // A process group of its own, so that what the program starts ends with it.
  const child = spawn(run.program, run.arguments, {
    cwd: run.directory,
    env: run.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let ended: string | undefined;
  const end = (reason: string) => {
    ended ??= reason;
    signalGroup(child.pid, "SIGTERM");
    setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMilliseconds).unref();
  };
  const timer = setTimeout(
    () => end(`it was ended after ${run.timeoutSeconds} s (timeoutSeconds)`),
    run.timeoutSeconds * 1000,
  );
  const onAbort = () => end("the run was canceled");
  run.signal?.addEventListener("abort", onAbort, { once: true });
  const last: string[] = [];
  const output = new CollectedBytes();
  try {
    child.stdout.on("data", (part: Buffer) => {
      if (output.size + part.length <= reportLimitBytes) output.push(part);
      else end(`it was stopped because it printed more than ${reportLimitBytes} bytes`);
    });
    const lines = keepLast(child.stderr, last);
    const code = await new Promise<number | string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, killedBy) => resolve(status ?? killedBy ?? "unknown"));
    });
    await lines;
    const result = { output: output.bytes().toString("utf8"), lastLines: last.join("\n") };
    if (ended === undefined && typeof code === "number" && run.accepts.includes(code)) {
      return { code, ...result };
    }
    throw new ScanError(failureText(run, ended ?? `exit code ${code}`, result));
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === "ENOENT" ||
      (error as NodeJS.ErrnoException).code === "EACCES"
    ) {
      throw new ScannerMissing(
        "program",
        `there is no program ${JSON.stringify(run.program)} that can be run on this machine`,
        run.remedy,
      );
    }
    throw error;
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", onAbort);
  }
}

/** Text of a program that did not do its work. */
function failureText(run: ProgramRun, how: string, outcome: { output: string; lastLines: string }): string {
  const said = outcome.lastLines.trim() || outcome.output.trim().split("\n").slice(-linesInError).join("\n");
  const lines = said === "" ? "it printed nothing" : `its last lines:\n${indented(said)}`;
  return `${run.program} ${run.arguments.join(" ")}: ${how}; ${lines}`;
}

/** A text with each line indented, and long ones cut off. */
export function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line.length > longestLine ? `${line.slice(0, longestLine)}…` : line}`)
    .join("\n");
}

async function keepLast(stream: Readable, last: string[]): Promise<void> {
  await eachOutputLine(stream, (line) => {
    last.push(line);
    if (last.length > linesInError) last.shift();
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
