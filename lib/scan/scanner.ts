import type { Finding, FindingKind } from "./finding";

/** Settings common to all scanners. */
export interface ScannerSettings {
  /** Path of the program, or its name on PATH. Default: the scanner's own name. */
  program?: string;
  /** Folder that the scanner keeps its database in. Default: the scanner's own. */
  databaseDirectory?: string;
  /** Neither update the database nor ask anything of a network: the database has to be there. */
  offline: boolean;
  /** Databases that are older than so many hours count as missing. */
  databaseMaxAgeHours?: number;
  /**
   * Further arguments, put before those that decide what is looked at and where the report goes.
   */
  arguments: readonly string[];
  /** What to look for. */
  kinds: readonly FindingKind[];
}

/** The image of one platform, on this machine. */
export interface ScanTarget {
  /** Name for reports: a package URL without the registry, for the image is the same in each. */
  name: string;
  /** OCI image layout that has this one manifest. */
  layout: string;
  /** Empty folder for this scan alone; it is removed afterwards. */
  work: string;
  /** SBOM of the image as JSON, SPDX or CycloneDX, where one is declared. */
  sbom?: unknown;
  /** Seconds that a run may take. */
  timeoutSeconds: number;
  signal?: AbortSignal;
}

/**
 * A report as the scanner wrote it, without what changes from run to run and without the text of
 * secrets.
 */
export interface Report {
  /** Media type of the report, and type of the artifact that carries it. */
  mediaType: string;
  bytes: Buffer;
}

/** Result of one run of a scanner. */
export interface ScanResult {
  findings: Finding[];
  reports: Report[];
  /** When the database was made; undefined where none is used. */
  databaseTime?: Date;
  /** Omissions, as sentences. */
  notes: string[];
}

/** A scanner that can run: its program and database are there. */
export interface ReadyScanner {
  /** Name and version, e.g. `trivy 0.59.1`, as the program tells them. */
  version: string;
  /**
   * Scans one image.
   *
   * @throws ScannerMissing where a part of the database is missing or too old for this image
   * @throws ScanError where the program fails, or its report cannot be read
   */
  scan(target: ScanTarget): Promise<ScanResult>;
}

/** A kind of scanner, as its adapter offers it. */
export interface Scanner {
  name: string;
  /** Kinds of findings that it can look for. */
  kinds: readonly FindingKind[];
  /**
   * Looks for the program and the database, which is brought up to date unless the settings say
   * `offline`.
   *
   * @throws ScannerMissing with the command that installs what is missing
   */
  prepare(settings: ScannerSettings, signal?: AbortSignal): Promise<ReadyScanner>;
}

/** SARIF (OASIS SARIF 2.1.0, appendix on media types). */
export const sarifMediaType = "application/sarif+json";

/** A scanner or its database is not on this machine, or too old: nothing was looked at. */
export class ScannerMissing extends Error {
  override readonly name = "ScannerMissing";

  /**
   * @param part what is missing
   * @param remedy what to do: the command that installs it
   */
  constructor(
    readonly part: "program" | "database",
    what: string,
    remedy: string,
  ) {
    super(`${what}\n${remedy}`);
  }
}

/**
 * A scanner that ran and did not bring a report that can be read: nothing is known of the image.
 */
export class ScanError extends Error {
  override readonly name = "ScanError";
}

/**
 * Refuses a database that is too old to say that something is not in it.
 *
 * @param remedy the command that brings a new one
 * @throws ScannerMissing
 */
export function refuseOldDatabase(
  what: string,
  time: Date,
  { databaseMaxAgeHours }: ScannerSettings,
  remedy: string,
): void {
  if (databaseMaxAgeHours === undefined) return;
  const ageHours = (Date.now() - time.getTime()) / 3_600_000;
  if (ageHours <= databaseMaxAgeHours) return;
  throw new ScannerMissing(
    "database",
    `${what} is of ${time.toISOString()}, ${Math.floor(ageHours)} hours ago; ` +
      `at most ${databaseMaxAgeHours} hours are allowed (databaseMaxAgeHours)`,
    remedy,
  );
}
