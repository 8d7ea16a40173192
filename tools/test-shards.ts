import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { runChild } from "../lib/machine/child.cjs";
import { REPOSITORY, repositoryRequire } from "../lib/machine/repository";

/** What test/support/reporter.cjs writes of a shard. */
interface Report {
  passed: number;
  failed: number;
  /** As mocha prints them. */
  failures: string;
  /** Tests that were not executed, with the reasons. */
  notExecuted: string[];
  /** Seconds by file, hooks included. */
  seconds: Record<string, number>;
  /** Seconds that processors have worked, by file. */
  processorSeconds: Record<string, number>;
}

/**
 * Folders of test/ that are a shard each, from the one that takes longest on: started first, none of them is waited for
 * at the end. The others are one shard, the last: to start mocha for each would take longer than most of them.
 */
const SHARDS = ["examples", "end-to-end", "provider", "lib", "tools"];

/** So many run side by side at most: a shard of images or examples keeps two processors busy by itself. */
const SIDE_BY_SIDE = 2;

/**
 * Runs every test in shards, a folder of test/ or several each, and prints one report.
 *
 * @param mocha program of mocha
 * @returns exit code: the number of tests that failed, at most 255
 */
export async function runShards(mocha: string, env: NodeJS.ProcessEnv): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-shards-"));
  let interrupted = false;
  try {
    const waiting = shards();
    // The shards that run get the signal by themselves.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        waiting.length = 0;
        interrupted = true;
      });
    }
    const reports: Report[] = [];
    let exitCode = 0;
    const lane = async () => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        const name = shard.join(", ");
        const file = join(folder, `${shard[0]}.json`);
        const files = shard.flatMap(testFiles);
        const { code, signal } = await runChild(process.execPath, [mocha, ...files], {
          cwd: REPOSITORY,
          env: { ...env, SLIPWAY_TEST_REPORT: file },
        });
        if (signal !== null) waiting.length = 0;
        const report = readReport(file, name);
        reports.push(report);
        // A shard that ended early may have done so with code 0.
        exitCode = Math.min(255, exitCode + Math.max(code ?? 1, report.failed));
      }
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, availableParallelism()) }, lane));
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
function shards(): string[][] {
  const names = readdirSync(join(REPOSITORY, "test")).filter((name) => testFiles(name).length > 0);
  const others = names.filter((name) => !SHARDS.includes(name)).sort();
  return [...SHARDS.map((name) => [name]), others];
}

/** Test files of a folder of test/ and of those in it, relative to the repository. */
function testFiles(name: string): string[] {
  const folder = join(REPOSITORY, "test", name);
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
    return { passed: 0, failed: 1, failures, notExecuted: [], seconds: {}, processorSeconds: {} };
  }
}

function merged(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    failures: reports
      .map(({ failures }) => failures)
      .filter((text) => text !== "")
      .join("\n"),
    notExecuted: reports.flatMap(({ notExecuted }) => notExecuted),
    seconds: byFile(reports.map(({ seconds }) => seconds)),
    processorSeconds: byFile(reports.map(({ processorSeconds }) => processorSeconds)),
  };
}

function byFile(figures: readonly Record<string, number>[]): Record<string, number> {
  return Object.assign({}, ...figures) as Record<string, number>;
}
