import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import * as z from "zod";
import { parseReport, readReport, readWhole, reportOf } from "./report-file";
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
import { trivyFindings, trivyNotes, trivyReport } from "./trivy-findings";

const install =
  "Install Trivy: `brew install trivy`, or `curl -sfL " +
  "https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh -s -- -b /usr/local/bin` " +
  "(https://trivy.dev/latest/getting-started/installation/).";

/** There is no registered type for the report. */
export const trivyReportType = "application/vnd.aquasec.trivy.report+json";

/** Trivy's names for the kinds of findings. */
const scannerNames = { vulnerability: "vuln", secret: "secret", misconfiguration: "misconfig" } as const;

/** How long Trivy may take for its version or a new database, in seconds. */
const preparationSeconds = 600;

/**
 * Where databases come from, and with which credentials; Trivy's other variables can hide findings.
 */
const keptVariables = ["CACHE_DIR", "DB_REPOSITORY", "JAVA_DB_REPOSITORY", "CHECKS_BUNDLE_REPOSITORY"].concat(
  ["USERNAME", "PASSWORD", "REGISTRY_TOKEN", "INSECURE"],
);

const versionReport = z.looseObject({
  Version: z.string(),
  VulnerabilityDB: z.looseObject({ UpdatedAt: z.string() }).optional(),
});

/**
 * Trivy: vulnerabilities with its database, secrets and misconfigurations without any.
 *
 * Source: https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
 */
export const trivy: Scanner = {
  name: "trivy",
  kinds: ["vulnerability", "secret", "misconfiguration"],

  async prepare(settings, signal) {
    const needsDatabase = settings.kinds.includes("vulnerability");
    if (needsDatabase && !settings.offline) await download(settings, signal);
    const { output, lastLines } = await run(settings, ["version", "--format", "json"], signal);
    const { content } = parseReport(output, versionReport, "trivy version", lastLines);
    const databaseTime = needsDatabase ? databaseTimeOf(content, settings) : undefined;
    return {
      version: `trivy ${content.Version}`,
      scan: (target) => scan(settings, databaseTime, target),
    };
  },
};

function databaseTimeOf(version: z.infer<typeof versionReport>, settings: ScannerSettings): Date {
  const remedy = `Bring a database: \`${[program(settings), ...downloadArguments(settings)].join(" ")}\`.`;
  const updated = version.VulnerabilityDB?.UpdatedAt;
  if (updated === undefined) {
    const where = settings.databaseDirectory ?? "its cache folder";
    throw new ScannerMissing("database", `trivy has no vulnerability database in ${where}`, remedy);
  }
  const time = new Date(updated);
  refuseOldDatabase("the vulnerability database of trivy", time, settings, remedy);
  return time;
}

async function download(settings: ScannerSettings, signal: AbortSignal | undefined): Promise<void> {
  try {
    await run(settings, downloadArguments(settings), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ScannerMissing) throw error;
    throw new ScannerMissing(
      "database",
      `the vulnerability database of trivy cannot be brought up to date: ${(error as Error).message}`,
      `Where this machine has no network, bring the database in another way and set \`offline: true\`.`,
    );
  }
}

function downloadArguments(settings: ScannerSettings): string[] {
  return ["image", "--download-db-only", ...settings.arguments, ...cacheArguments(settings)];
}

async function scan(
  settings: ScannerSettings,
  databaseTime: Date | undefined,
  target: ScanTarget,
): Promise<ScanResult> {
  const written = path.join(target.work, "trivy.json");
  const { lastLines } = await run(settings, scanArguments(settings, target, written), target.signal, target);
  const { content, json } = await readReport(written, trivyReport, "trivy", lastLines);
  const report = reportOf(withoutSecretTexts(json, target.name), trivyReportType, [
    [target.layout, target.name],
  ]);
  return {
    findings: trivyFindings(content, target.layout),
    reports: [report, await sarif(settings, target, report.bytes)],
    databaseTime,
    notes: trivyNotes(content),
  };
}

function scanArguments(settings: ScannerSettings, target: ScanTarget, written: string): string[] {
  const offline = [
    "--skip-db-update",
    ...(settings.offline ? ["--skip-java-db-update", "--skip-check-update"] : []),
  ];
  return [
    "image",
    ...settings.arguments,
    ...cacheArguments(settings),
    // Results in the cache folder would be locked by one run for its whole time, and they are of no
    // use here.
    ...["--cache-backend", "memory"],
    ...["--scanners", settings.kinds.map((kind) => scannerNames[kind]).join(",")],
    ...["--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL"],
    ...offline,
    // Asks no service about single packages.
    "--offline-scan",
    ...["--exit-code", "0", "--timeout", `${target.timeoutSeconds}s`],
    ...["--format", "json", "--output", written, "--input", target.layout],
  ];
}

/** SARIF from the report that has no secret texts, so that it has none either. */
async function sarif(settings: ScannerSettings, target: ScanTarget, report: Buffer) {
  const source = path.join(target.work, "report.json");
  const written = path.join(target.work, "trivy.sarif");
  await writeFile(source, report);
  await run(settings, ["convert", "--format", "sarif", "--output", written, source], target.signal, target);
  const json: unknown = JSON.parse(await readWhole(written));
  return reportOf(json, sarifMediaType);
}

/**
 * The report without the texts around findings: Trivy masks a secret that it knows, and shows the
 * lines beside it and the configuration of the image, whose variables can hold others.
 */
function withoutSecretTexts(json: unknown, name: string): unknown {
  const { CreatedAt: _time, ReportID: _id, ...report } = json as Record<string, unknown>;
  return withoutKeys({ ...report, ArtifactName: name }, new Set(["Code", "Match", "ImageConfig"]));
}

function withoutKeys(value: unknown, keys: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutKeys(item, keys));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.has(key))
      .map(([key, inner]) => [key, withoutKeys(inner, keys)]),
  );
}

function program(settings: ScannerSettings): string {
  return settings.program ?? "trivy";
}

function cacheArguments({ databaseDirectory }: ScannerSettings): string[] {
  return databaseDirectory === undefined ? [] : ["--cache-dir", databaseDirectory];
}

async function run(
  settings: ScannerSettings,
  args: readonly string[],
  signal: AbortSignal | undefined,
  target?: ScanTarget,
): Promise<ProgramOutcome> {
  const isVersion = args[0] === "version";
  return runProgram({
    program: program(settings),
    arguments: isVersion ? [...args, ...cacheArguments(settings)] : args,
    // Not the project's folder: Trivy takes trivy.yaml, .trivyignore and trivy-secret.yaml from
    // where it runs.
    directory: target?.work ?? path.parse(process.cwd()).root,
    environment: scannerEnvironment("TRIVY_", keptVariables, {
      TRIVY_SKIP_VERSION_CHECK: "true",
      TRIVY_DISABLE_TELEMETRY: "true",
    }),
    timeoutSeconds: target?.timeoutSeconds ?? preparationSeconds,
    accepts: [0],
    remedy: install,
    signal,
  });
}
