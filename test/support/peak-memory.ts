import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** What a process of its own came to. */
export interface MeasuredRun {
  /** Growth of its resident set at its highest, in bytes. */
  grown: number;
  /** Message of the error that it ended with, if any. */
  error?: string;
}

/**
 * The collector of V8 takes its time while there is memory, and the more of it the busier the
 * machine is. With this limit what is really held decides, in megabytes.
 */
const heapLimit = "--max-old-space-size=150";

/** Runs a script that calls {@link reportPeak}. */
export function measuredRun(script: string, args: readonly string[]): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const register = require.resolve("../../lib/machine/typescript.cjs");
    const node = [heapLimit, "--expose-gc", "-r", register, script, ...args];
    execFile(process.execPath, node, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message));
      else resolve(JSON.parse(stdout) as MeasuredRun);
    });
  });
}

/** In the script: does the work, and prints how much memory that took. */
export async function reportPeak(work: () => Promise<unknown>): Promise<void> {
  // What compiling the script left behind would hide as much of the growth.
  globalThis.gc?.();
  resetPeak();
  const before = process.memoryUsage().rss;
  let error: string | undefined;
  try {
    await work();
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  process.stdout.write(JSON.stringify({ grown: peakBytes() - before, error }));
}

/**
 * The highest resident set since {@link resetPeak}, in bytes. It is kept by the system: no moment
 * is missed. Linux counts the parent's in `ru_maxrss` (getrusage(2)), which a suite before it has
 * made large; its `VmHWM` is of the process alone.
 */
function peakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** Lets the peak begin at what is resident now (proc_pid_clear_refs(5)). */
function resetPeak(): void {
  if (process.platform === "linux") writeFileSync("/proc/self/clear_refs", "5");
}
