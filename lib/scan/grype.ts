import * as path from "node:path";
import * as z from "zod";
import { severityOf, type Finding } from "./finding";
import { parseReport, readReport, readSarif, reportOf } from "./report-file";
import { runProgram, type ProgramOutcome } from "./run-program";
import {
  refuseOldDatabase,
  sarifMediaType,
  ScannerMissing,
  type Scanner,
  type ScannerSettings,
  type ScanResult,
  type ScanTarget,
} from "./scanner";
import { scannerEnvironment } from "./scanner-environment";
import { defined, definedValues } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";

const install =
  "Install Grype: `brew install grype`, or `curl -sSfL https://get.anchore.io/grype | sh -s " +
  "-- -b /usr/local/bin` (https://github.com/anchore/grype#installation).";

/** There is no registered type for the report. */
export const grypeReportType = "application/vnd.anchore.grype.report+json";

/** How long Grype may take for its version or a new database, in seconds. */
const preparationSeconds = 600;

/** Where the database comes from; Grype's other variables can hide findings. */
const keptVariables = ["DB_UPDATE_URL", "DB_CA_CERT", "DB_CACHE_DIR"];

const versionReport = z.looseObject({ version: z.string() });

const statusReport = z.looseObject({
  built: z.string().optional(),
  path: z.string().optional(),
  error: z.string().optional(),
});

/** Grype's report, as far as it is read. */
export const grypeReport = z.looseObject({
  matches: z.array(
    z.looseObject({
      vulnerability: z.looseObject({
        id: z.string(),
        severity: z.string().optional(),
        description: z.string().optional(),
        fix: z
          .looseObject({ versions: z.array(z.string()).nullish(), state: z.string().optional() })
          .optional(),
      }),
      relatedVulnerabilities: z.array(z.looseObject({ id: z.string() })).nullish(),
      artifact: z.looseObject({
        name: z.string(),
        version: z.string().optional(),
        locations: z.array(z.looseObject({ path: z.string() })).nullish(),
      }),
    }),
  ),
});

type Match = z.infer<typeof grypeReport>["matches"][number];

/**
 * Grype: vulnerabilities, with its database.
 *
 * Source: https://github.com/anchore/grype, README and grype/presenter/models (schema of the
 * report)
 */
export const grype: Scanner = {
  name: "grype",
  kinds: ["vulnerability"],

  async prepare(settings, signal) {
    const { output, lastLines } = await run(settings, ["version", "--output", "json"], [0], signal);
    const { content } = parseReport(output, versionReport, "grype version", lastLines);
    if (!settings.offline) await update(settings, signal);
    const databaseTime = await timeOfDatabase(settings, signal);
    return { version: `grype ${content.version}`, scan: (target) => scan(settings, databaseTime, target) };
  },
};

