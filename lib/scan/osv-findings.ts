import * as z from "zod";
import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { baseScore, severityOfScore } from "./cvss";
import { severities, severityOf, type Finding, type Severity } from "./finding";

const severityEntries = z.array(z.looseObject({ type: z.string(), score: z.string() })).optional();

const vulnerability = z.looseObject({
  id: z.string(),
  aliases: z.array(z.string()).nullish(),
  upstream: z.array(z.string()).nullish(),
  summary: z.string().optional(),
  severity: severityEntries.nullish(),
  affected: z
    .array(
      z.looseObject({
        package: z.looseObject({ name: z.string().optional(), ecosystem: z.string().optional() }).optional(),
        severity: severityEntries.nullish(),
        ranges: z
          .array(
            z.looseObject({
              type: z.string().optional(),
              events: z.array(z.looseObject({ fixed: z.string().optional() })).nullish(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
  database_specific: z.looseObject({ severity: z.string().optional() }).nullish(),
});

/** osv-scanner's report, as far as it is read (its documentation, "Output", JSON). */
export const osvReport = z.looseObject({
  results: z
    .array(
      z.looseObject({
        packages: z.array(
          z.looseObject({
            package: z.looseObject({
              name: z.string(),
              version: z.string().optional(),
              ecosystem: z.string(),
            }),
            vulnerabilities: z.array(vulnerability).nullish(),
            groups: z
              .array(
                z.looseObject({
                  ids: z.array(z.string()),
                  aliases: z.array(z.string()).nullish(),
                  max_severity: z.string().optional(),
                }),
              )
              .nullish(),
          }),
        ),
      }),
    )
    .nullish(),
});

type Vulnerability = z.infer<typeof vulnerability>;
type PackageResult = NonNullable<z.infer<typeof osvReport>["results"]>[number]["packages"][number];
type Group = NonNullable<PackageResult["groups"]>[number];

/** Findings of a report, one for each group of records that are about the same vulnerability. */
export function osvFindings(report: z.infer<typeof osvReport>): Finding[] {
  return (report.results ?? []).flatMap(({ packages }) =>
    packages.flatMap((found) => (found.groups ?? []).map((group) => findingOf(found, group))),
  );
}

function findingOf({ package: named, vulnerabilities }: PackageResult, group: Group): Finding {
  const records = (vulnerabilities ?? []).filter(({ id }) => group.ids.includes(id));
  const ids = new Set([
    ...group.ids,
    ...(group.aliases ?? []),
    ...records.flatMap(({ aliases, upstream }) => [...(aliases ?? []), ...(upstream ?? [])]),
  ]);
  const id = [...ids].find((name) => name.startsWith("CVE-")) ?? group.ids[0] ?? "";
  ids.delete(id);
  const fixed = new Set(records.flatMap((record) => fixedVersions(record, named)));
  return defined({
    kind: "vulnerability",
    id,
    aliases: [...ids],
    severity: severityOfGroup(group, records),
    title: records.map(({ summary }) => summary).find(Boolean) ?? "",
    package: named.name,
    version: nonEmpty(named.version),
    fixedVersion: fixed.size > 0 ? [...fixed].join(", ") : undefined,
  });
}

/**
 * Versions that repair a package, in the order of the record. Commits of its repository are not
 * versions.
 */
function fixedVersions(record: Vulnerability, named: { name: string; ecosystem: string }): string[] {
  return (record.affected ?? [])
    .filter(
      ({ package: affected }) => affected?.name === named.name && sameEcosystem(affected.ecosystem, named),
    )
    .flatMap(({ ranges }) => ranges ?? [])
    .filter(({ type }) => type !== "GIT")
    .flatMap(({ events }) => (events ?? []).flatMap(({ fixed }) => fixed ?? []));
}

/** Ecosystems can have a release behind a colon, e.g. `Debian:12`. */
function sameEcosystem(affected: string | undefined, { ecosystem }: { ecosystem: string }): boolean {
  return affected?.split(":")[0] === ecosystem.split(":")[0];
}

/**
 * Returns what osv-scanner has computed; else the vectors that it does not look at; else the word
 * of the database.
 */
function severityOfGroup(group: Group, records: readonly Vulnerability[]): Severity {
  const computed = severityOfScore(Number.parseFloat(group.max_severity ?? ""));
  if (computed !== "unknown") return computed;
  const entries = records.flatMap(({ severity, affected }) => [
    ...(severity ?? []),
    ...(affected ?? []).flatMap((one) => one.severity ?? []),
  ]);
  const rated = entries.map(({ type, score }) => {
    const base = baseScore(score);
    return base !== undefined
      ? severityOfScore(base)
      : type.startsWith("CVSS")
        ? "unknown"
        : severityOf(score);
  });
  const words = records.map(({ database_specific }) => severityOf(database_specific?.severity));
  return severest(rated) ?? severest(words) ?? "unknown";
}

function severest(found: readonly Severity[]): Severity | undefined {
  return severities.filter((severity) => severity !== "unknown" && found.includes(severity)).at(-1);
}
