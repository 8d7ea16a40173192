import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { cleanText, longestLine } from "../text/terminal";
import { plainEnvironment } from "../machine/child-environment";
import { eachOutputLine } from "../machine/output-lines";
import { BuildError, type CommandSpec, type ProgramObserver } from "./command-spec";

/** Lines of output that an error repeats. */
const linesInError = 25;

/** How long an ended command has to finish before it is killed, in milliseconds. */
const graceMilliseconds = 5_000;

/** A program to run: what {@link runProgram} needs of a {@link CommandSpec}. */
export type ProgramSpec = Pick<CommandSpec, "directory" | "command" | "env" | "inherit" | "timeoutSeconds">;

/**
 * Runs a command with `{output}` and SLIPWAY_OUTPUT standing for the folder that takes its files.
 *
 * @throws BuildError with the command, its exit code and its last lines
 */
export async function runCommand(
  spec: CommandSpec,
  outputDirectory: string,
  observer: ProgramObserver,
): Promise<void> {
  const { command } = spec;
  const filled = {
    ...spec,
    command:
      typeof command === "string"
        ? withOutput(command, outputDirectory)
        : command.map((argument) => withOutput(argument, outputDirectory)),
    env: { ...spec.env, SLIPWAY_OUTPUT: outputDirectory },
  };
  await runProgram(filled, observer);
}

/**
 * Runs a program, or a text for `sh -eu`, to its end. Of the machine's variables it has those that
 * are not secrets, and those that it inherits by declaration.
 *
 * @throws BuildError with the command, its exit code and its last lines
 */
export async function runProgram(spec: ProgramSpec, observer: ProgramObserver): Promise<void> {
  const { signal } = observer;
  const [program, ...commandArguments] =
    typeof spec.command === "string" ? ["sh", "-eu", "-c", spec.command] : spec.command;
  if (program === undefined) throw new BuildError("command: is empty");

  const last: string[] = [];
  const show = (line: string) => {
    last.push(line);
    if (last.length > linesInError) last.shift();
    observer.onLine(line);
  };
  // One for each stream: a line of the other one does not end what is kept back.
  const read = async (stream: Readable) => {
    const filter = observer.filter?.(show) ?? { push: show, end: () => undefined };
    await eachOutputLine(stream, (line) => {
      observer.onPrinted?.(line);
      filter.push(line);
    });
    filter.end();
  };
  // A process group of its own, so that what the command starts ends with it.
  const child = spawn(program, commandArguments, {
    cwd: spec.directory,
    env: { ...plainEnvironment(process.env, spec.inherit), ...spec.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let ended: string | undefined;
  const end = (reason: string) => {
    ended ??= reason;
    if (child.pid === undefined) return;
    const group = -child.pid;
    sendSignal(group, "SIGTERM");
    setTimeout(() => sendSignal(group, "SIGKILL"), graceMilliseconds).unref();
  };
  const timer = setTimeout(
    () => end(`ended after ${spec.timeoutSeconds} s (timeoutSeconds)`),
    spec.timeoutSeconds * 1000,
  );
  const onAbort = () => end("ended because the run was canceled");
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const lines = Promise.all([read(child.stdout), read(child.stderr)]);
    const outcome = await new Promise<string | undefined>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killedBy) =>
        resolve(ended ?? (code === 0 ? undefined : `exit code ${code ?? killedBy}`)),
      );
    });
    await lines;
    if (outcome !== undefined) throw new BuildError(failure(spec, outcome, last));
  } catch (error) {
    if (error instanceof BuildError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = missing
      ? `there is no program "${program}" on this machine; install it or put it on PATH`
      : String(error);
    throw new BuildError(failure(spec, reason, last), { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function withOutput(text: string, outputDirectory: string): string {
  return text.replaceAll("{output}", outputDirectory);
}

function sendSignal(processGroup: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processGroup, signal);
  } catch {
    // It has ended by itself.
  }
}

function failure(spec: ProgramSpec, outcome: string, last: readonly string[]): string {
  const command = typeof spec.command === "string" ? spec.command : spec.command.join(" ");
  const output =
    last.length === 0
      ? "it printed nothing"
      : `its last lines:\n${last.map((line) => `  ${cleanText(line, longestLine)}`).join("\n")}`;
  return `command failed: ${command}\n${outcome}, in ${spec.directory}; ${output}`;
}
