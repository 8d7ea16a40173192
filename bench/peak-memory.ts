import { readFile } from "node:fs/promises";

/**
 * Highest resident memory of a process in bytes, on Linux; 0 elsewhere, and where the process is
 * gone.
 */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
