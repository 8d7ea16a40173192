import { readFile } from "node:fs/promises";

/** Ticks a second of the times in `/proc`, which is the same on every Linux (proc(5), USER_HZ). */
const ticksPerSecond = 100;

/**
 * User and system time of all processes that this one has started and that have ended, in seconds,
 * on Linux; NaN elsewhere. Servers that still run are not part of it.
 */
export async function childrenProcessorTime(): Promise<number> {
  const text = await readFile("/proc/self/stat", "utf8").catch(() => "");
  // The name, in parentheses, can have spaces; the field after it is the third one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[16 - 3], fields[17 - 3]].map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / ticksPerSecond;
}
