import type { ChildProcess, SpawnOptions } from "node:child_process";

export interface ChildResult {
  /** Exit code, or null if a signal ended the child. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ChildOptions extends SpawnOptions {
  /** Called with the child as soon as it is spawned: to read its output where stdio is piped. */
  onStart?: (child: ChildProcess) => void;
}

/**
 * Runs a command in the foreground (stdio inherited unless told otherwise) and resolves when it has ended.
 * @throws the spawn error if the command cannot be started.
 */
export function runChild(
  command: string,
  args: readonly string[],
  options?: ChildOptions,
): Promise<ChildResult>;
/** Ends this process as the child ended: with its exit code, or by the signal that ended it. */
export function exitAs(result: ChildResult): void;
