import { BuildError } from "../build/command-spec";
import { runProgram, type ProgramSpec } from "../build/run-command";
import { recordedOutput, type CheckOutcome } from "./outcome";

/** Lines of a command's output that are kept. */
const keptLines = 200;

/** What a command has to do beside its exit code. */
export interface CommandExpectation {
  /** Regular expression for the output of both streams. */
  expect?: string;
  /** Most seconds that it may take. */
  withinSeconds?: number;
}

/**
 * Runs a command. It passes with exit code 0 and, where they are declared, output that matches a pattern, and no more
 * than some seconds.
 */
export async function commandCheck(
  spec: ProgramSpec,
  { expect, withinSeconds }: CommandExpectation,
  observer: { onLine: (line: string) => void; signal?: AbortSignal },
): Promise<CheckOutcome> {
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    observer.onLine(line);
  };
  const text = () => lines.join("\n");
  const started = performance.now();
  try {
    await runProgram(spec, onLine, observer.signal);
  } catch (error) {
    observer.signal?.throwIfAborted();
    if (!(error instanceof BuildError)) throw error;
    // Its first two lines are the command and how it ended; the output is recorded apart.
    const detail = error.message.split("\n").slice(0, 2).join(": ");
    return { passed: false, detail, output: recordedOutput(text()) };
  }
  const seconds = (performance.now() - started) / 1000;
  const output = recordedOutput(text());
  if (expect !== undefined && !new RegExp(expect, "m").test(text())) {
    return { passed: false, detail: `exit code 0, but the output does not match /${expect}/`, output };
  }
  const detail = expect === undefined ? "exit code 0" : `the output matches /${expect}/`;
  if (withinSeconds === undefined) return { passed: true, detail, output };
  return { passed: seconds <= withinSeconds, detail: `${detail}; ${timing(seconds, withinSeconds)}`, output };
}

function timing(seconds: number, limit: number): string {
  return `it took ${seconds.toFixed(3)} s${seconds <= limit ? " of" : ", and may take"} at most ${limit} s`;
}
