import * as path from "node:path";
import { defined } from "../objects/defined";
import { formatTarget, parseTarget } from "../target/target";
import { cleanLine, cleanText, longestLine } from "../text/terminal";
import { BuildError, type BuiltFile, type ProgramObserver } from "./command-spec";
import { fastestRun } from "./fastest-run";
import { canTellExecutable, executableMismatch, machinePlatform, readHeader } from "./executable-format";
import { runProgram } from "./run-command";

/** Expectations of the files of a command. */
export interface Expectation {
  /** Every file is an executable for this platform. */
  readonly platform?: string;
  /** Most bytes that every file may have. */
  readonly maximumBytes?: number;
  /** Commands that have to succeed with a file, where this machine can run it. */
  readonly tests?: readonly FunctionTest[];
}

/** A command that runs a built file. */
export interface FunctionTest {
  /** Name of the built file that `{file}` stands for. Default: the only one. */
  readonly file?: string;
  /** Program and arguments, e.g. `["{file}", "--version"]`. */
  readonly command: readonly string[];
  /** Regular expression that one of the printed lines has to match. */
  readonly prints?: string;
  /** Most seconds that the fastest of some runs may take. */
  readonly withinSeconds?: number;
}

/** The result of one check of a built file, as evidence. */
export interface FileCheck {
  kind: "check";
  /** Digest of the file. */
  subject: string;
  result: "passed" | "not executed";
  /** The check. */
  by: string;
  detail?: string;
}

/** How a test is run. */
export interface ExpectationContext extends Omit<ProgramObserver, "onPrinted"> {
  /** Absolute folder that the paths of built files are relative to. */
  readonly project: string;
  /** Platform of the machine; default this one. */
  readonly machine?: string;
}

const testTimeoutSeconds = 60;

/**
 * Lines of a test's output that an error repeats. No more are kept: a program may print without
 * end.
 */
const linesShown = 25;

/**
 * Checks the files of a command. What this machine cannot run is reported as "not executed", never
 * as passed.
 *
 * @throws BuildError with the file, what it is and what was declared, or the test's command, exit
 * code and last lines
 */
export async function meetExpectation(
  expected: Expectation,
  files: Readonly<Record<string, BuiltFile>>,
  context: ExpectationContext,
): Promise<FileCheck[]> {
  const formats =
    expected.platform === undefined
      ? []
      : await Promise.all(
          Object.entries(files).map(([name, file]) =>
            checkFormat(name, file, expected.platform ?? "", context.project),
          ),
        );
  const sizes = Object.entries(files).flatMap(([name, file]) => checkSize(name, file, expected.maximumBytes));
  const results: FileCheck[] = [];
  for (const test of expected.tests ?? []) results.push(...(await runTest(test, expected, files, context)));
  return [...formats, ...sizes, ...results];
}

function checkSize(name: string, { digest, size }: BuiltFile, maximum: number | undefined): FileCheck[] {
  if (maximum === undefined) return [];
  if (size > maximum) {
    throw new BuildError(
      `${name} has ${size} bytes, and at most ${maximum} are declared; make it smaller (for ` +
        'Go: -ldflags "-s -w"), or declare a larger budget',
    );
  }
  const detail = `${name}: ${size} of at most ${maximum} bytes`;
  return [{ kind: "check", subject: digest, result: "passed", by: "size", detail }];
}

async function checkFormat(
  name: string,
  file: BuiltFile,
  platform: string,
  project: string,
): Promise<FileCheck> {
  const target = parseTarget(platform);
  const check = { kind: "check", subject: file.digest, by: "executable format" } as const;
  if (!canTellExecutable(target)) {
    const detail = `${name}: programs for ${platform} are not checked`;
    return { ...check, result: "not executed", detail };
  }
  const header = await readHeader(path.resolve(project, file.path));
  const mismatch = executableMismatch(header, target);
  if (mismatch !== undefined) {
    throw new BuildError(
      `${name} is not for the declared platform: ${mismatch}; check what the command does with ` +
        "its variables (for Go: GOOS and GOARCH)",
    );
  }
  return { ...check, result: "passed", detail: `${name}: ${platform}` };
}

async function runTest(
  test: FunctionTest,
  expected: Expectation,
  files: Readonly<Record<string, BuiltFile>>,
  context: ExpectationContext,
): Promise<FileCheck[]> {
  const name = test.file ?? Object.keys(files)[0] ?? "";
  const file = files[name];
  if (!file) throw new BuildError(`expect.tests: the command makes no file ${JSON.stringify(name)}`);
  const by = test.command.join(" ").replaceAll("{file}", name);
  const base = { kind: "check", subject: file.digest } as const;
  const timed = test.withinSeconds === undefined ? [] : [`time of ${by}`];
  const machine = context.machine ?? machinePlatform();
  if (expected.platform !== undefined && formatTarget(parseTarget(expected.platform)) !== machine) {
    const detail = `a ${expected.platform} program does not run on ${machine}`;
    return [by, ...timed].map((what) => ({ ...base, by: what, result: "not executed", detail }));
  }
  const pattern = test.prints === undefined ? undefined : new RegExp(test.prints);
  const printed: { match?: string; lines: string[] } = { lines: [] };
  const command = test.command.map((part) =>
    part.replaceAll("{file}", path.resolve(context.project, file.path)),
  );
  const run = async () => {
    const started = performance.now();
    await runProgram(
      { directory: context.project, command, env: {}, timeoutSeconds: testTimeoutSeconds },
      {
        ...context,
        onPrinted: (line) => {
          if (printed.match === undefined && (pattern?.test(line) ?? true)) printed.match = line;
        },
        onLine: (line) => {
          if (printed.lines.length < linesShown) printed.lines.push(line);
          context.onLine(line);
        },
      },
    );
    return (performance.now() - started) / 1000;
  };
  const first = await run();
  const { match } = printed;
  if (pattern && match === undefined) {
    throw new BuildError(
      `the test of ${name} failed: ${by} printed no line that matches ${String(pattern)}; it printed\n` +
        printed.lines.map((line) => `  ${cleanText(line, longestLine)}`).join("\n"),
    );
  }
  const passed = { ...base, result: "passed" } as const;
  const results: FileCheck[] = [
    defined({ ...passed, by, detail: match === undefined ? undefined : cleanLine(match) }),
  ];
  for (const what of timed) {
    results.push({ ...passed, by: what, detail: await checkTime(what, first, test.withinSeconds ?? 0, run) });
  }
  return results;
}

/** Returns how long the fastest run took. @throws BuildError where that is longer than declared */
async function checkTime(
  what: string,
  first: number,
  limit: number,
  run: () => Promise<number>,
): Promise<string> {
  const { seconds, runs } = await fastestRun(first, limit, run);
  const found = `${seconds.toFixed(3)} s`;
  if (seconds <= limit) return `${found} of at most ${limit} s`;
  throw new BuildError(
    `${what}: the fastest of ${runs} runs took ${found}, and at most ${limit} s are declared; ` +
      "make the program faster, or declare more",
  );
}
