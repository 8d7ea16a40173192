import { BuildError } from "../build/command-spec";
import { runProgram, type ProgramSpec } from "../build/run-command";
import { recordedOutput, type CheckOutcome } from "./outcome";

/** Lines of a command's output that are kept. */
const keptLines = 200;

/**
 * Runs a command. It passes with exit code 0 and, where a pattern is declared, output that it matches.
 *
 * @param expect regular expression for the output of both streams
 */
export async function commandCheck(
  spec: ProgramSpec,
  expect: string | undefined,
  observer: { onLine: (line: string) => void; signal?: AbortSignal },
): Promise<CheckOutcome> {
  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    observer.onLine(line);
  };
  const text = () => lines.join("\n");
  try {
    await runProgram(spec, onLine, observer.signal);
  } catch (error) {
    observer.signal?.throwIfAborted();
    if (!(error instanceof BuildError)) throw error;
    // Its first two lines are the command and how it ended; the output is recorded apart.
    const detail = error.message.split("\n").slice(0, 2).join(": ");
    return { passed: false, detail, output: recordedOutput(text()) };
  }
  const matches = expect === undefined || new RegExp(expect, "m").test(text());
  return {
    passed: matches,
    detail: matches
      ? expect === undefined
        ? "exit code 0"
        : `the output matches /${expect}/`
      : `exit code 0, but the output does not match /${expect}/`,
    output: recordedOutput(text()),
  };
}
