import { Semaphore } from "../oci/mirror/semaphore";
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

/** What the scans of one process share: the bound on what runs at once, and what was found of scanners and databases. */
export class ScanRun {
  readonly slots = new Semaphore(scansAtOnce);
  private readonly prepared = new Map<string, Promise<ReadyScanner>>();

  /** Prepares a scanner, once in a run for the same settings. @throws ScannerMissing */
  async prepare(name: ScannerName, settings: ScannerSettings, signal?: AbortSignal): Promise<ReadyScanner> {
    const key = JSON.stringify([name, settings]);
    const known = this.prepared.get(key);
    if (known) return known;
    const preparing = scanners[name].prepare(settings, signal);
    this.prepared.set(key, preparing);
    preparing.catch(() => this.prepared.delete(key));
    return preparing;
  }
}
