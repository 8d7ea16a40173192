import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import { coverage, osvDatabaseTime, osvDirectory, type CoveredPackages } from "./osv-database";
import { osvFindings, osvReport } from "./osv-findings";
import { readReport, readSarif, reportOf } from "./report-file";
import { runProgram, type ProgramOutcome } from "./run-program";
import { packageList, packagesOf } from "./sbom-packages";
import {
  sarifMediaType,
  ScanError,
  type Scanner,
  type ScannerSettings,
  type ScanResult,
  type ScanTarget,
} from "./scanner";
import { scannerEnvironment } from "./scanner-environment";
import { sbomBySyft } from "./syft";

const install =
  "Install osv-scanner 1.9: `go install github.com/google/osv-scanner/cmd/osv-scanner@v1.9.2` " +
  "(https://github.com/google/osv-scanner/releases/tag/v1.9.2).";

/** There is no registered type for the report. */
export const osvReportType = "application/vnd.google.osv-scanner.report+json";

/** How long osv-scanner may take for its version, in seconds. */
const versionSeconds = 30;

/**
 * Exit codes: none found, some found (osv-scanner's documentation, "Return codes"). 127 is a
 * failure, 128: no packages.
 */
const accepts = [0, 1];

/**
 * osv-scanner: matches the packages of an SBOM with OSV's databases on this machine. The list of
 * packages is sent to nobody: the databases are downloaded whole, or have to be there.
 *
 * Source: https://google.github.io/osv-scanner/offline-mode/ of version 1.9
 */
export const osvScanner: Scanner = {
  name: "osv-scanner",
  kinds: ["vulnerability"],

  async prepare(settings, signal) {
    const { output } = await run(settings, ["--version"], signal);
    const version = /version:? *v?(\d+\.\d+\S*)/i.exec(output)?.[1];
    if (version === undefined)
      throw new ScanError(`osv-scanner does not report its version: ${output.trim()}`);
    if (!version.startsWith("1.")) {
      throw new ScanError(`osv-scanner ${version} has other options than the known versions.\n${install}`);
    }
    return { version: `osv-scanner ${version}`, scan: (target) => scan(settings, target) };
  },
};

async function scan(settings: ScannerSettings, target: ScanTarget): Promise<ScanResult> {
  const { purls, unnamed } = packagesOf(target.sbom ?? (await sbomBySyft(target)));
  const packages = coverage(purls);
  if (packages.systems.length > 0) {
    throw new ScanError(
      `osv-scanner knows no advisories for packages of ${packages.systems.join(", ")}, which ` +
        "the image has: nothing would be known of them. Use trivy or grype for this image.",
    );
  }
  const names: [string, string][] = [[target.work, ""]];
  const list = path.join(target.work, "packages.cdx.json");
  await writeFile(list, JSON.stringify(packageList(packages.covered)));
  if (settings.offline) await osvDatabaseTime(packages.ecosystems, settings);
  // What it writes without packages is not a report, and its exit code is another.
  const reports = packages.covered.length === 0 ? undefined : await report(settings, target, list);
  return {
    findings: reports ? osvFindings(reports.content) : [],
    reports: reports
      ? [reportOf(reports.json, osvReportType, names), reportOf(reports.sarif, sarifMediaType, names)]
      : [reportOf({ results: [] }, osvReportType)],
    databaseTime: await osvDatabaseTime(packages.ecosystems, settings),
    notes: notesOf(packages, unnamed),
  };
}

/** The report in both formats; the second run reads what the first one has brought. */
async function report(settings: ScannerSettings, target: ScanTarget, list: string) {
  const download = settings.offline ? [] : ["--experimental-download-offline-databases"];
  const asJson = path.join(target.work, "osv.json");
  const asSarif = path.join(target.work, "osv.sarif");
  const { lastLines } = await run(
    settings,
    scanArguments(settings, "json", asJson, list, download),
    target.signal,
    target,
  );
  const { content, json } = await readReport(asJson, osvReport, "osv-scanner", lastLines);
  const second = await run(
    settings,
    scanArguments(settings, "sarif", asSarif, list, []),
    target.signal,
    target,
  );
  return { content, json, sarif: await readSarif(asSarif, "osv-scanner", second.lastLines) };
}

function scanArguments(
  settings: ScannerSettings,
  format: string,
  written: string,
  list: string,
  download: readonly string[],
): string[] {
  return [
    "scan",
    ...settings.arguments,
    "--experimental-offline",
    ...["--experimental-local-db-path", path.dirname(osvDirectory(settings))],
    ...download,
    ...["--format", format, "--output", written, "--sbom", list],
  ];
}

function notesOf({ covered, others }: CoveredPackages, unnamed: number): string[] {
  const kinds = [...others].map(([kind, count]) => `${kind} (${count})`).sort();
  return [
    ...(covered.length === 0 ? ["the SBOM names no package that OSV has advisories for"] : []),
    ...(unnamed > 0 ? [`${unnamed} packages of the SBOM have no package URL and are not looked at`] : []),
    ...(kinds.length > 0 ? [`OSV has no advisories for packages of the kinds ${kinds.join(", ")}`] : []),
  ];
}

async function run(
  settings: ScannerSettings,
  args: readonly string[],
  signal: AbortSignal | undefined,
  target?: ScanTarget,
): Promise<ProgramOutcome> {
  return runProgram({
    program: settings.program ?? "osv-scanner",
    arguments: args,
    // Not the project's folder: an osv-scanner.toml beside what is scanned can hide findings.
    directory: target?.work ?? path.parse(process.cwd()).root,
    environment: scannerEnvironment("OSV_", [], {}),
    timeoutSeconds: target?.timeoutSeconds ?? versionSeconds,
    accepts: target ? accepts : [0],
    remedy: install,
    signal,
  });
}
