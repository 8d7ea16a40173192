import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import * as path from "node:path";
import { Semaphore } from "../machine/semaphore";
import { findOnPath } from "../machine/search-path";
import { grype } from "./grype";
import { osvScanner } from "./osv-scanner";
import type { ReadyScanner, Scanner, ScannerSettings } from "./scanner";
import { trivy } from "./trivy";

/** The scanners that there are adapters for, by name. */
export const scanners = { trivy, grype, "osv-scanner": osvScanner } as const satisfies Record<
  string,
  Scanner
>;

export type ScannerName = keyof typeof scanners;

/** Images that are scanned at once: a scanner uses several cores and some hundred megabytes. */
const scansAtOnce = 2;

/** A scanner that can run, and the program that it is. */
export interface IdentifiedScanner extends ReadyScanner {
  readonly name: ScannerName;
  /**
   * Digest of the executable, `sha256:<hex>`: its name and version are only what it says of itself.
   */
  readonly digest: string;
}

/**
 * State that the scans of one process share: the bound on what runs at once, and what was found of
 * scanners and databases.
 */
export class ScanRun {
  readonly slots = new Semaphore(scansAtOnce);
  private readonly prepared = new Map<string, Promise<IdentifiedScanner>>();

  /** Prepares a scanner, once in a run for the same settings. @throws ScannerMissing */
  async prepare(
    name: ScannerName,
    settings: ScannerSettings,
    signal?: AbortSignal,
  ): Promise<IdentifiedScanner> {
    const key = JSON.stringify([name, settings]);
    const known = this.prepared.get(key);
    if (known) return known;
    const preparing = identified(name, settings, signal);
    this.prepared.set(key, preparing);
    preparing.catch(() => this.prepared.delete(key));
    return preparing;
  }
}

/** Runs the very file whose digest is told, not what PATH has under the name a moment later. */
async function identified(
  name: ScannerName,
  settings: ScannerSettings,
  signal: AbortSignal | undefined,
): Promise<IdentifiedScanner> {
  const asked = settings.program ?? name;
  const program = path.isAbsolute(asked) ? asked : findOnPath(asked, process.env.PATH);
  // Where there is none, the scanner's adapter tells how to install it.
  const ready = await scanners[name].prepare(
    program === undefined ? settings : { ...settings, program },
    signal,
  );
  return { ...ready, name, digest: await digestOfProgram(program ?? asked) };
}

async function digestOfProgram(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest("hex")}`;
}
