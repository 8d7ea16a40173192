import { BuildError, type ProgramObserver } from "../command/command-spec";
import { runProgram, type ProgramSpec } from "../command/run-command";
import { recordedOutput, type CheckOutcome } from "./outcome";

/** Lines of a command's output that are kept. */
const keptLines = 200;

/** Expectations of a command beside its exit code. */
export interface CommandExpectation {
  /** Regular expression for the output of both streams. */
  expect?: string;
  /** Most seconds that it may take. */
  withinSeconds?: number;
}

/**
 * Runs a command. It passes with exit code 0 and, where they are declared, output that matches a
 * pattern, and no more than some seconds.
 */
export async function commandCheck(
  spec: ProgramSpec,
  { expect, withinSeconds }: CommandExpectation,
  observer: Omit<ProgramObserver, "onPrinted">,
): Promise<CheckOutcome> {
  const printed = new LastLines();
  const shown = new LastLines();
  const onLine = (line: string) => {
    shown.add(line);
    observer.onLine(line);
  };
  const started = performance.now();
  try {
    await runProgram(spec, { ...observer, onLine, onPrinted: (line) => printed.add(line) });
  } catch (error) {
    observer.signal?.throwIfAborted();
    if (!(error instanceof BuildError)) throw error;
    // Its first two lines are the command and how it ended; the output is recorded apart.
    const detail = error.message.split("\n").slice(0, 2).join(": ");
    return { passed: false, detail, output: recordedOutput(shown.text) };
  }
  const seconds = (performance.now() - started) / 1000;
  const output = recordedOutput(shown.text);
  if (expect !== undefined && !new RegExp(expect, "m").test(printed.text)) {
    return { passed: false, detail: `exit code 0, but the output does not match /${expect}/`, output };
  }
  const detail = expect === undefined ? "exit code 0" : `the output matches /${expect}/`;
  if (withinSeconds === undefined) return { passed: true, detail, output };
  return { passed: seconds <= withinSeconds, detail: `${detail}; ${timing(seconds, withinSeconds)}`, output };
}

/** The end of a command's output. */
class LastLines {
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > keptLines) this.lines.shift();
  }

  get text(): string {
    return this.lines.join("\n");
  }
}

function timing(seconds: number, limit: number): string {
  return `it took ${seconds.toFixed(3)} s${seconds <= limit ? " of" : ", and may take"} at most ${limit} s`;
}