async function update(settings: ScannerSettings, signal: AbortSignal | undefined): Promise<void> {
  try {
    await run(settings, ["db", "update"], [0], signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new ScannerMissing(
      "database",
      `the vulnerability database of grype cannot be brought up to date: ${(error as Error).message}`,
      "Where this machine has no network, bring the database with `grype db import FILE` and " +
        "set `offline: true`.",
    );
  }
}

async function timeOfDatabase(settings: ScannerSettings, signal: AbortSignal | undefined): Promise<Date> {
  const folder = settings.databaseDirectory;
  const remedy =
    `Bring a database: \`${folder === undefined ? "" : `GRYPE_DB_CACHE_DIR=${folder} `}grype db ` +
    "update`.";
  // It exits with 1 where the database is missing, and says so in the status too.
  const { output, lastLines } = await run(settings, ["db", "status", "--output", "json"], [0, 1], signal);
  if (output.trim() === "")
    throw new ScannerMissing("database", `grype has no database: ${lastLines.trim()}`, remedy);
  const { content } = parseReport(output, statusReport, "grype db status", lastLines);
  if (!content.built) {
    throw new ScannerMissing(
      "database",
      `grype has no database: ${content.error ?? "it does not state its date"}`,
      remedy,
    );
  }
  if (content.error)
    throw new ScannerMissing("database", `the database of grype cannot be used: ${content.error}`, remedy);
  const time = new Date(content.built);
  refuseOldDatabase("the vulnerability database of grype", time, settings, remedy);
  return time;
}

async function scan(settings: ScannerSettings, databaseTime: Date, target: ScanTarget): Promise<ScanResult> {
  // Hashes in the report are made from the path too, so it has to be the same in every run.
  const layout = path.relative(target.work, target.layout);
  const asJson = path.join(target.work, "grype.json");
  const asSarif = path.join(target.work, "grype.sarif");
  const { lastLines } = await run(
    settings,
    [
      `oci-dir:${layout}`,
      ...settings.arguments,
      "--quiet",
      ...["--output", `json=${asJson}`, "--output", `sarif=${asSarif}`],
    ],
    [0],
    target.signal,
    target,
  );
  const { content, json } = await readReport(asJson, grypeReport, "grype", lastLines);
  const sarif = await readSarif(asSarif, "grype", lastLines);
  const names: [string, string][] = [[layout, target.name]];
  return {
    findings: grypeFindings(content.matches),
    reports: [reportOf(withoutRun(json), grypeReportType, names), reportOf(sarif, sarifMediaType, names)],
    databaseTime,
    notes: [],
  };
}

/**
 * The report without the time of the run, the settings of the machine, and the configuration of the
 * image, whose variables can hold secrets.
 */
function withoutRun(json: unknown): unknown {
  const { descriptor, source, ...report } = json as Record<string, Record<string, unknown> | undefined>;
  const { timestamp: _timestamp, configuration: _configuration, db: _database, ...run } = descriptor ?? {};
  const {
    config: _config,
    manifest: _manifest,
    ...image
  } = (source?.target ?? {}) as Record<string, unknown>;
  return { ...report, source: { ...source, target: image }, descriptor: run };
}

/** Findings of a report's matches. */
export function grypeFindings(matches: readonly Match[]): Finding[] {
  return matches.map(({ vulnerability, relatedVulnerabilities, artifact }) => {
    const ids = [vulnerability.id, ...(relatedVulnerabilities ?? []).map(({ id }) => id)];
    const id = ids.find((name) => name.startsWith("CVE-")) ?? vulnerability.id;
    const fixed = (vulnerability.fix?.versions ?? []).join(", ");
    const [location] = artifact.locations ?? [];
    return defined({
      kind: "vulnerability" as const,
      id,
      aliases: [...new Set(ids)].filter((name) => name !== id),
      severity: severityOf(vulnerability.severity),
      title: vulnerability.description ?? "",
      package: artifact.name,
      version: nonEmpty(artifact.version),
      fixedVersion: nonEmpty(fixed),
      path: location?.path,
    });
  });
}

async function run(
  settings: ScannerSettings,
  args: readonly string[],
  accepts: readonly number[],
  signal: AbortSignal | undefined,
  target?: ScanTarget,
): Promise<ProgramOutcome> {
  const folder = settings.databaseDirectory;
  return runProgram({
    program: settings.program ?? "grype",
    arguments: args,
    // Not the project's folder: a .grype.yaml there can hide findings.
    directory: target?.work ?? path.parse(process.cwd()).root,
    environment: scannerEnvironment(
      "GRYPE_",
      keptVariables,
      definedValues({
        GRYPE_CHECK_FOR_APP_UPDATE: "false",
        GRYPE_DB_AUTO_UPDATE: "false",
        // The limit of this gate is `databaseMaxAgeHours`.
        GRYPE_DB_VALIDATE_AGE: "false",
        GRYPE_DB_CACHE_DIR: folder,
      }),
    ),
    timeoutSeconds: target?.timeoutSeconds ?? preparationSeconds,
    accepts,
    remedy: install,
    signal,
  });
}
