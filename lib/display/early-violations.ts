import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Violation } from "./engine-event";

/**
 * What a policy pack has found while a preview runs. The engine shows violations as they are
 * answered, and what has one cause is answered at the end of the run; a run that fails has no such
 * end, and takes no words of a pack any more. So a report of a run gives the pack a file.
 */
export interface EarlyViolations {
  /** Those that are held back; none once the engine has them. */
  readonly violations: readonly Violation[];
  /** Whether the pack was asked about the stack as a whole, which is the last question. */
  readonly isWhole: boolean;
}

/** Variable with the path of the file. */
export const earlyViolationsVariable = "SLIPWAY_EARLY_VIOLATIONS";

/** Writes what is found so far, where the run is one of a report. */
export function writeEarlyViolations(found: EarlyViolations, env: NodeJS.ProcessEnv = process.env): void {
  const file = env[earlyViolationsVariable];
  if (file === undefined) return;
  writeFileSync(`${file}.new`, JSON.stringify(found), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Reads it; undefined where no pack has looked at a preview. */
export function readEarlyViolations(file: string): EarlyViolations | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as EarlyViolations;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
