import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { peakMemory } from "../peak-memory";

/** What a process of a run is for. */
export type Role = "engine" | "program" | "provider";

/** What the processes of a role came to. */
export interface Spent {
  /** User and system time, in seconds. */
  seconds: number;
  /** Highest resident memory of one of them, in bytes. */
  peakBytes: number;
}

/** Ticks a second of the times in `/proc` (proc(5), USER_HZ). */
const ticksPerSecond = 100;

/** Between looks, in milliseconds: what a process does after the last one is not seen. */
const lookEveryMs = 100;

/**
 * Looks at a process and all that it starts while it runs, on Linux. The engine waits for its
 * plugins, so that its own time would have theirs: each process is read by itself.
 */
export class ProcessWatch {
  private readonly seen = new Map<number, Spent & { role: Role }>();
  private readonly end = new AbortController();
  private readonly watching: Promise<void>;

  /** @param root ID of the process, which is of the engine */
  constructor(private readonly root: number) {
    this.watching = this.watch();
  }

  /** What each role came to, once the process has ended. */
  async spent(): Promise<Record<Role, Spent>> {
    this.end.abort();
    await this.watching;
    const of = (role: Role): Spent => {
      const all = [...this.seen.values()].filter((one) => one.role === role);
      return {
        seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
        peakBytes: Math.max(0, ...all.map(({ peakBytes }) => peakBytes)),
      };
    };
    return { engine: of("engine"), program: of("program"), provider: of("provider") };
  }

  private async watch(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      await this.look();
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
    const found = (await Promise.all(pids.map(processOf))).flatMap((one) => one ?? []);
    const tree = new Set([this.root]);
    // What is added to a set while it is walked is walked too.
    for (const one of tree) for (const { pid, parent } of found) if (parent === one) tree.add(pid);
    for (const { pid, seconds } of found) {
      if (!tree.has(pid)) continue;
      const peakBytes = await peakMemory(pid);
      const known = this.seen.get(pid);
      this.seen.set(pid, {
        role: (await roleOf(pid)) ?? known?.role ?? "engine",
        seconds,
        peakBytes: Math.max(peakBytes, known?.peakBytes ?? 0),
      });
    }
  }
}

async function processOf(pid: number): Promise<{ pid: number; parent: number; seconds: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The name, in parentheses, can have spaces; the field after it is the third one.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [parent = 0, user = 0, system = 0] = [fields[4 - 3], fields[14 - 3], fields[15 - 3]];
  return { pid, parent, seconds: (user + system) / ticksPerSecond };
}

/** Undefined for a process that has ended since. */
async function roleOf(pid: number): Promise<Role | undefined> {
  const line = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
  if (line === "") return undefined;
  if (/provider\/start\.cjs|pulumi-resource-slipway/.test(line)) return "provider";
  return /pulumi-language-|language-host|cmd\/run/.test(line) ? "program" : "engine";
}
