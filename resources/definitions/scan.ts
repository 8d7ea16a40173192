import * as z from "zod";
import { defineResource } from "./definition";
import { evidence, evidenceDigest, subject } from "./evidence";
import { digest, platform, repository } from "./shapes";

const severity = z.enum(["unknown", "negligible", "low", "medium", "high", "critical"]);

const kind = z.enum(["vulnerability", "secret", "misconfiguration"]);

/** Returns whether a text is a day that exists. */
function isDay(text: string): boolean {
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

const exception = z
  .strictObject({
    id: z
      .string()
      .min(1, "an identifier is expected")
      .meta({
        description: "CVE, GHSA or OSV identifier, or the scanner's rule.",
        examples: ["CVE-2021-23337"],
      }),
    package: z.string().min(1).optional().describe("Only in this package; in every one by default."),
    path: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Only in this file of the image. A secret is excepted by its file only.",
        examples: ["/app/testdata/server.key"],
      }),
    reason: z
      .string()
      .refine((text) => text.trim().length > 0, "a reason is expected")
      .meta({ description: "Why it is accepted.", examples: ["the function is not called; see issue 123"] }),
    expires: z
      .string()
      .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text), "a day as YYYY-MM-DD is expected")
      .meta({ description: "Last day on which it applies, in UTC.", examples: ["2027-01-31"] }),
  })
  .meta({ id: "ScanException", description: "A finding that is accepted until a date, with the reason." });

const scanner = z
  .strictObject({
    name: z.enum(["trivy", "grype", "osv-scanner"]).meta({
      description:
        "`trivy` finds vulnerabilities, secrets and misconfigurations; `grype` and " +
        "`osv-scanner` find vulnerabilities.",
      examples: ["trivy"],
    }),
    program: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Path of the program, or its name on PATH. Default: the scanner's name.",
        examples: ["/usr/local/bin/trivy"],
      }),
    databaseDirectory: z
      .string()
      .min(1)
      .optional()
      .describe("Folder of the database, relative to the project. Default: the scanner's own."),
    offline: z
      .boolean()
      .optional()
      .describe(
        "Whether neither the database is updated nor the network used; the database must " +
          "exist. Default: false.",
      ),
    arguments: z.array(z.string()).optional().describe("Further arguments for the scanner."),
  })
  .meta({ id: "Scanner", description: "An installed program that scans images." });

const finding = z
  .strictObject({
    kind,
    id: z.string(),
    aliases: z.array(z.string()),
    severity,
    title: z.string(),
    package: z.string().optional(),
    version: z.string().optional(),
    fixedVersion: z.string().optional(),
    path: z.string().optional(),
  })
  .meta({
    id: "ScanFinding",
    description: "A finding of a scanner. It never contains the text of a secret.",
  });

const verdict = z
  .strictObject({
    subject: digest,
    platform,
    verdict: z
      .enum(["passed", "failed", "not scanned"])
      .describe("`failed` and `not scanned` only where the gate is advisory."),
    reason: z.string().optional().describe("Why it was not scanned."),
    counts: z
      .record(severity, z.number())
      .optional()
      .describe("Findings by severity, below the threshold too."),
    findings: z
      .array(finding)
      .describe("Findings at or over the threshold that no exception accepts, at most 50."),
    findingCount: z.number().describe("Number of such findings."),
    excepted: z
      .array(z.strictObject({ id: z.string(), reason: z.string(), expires: z.string() }))
      .describe("Exceptions, and statements of VEX documents, that matched a finding."),
  })
  .meta({ id: "ScanVerdict", description: "The result for the image of one platform." });

const report = z.strictObject({ subject: digest, referrer: digest, mediaType: z.string() }).meta({
  id: "ScanReport",
  description: "A report in the registry that refers to the image of one platform.",
});

const child = z
  .strictObject({ index: digest, digest, platform: z.string().optional() })
  .meta({ id: "IndexChild", description: "An image that an index lists." });

