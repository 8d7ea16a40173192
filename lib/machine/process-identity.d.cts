/** A process, told apart from a later one with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** Host name: process ids of other hosts mean nothing here. */
  host: string;
  /** Start time in clock ticks since boot; null where the kernel does not offer it. */
  started: string | null;
}

/** The start time of a process in clock ticks since boot, or null (macOS, or no such process). */
export function startTime(pid: number): string | null;
/** True while a process with this id runs; a zombie counts as ended. */
export function isAlive(pid: number): boolean;
export function identityOf(pid: number): ProcessIdentity;
/** False only if it is certain that this very process has ended. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean;
