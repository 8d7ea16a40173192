import * as z from "zod";
import { defined } from "../objects/defined";
import { nonEmpty } from "../text/non-empty";
import { severityOf, type Finding } from "./finding";

const text = z.string().optional();

/** Trivy's report, as far as it is read (its pkg/types, Report). */
export const trivyReport = z.looseObject({
  Metadata: z
    .looseObject({ OS: z.looseObject({ Family: text, Name: text, EOSL: z.boolean().optional() }).optional() })
    .optional(),
  Results: z
    .array(
      z.looseObject({
        Target: z.string(),
        Vulnerabilities: z
          .array(
            z.looseObject({
              VulnerabilityID: z.string(),
              VendorIDs: z.array(z.string()).optional(),
              PkgName: z.string(),
              PkgPath: text,
              InstalledVersion: text,
              FixedVersion: text,
              Title: text,
              Severity: text,
            }),
          )
          .optional(),
        Secrets: z
          .array(
            z.looseObject({
              RuleID: z.string(),
              Title: text,
              Severity: text,
              StartLine: z.number().optional(),
            }),
          )
          .optional(),
        Misconfigurations: z
          .array(z.looseObject({ ID: z.string(), AVDID: text, Title: text, Severity: text, Status: text }))
          .optional(),
      }),
    )
    .nullish(),
});

type ResultOfTarget = NonNullable<z.infer<typeof trivyReport>["Results"]>[number];

/**
 * Findings of a report.
 *
 * @param scanned what was scanned, as Trivy was told
 */
export function trivyFindings({ Results }: z.infer<typeof trivyReport>, scanned: string): Finding[] {
  return (Results ?? []).flatMap((result) => findingsOf(result, scanned));
}

function findingsOf(result: ResultOfTarget, scanned: string): Finding[] {
  // Trivy gives what it finds in the configuration under the name of what was scanned.
  const file = result.Target === scanned ? "image configuration" : result.Target;
  return [
    ...(result.Vulnerabilities ?? []).map((found): Finding =>
      defined({
        kind: "vulnerability",
        id: found.VulnerabilityID,
        aliases: found.VendorIDs ?? [],
        severity: severityOf(found.Severity),
        title: found.Title ?? "",
        package: found.PkgName,
        version: nonEmpty(found.InstalledVersion),
        fixedVersion: nonEmpty(found.FixedVersion),
        path: found.PkgPath ? `/${found.PkgPath}` : undefined,
      }),
    ),
    ...(result.Secrets ?? []).map((found): Finding => ({
      kind: "secret",
      id: found.RuleID,
      aliases: [],
      severity: severityOf(found.Severity),
      title: found.Title ?? "",
      path: found.StartLine === undefined ? file : `${file}:${found.StartLine}`,
    })),
    ...(result.Misconfigurations ?? [])
      .filter(({ Status }) => Status === undefined || Status === "FAIL")
      .map((found): Finding => ({
        kind: "misconfiguration",
        id: found.ID,
        aliases: found.AVDID === undefined || found.AVDID === found.ID ? [] : [found.AVDID],
        severity: severityOf(found.Severity),
        title: found.Title ?? "",
        path: file,
      })),
  ];
}

/** Returns what the report says of what cannot be known. */
export function trivyNotes({ Metadata }: z.infer<typeof trivyReport>): string[] {
  const system = Metadata?.OS;
  if (!system?.EOSL) return [];
  return [
    `${system.Family ?? "the system"} ${system.Name ?? ""} gets no more security updates: new vulnerabilities of its packages may not be known`,
  ];
}
