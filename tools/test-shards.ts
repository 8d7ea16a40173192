import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { runChild } from "../lib/machine/child.cjs";
import { REPOSITORY, repositoryRequire } from "../lib/machine/repository";

/** The report of a shard, as test/support/reporter.cjs writes it. */
interface Report {
  passed: number;
  failed: number;
  /** As mocha prints them. */
  failures: string;
  /** Test files of these, relative to the repository. */
  failedFiles: string[];
  /** What failed beside other shards and passed when its file ran alone, as mocha prints it. */
  flaky?: string;
  /** Tests that were not executed, with the reasons. */
  notExecuted: string[];
  /** Seconds by file, hooks included. */
  seconds: Record<string, number>;
  /** Seconds that processors have worked, by file. */
  processorSeconds: Record<string, number>;
}

/**
 * Folders of test/ that are a shard each, from the one that takes longest on: started first, none
 * of them is waited for at the end. The others are one shard, the last: to start mocha for each
 * would take longer than most of them.
 */
const SHARDS = ["examples", "end-to-end", "provider", "lib", "tools"];

/**
 * So many run side by side at most: a shard of images or examples keeps two processors busy by
 * itself.
 */
const SIDE_BY_SIDE = 2;

/**
 * Where no more files than this failed, they run once more, alone: of more, the fault is hardly
 * that of the load.
 */
const MOST_FLAKY_FILES = 3;

/**
 * Runs every test in shards, a folder of test/ or several each, and prints one report.
 *
 * @param mocha program of mocha
 * @param root folder with `test/` and mocha's settings
 * @returns exit code: the number of tests that failed, at most 255
 */
export async function runShards(mocha: string, env: NodeJS.ProcessEnv, root = REPOSITORY): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-shards-"));
  let interrupted = false;
  try {
    const waiting = shards(root);
    // The shards that run get the signal by themselves.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        waiting.length = 0;
        interrupted = true;
      });
    }
    const run = async (name: string, files: readonly string[]) => {
      const file = join(folder, `${name.replaceAll(/\W/g, "-")}.json`);
      const { code, signal } = await runChild(process.execPath, [mocha, ...files], {
        cwd: root,
        env: { ...env, SLIPWAY_TEST_REPORT: file },
      });
      if (signal !== null) {
        waiting.length = 0;
        interrupted = true;
      }
      const report = readReport(file, name);
      // A shard that ended early may have done so with code 0.
      return { report, code: Math.max(code ?? 1, report.failed) };
    };
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    const lane = async () => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        runs.push(
          await run(
            shard.join(", "),
            shard.flatMap((folder) => testFiles(root, folder)),
          ),
        );
      }
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, availableParallelism()) }, lane));
    const reports = runs.map(({ report }) => report);
    let exitCode = runs.reduce((sum, { code }) => Math.min(255, sum + code), 0);
    const again = reports.flatMap(({ failedFiles }) => failedFiles);
    // Tests not executed make a code greater than the number of failures, where CI=true.
    const onlyFailures = exitCode === reports.reduce((sum, { failed }) => sum + failed, 0);
    if (
      again.length > 0 &&
      again.length <= MOST_FLAKY_FILES &&
      !again.includes("") &&
      onlyFailures &&
      !interrupted
    ) {
      process.stdout.write(`\nOnce more, alone: ${again.join(", ")}\n`);
      const { report, code } = await run("once more", again);
      if (code === 0) {
        exitCode = 0;
        for (const one of reports) passedAlone(one);
      } else {
        process.stdout.write(`\n${report.failures}\n`);
      }
    }
    const { summary } = repositoryRequire("./test/support/reporter.cjs") as {
      summary: (report: Report) => string;
    };
    process.stdout.write(summary(merged(reports)));
    return interrupted ? Math.max(1, exitCode) : exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders of test/ with tests, by shard, in the order in which they start. */
function shards(root: string): string[][] {
  const names = readdirSync(join(root, "test")).filter((name) => testFiles(root, name).length > 0);
  const others = names.filter((name) => !SHARDS.includes(name)).sort();
  const all = [...SHARDS.filter((name) => names.includes(name)).map((name) => [name]), others];
  return all.filter((shard) => shard.length > 0);
}

/** Test files of a folder of test/ and of those in it, relative to the root. */
function testFiles(root: string, name: string): string[] {
  const folder = join(root, "test", name);
  if (!statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .sort()
    .map((path) => join("test", name, path));
}

function readReport(file: string, shard: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    // It ended before its last test, e.g. by a signal.
    const failures = `The tests of test/${shard} ended early.`;
    return {
      passed: 0,
      failed: 1,
      failures,
      failedFiles: [""],
      notExecuted: [],
      seconds: {},
      processorSeconds: {},
    };
  }
}

/** What failed passed when its file ran alone: it counts as passed, and is told. */
function passedAlone(report: Report): void {
  report.flaky = report.failures;
  report.passed += report.failed;
  report.failed = 0;
  report.failures = "";
}

function merged(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    failures: joined(reports.map(({ failures }) => failures)),
    failedFiles: reports.flatMap(({ failedFiles }) => failedFiles),
    flaky: joined(reports.map(({ flaky }) => flaky ?? "")),
    notExecuted: reports.flatMap(({ notExecuted }) => notExecuted),
    seconds: byFile(reports.map(({ seconds }) => seconds)),
    processorSeconds: byFile(reports.map(({ processorSeconds }) => processorSeconds)),
  };
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}

function byFile(figures: readonly Record<string, number>[]): Record<string, number> {
  return Object.assign({}, ...figures) as Record<string, number>;
}
