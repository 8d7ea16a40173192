import type { ProcessIdentity } from "./process-identity.cjs";

export interface LockHolder extends ProcessIdentity {
  /** When the lock was taken, RFC 3339. */
  since: string;
}

export interface LockOptions {
  /** Called once if another process holds the lock. */
  onWait?: (holder: LockHolder) => void;
  /** How often a held lock is looked at again, in milliseconds (default 100). */
  pollMs?: number;
}

/**
 * Runs `work` while this process alone holds the lock `file` (its directory is made if missing). The lock of a process
 * that has ended, on this host, is broken.
 * @throws what `work` throws; an Error naming the file if a lock cannot be read or made.
 */
export function withLock<T>(file: string, options: LockOptions, work: () => Promise<T> | T): Promise<T>;