const vex = z
  .strictObject({
    files: z
      .array(z.string().min(1))
      .min(1, "at least one file is expected")
      .meta({
        description: "OpenVEX documents, relative to the project's folder.",
        examples: [["vex/hello.openvex.json"]],
      }),
    maxAgeDays: z
      .number()
      .positive("a number of days above 0 is expected")
      .optional()
      .describe("Days for which a statement counts after it was made or last updated. Default: 365."),
  })
  .meta({
    id: "Vex",
    description: "What the project itself says about vulnerabilities of what it ships.",
  });

const hours = z.number().positive("a number of hours above 0 is expected");

/**
 * `slipway:trust:Scan`: a gate that images pass only when a scanner finds nothing over the
 * threshold.
 */
export const scanDefinition = defineResource({
  token: "slipway:trust:Scan",
  description:
    "A gate: the image of each platform is scanned, in the registry by digest, and what " +
    "depends on the resource is published only if nothing is over the threshold. A scanner or " +
    "a database that is missing or too old fails the gate. The reports (SARIF and the " +
    "scanner's own) are attached to the image. A preview does not scan.",
  inputs: z.strictObject({
    repository,
    subjects: z
      .array(subject)
      .min(1, "at least one subject is expected")
      .describe(
        "Digests to be released. Manifests with a platform are scanned; an index passes if " +
          "every image that it lists does.",
      ),
    scanner: scanner.optional().describe("Default: Trivy, as it is on PATH."),
    kinds: z
      .array(kind)
      .min(1, "at least one kind is expected")
      .optional()
      .describe("What to look for. Default: vulnerabilities, and secrets where the scanner can find them."),
    failOn: severity
      .optional()
      .describe(
        "Lowest severity that fails the gate. Default: `critical`. Secrets fail it regardless of severity.",
      ),
    fixableOnly: z
      .boolean()
      .optional()
      .describe("Whether only vulnerabilities that a newer version fixes fail the gate. Default: true."),
    exceptions: z.array(exception).optional().describe("Findings that are accepted until a date."),
    vex: vex
      .optional()
      .describe("Documents whose statements `not_affected` and `fixed` accept findings, as exceptions do."),
    databaseMaxAgeHours: hours.optional().describe("Maximum age of the database in hours. Default: 120."),
    rescanAfterHours: hours
      .optional()
      .describe("Hours after which an update scans published images again. Default: never by time alone."),
    advisory: z
      .boolean()
      .optional()
      .describe(
        "Whether failed scans, and images that could not be scanned, pass with a warning; " +
          "evidence says so. Default: false.",
      ),
    timeoutSeconds: z
      .number()
      .int()
      .positive()
      .optional()
      .describe("Timeout of the scan of one image in seconds. Default: 900."),
    sboms: evidence
      .optional()
      .describe(
        "Evidence of SBOMs of the subjects, as `slipway:trust:Sbom` outputs it: osv-scanner " +
          "reads the documents that its referrers carry. Default: syft makes one.",
      ),
    evidenceDigest,
    vexDigests: z
      .record(z.string(), z.string())
      .optional()
      .describe("Computed: digests of the documents of `vex`."),
    vexAccepts: z
      .array(z.string())
      .optional()
      .describe(
        "Computed: vulnerabilities of which documents of `vex` say that they do no harm, by their first identifier.",
      ),
  }),
  outputs: z.strictObject({
    verdicts: z.array(verdict).describe("The result for each platform."),
    scannedAt: z.string().describe("Time of the scan."),
    scannerVersion: z.string().optional().describe("Name and version of the scanner."),
    databaseTime: z.string().optional().describe("When its database was made."),
    reports: z.array(report).describe("Reports in the registry."),
    missing: z
      .array(z.string())
      .describe(
        "Reports missing from the registry, and images that were not scanned. An update scans again.",
      ),
    children: z
      .array(child)
      .optional()
      .describe("The images that the indexes among the subjects list, as the registry has them."),
    evidence: evidence.describe("Evidence about the subjects, for gates and policies."),
  }),
  computed: ["vexDigests", "vexAccepts"],
  retained: true,
  replaceOn: ["repository"],
});
