import { execFile } from "node:child_process";

/** What a process of its own came to. */
export interface MeasuredRun {
  /** Growth of its resident set at its highest, in bytes. */
  grown: number;
  /** Message of the error that it ended with, if any. */
  error?: string;
}

/**
 * The collector of V8 takes its time while there is memory, and the more of it the busier the machine is. With this limit what
 * is really held decides, in megabytes.
 */
const heapLimit = "--max-old-space-size=150";

/** Runs a script that calls {@link reportPeak}. */
export function measuredRun(script: string, args: readonly string[]): Promise<MeasuredRun> {
  return new Promise((resolve, reject) => {
    const node = [heapLimit, "-r", "ts-node/register/transpile-only", script, ...args];
    execFile(process.execPath, node, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message));
      else resolve(JSON.parse(stdout) as MeasuredRun);
    });
  });
}

/** In the script: does the work, and prints how much memory that took. */
export async function reportPeak(work: () => Promise<unknown>): Promise<void> {
  const before = process.memoryUsage().rss;
  let error: string | undefined;
  try {
    await work();
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  // Kept by the system: no moment is missed. In kilobytes.
  const peak = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ grown: peak - before, error }));
}
