import { cleanLine } from "../text/terminal";

/**
 * Severities from the mildest. What a scanner cannot rate is `unknown`, and below all that are
 * rated.
 */
export const severities = ["unknown", "negligible", "low", "medium", "high", "critical"] as const;

/** How severe a finding is. */
export type Severity = (typeof severities)[number];

/** Kinds of findings that scanners look for. */
export const findingKinds = ["vulnerability", "secret", "misconfiguration"] as const;

export type FindingKind = (typeof findingKinds)[number];

/**
 * One thing that a scanner found in the image of one platform; the same shape for every scanner.
 */
export interface Finding {
  kind: FindingKind;
  /** CVE, GHSA or OSV identifier of a vulnerability; the scanner's rule for the other kinds. */
  id: string;
  /** Other identifiers of the same vulnerability. */
  aliases: string[];
  severity: Severity;
  /** One line about it. Never the text of a secret. */
  title: string;
  /** Name of the package, as its ecosystem writes it. */
  package?: string;
  /** Version that the image has. */
  version?: string;
  /** Versions that repair it, as the scanner writes them; undefined where there is none yet. */
  fixedVersion?: string;
  /** File in the image, with its line for secrets: `/app/server.key:1`. */
  path?: string;
}

/**
 * Most characters of a text of a finding: file systems hold no longer paths, and everything else is
 * shorter.
 */
const longestField = 4096;

/**
 * A finding as people may read it: its texts are those of scanners, databases and the packages in
 * an image.
 */
export function cleanFinding(finding: Finding): Finding {
  const texts = ["id", "title", "package", "version", "fixedVersion", "path"] as const;
  const cleaned = texts.flatMap((name) => {
    const text = finding[name];
    return text === undefined ? [] : [[name, cleanLine(text, longestField)]];
  });
  const aliases = finding.aliases.map((alias) => cleanLine(alias));
  return { ...finding, ...(Object.fromEntries(cleaned) as Partial<Finding>), aliases };
}

/** Returns whether a severity is that of a threshold, or above. */
export function reaches(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/**
 * The severest first, then by identifier, package and path: the same findings are always in the
 * same order.
 */
export function bySeverity(a: Finding, b: Finding): number {
  const difference = severities.indexOf(b.severity) - severities.indexOf(a.severity);
  return difference !== 0 ? difference : compareTexts(sortKey(a), sortKey(b));
}

function sortKey({ kind, id, package: name, version, path }: Finding): string {
  return [kind, id, name, version, path].map((part) => part ?? "").join("\0");
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Names by which scanners and advisories call the severities. */
const spoken: Readonly<Record<string, Severity>> = {
  critical: "critical",
  high: "high",
  important: "high",
  medium: "medium",
  moderate: "medium",
  low: "low",
  negligible: "negligible",
  unimportant: "negligible",
};

/**
 * The severity that a scanner or an advisory means by a word, in any case of letters; `unknown` for
 * other words.
 */
export function severityOf(word: string | undefined): Severity {
  return spoken[word?.toLowerCase() ?? ""] ?? "unknown";
}

/** How a platform's image is counted by severity. */
export type SeverityCounts = Record<Severity, number>;

/** Returns how many findings there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): SeverityCounts {
  const counts = Object.fromEntries(severities.map((severity) => [severity, 0])) as SeverityCounts;
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}
