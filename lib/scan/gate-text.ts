import type { Finding, SeverityCounts } from "./finding";
import { severities } from "./finding";
import type { ExceptedFinding, Exception, Judgment, Policy } from "./verdict";

/** Findings that a message names; the reports have all of them. */
const namedFindings = 20;

/** Longest title that a message repeats, in characters. */
const longestTitle = 100;

/** Result for the image of one platform. */
export interface PlatformOutcome {
  platform: string;
  digest: string;
  judgment?: Judgment;
  /** Why nothing is known, where there is no judgment. */
  notScanned?: string;
  notes: readonly string[];
}

/** One finding in one line: what, how severe, where, and what repairs it. */
export function findingText(finding: Finding): string {
  const title =
    finding.title.length > longestTitle ? `${finding.title.slice(0, longestTitle)}…` : finding.title;
  const about = title === "" ? "" : `: ${title}`;
  switch (finding.kind) {
    case "vulnerability": {
      const repaired =
        finding.fixedVersion === undefined ? "not fixed yet" : `fixed in ${finding.fixedVersion}`;
      const where = finding.path === undefined ? "" : `, ${finding.path}`;
      return (
        `${finding.id} (${finding.severity}) in ${finding.package} ` +
        `${finding.version ?? "of unknown version"}, ${repaired}${where}${about}`
      );
    }
    case "secret":
      return `secret ${finding.id} (${finding.severity}) in ${finding.path}${about}`;
    case "misconfiguration":
      return `misconfiguration ${finding.id} (${finding.severity}) in ${finding.path}${about}`;
  }
}

/** Returns what an exception accepts, why, and until when. */
export function exceptedText({ finding, exception }: ExceptedFinding): string {
  const where =
    finding.kind === "vulnerability" ? `${finding.package} ${finding.version ?? ""}`.trim() : finding.path;
  return `${finding.id} in ${where} is accepted until ${exception.expires}: ${exception.reason}`;
}

/** An exception that counts no more. */
export function expiredText({ id, expires, reason }: Exception): string {
  return `the exception for ${id} (${reason}) expired on ${expires} and does not count`;
}

/** Numbers by severity, the severest first; those of none are left out. */
export function countsText(counts: SeverityCounts): string {
  const parts = [...severities]
    .reverse()
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`);
  return parts.length > 0 ? parts.join(", ") : "nothing found";
}

/** The threshold in words. */
export function thresholdText({ failOn, fixableOnly }: Policy): string {
  return `${failOn}${failOn === "critical" ? "" : " or above"}${fixableOnly ? " with a fix" : ""}`;
}

/**
 * Returns why a gate is closed: the findings of all platforms (a bounded number), what could not be
 * scanned, and what to do.
 *
 * @param subject repository
 * @param by scanner, version and database
 * @param level whether the gate is closed, or lets pass with a warning
 */
export function gateText(
  subject: string,
  by: string,
  policy: Policy,
  outcomes: readonly PlatformOutcome[],
  level: "mandatory" | "advisory",
): string {
  const stopping = outcomes.flatMap(({ platform, judgment }) =>
    (judgment?.stopping ?? []).map((finding) => ({ platform, finding })),
  );
  const notScanned = outcomes.filter(({ judgment }) => !judgment);
  const expired = new Set(outcomes.flatMap(({ judgment }) => judgment?.expired ?? []).map(expiredText));
  const lines: string[] = [];
  if (stopping.length > 0) {
    lines.push(
      `${stopping.length} ${stopping.length === 1 ? "finding stops" : "findings stop"} ` +
        `${subject} (${by}; threshold: ${thresholdText(policy)}):`,
    );
    lines.push(
      ...stopping
        .slice(0, namedFindings)
        .map(({ platform, finding }) => `- ${platform}: ${findingText(finding)}`),
    );
    const rest = stopping.length - namedFindings;
    if (rest > 0) lines.push(`- and ${rest} more; the attached reports list all of them`);
  }
  for (const { platform, notScanned: reason } of sameReasons(notScanned)) {
    lines.push(`${subject}: ${platform} not scanned: ${reason}`);
  }
  lines.push(...expired);
  if (level === "mandatory") {
    lines.push(
      "Nothing that depends on this scan is published: tags stay where they are. To look at what was pushed:",
    );
    lines.push(
      ...outcomes
        .filter(({ judgment }) => judgment?.verdict !== "passed")
        .map(({ platform, digest }) => `- ${platform}: ${subject}@${digest}`),
    );
  } else {
    lines.push("The gate is advisory: what depends on this scan is published anyway.");
  }
  lines.push(...remedies(stopping.map(({ finding }) => finding)));
  return lines.join("\n");
}

/** Platforms that could not be scanned for the same reason, in one. */
function sameReasons(outcomes: readonly PlatformOutcome[]): { platform: string; notScanned: string }[] {
  const byReason = new Map<string, string[]>();
  for (const { platform, notScanned = "" } of outcomes) {
    byReason.set(notScanned, [...(byReason.get(notScanned) ?? []), platform]);
  }
  return [...byReason].map(([notScanned, platforms]) => ({ platform: platforms.join(", "), notScanned }));
}

function remedies(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const [first] = findings;
  const lines: string[] = [];
  if (findings.some(({ fixedVersion }) => fixedVersion !== undefined)) {
    lines.push("Update the packages to the versions that are fixed, or the base image, and run again.");
  }
  if (findings.some(({ kind }) => kind === "secret")) {
    lines.push(
      "Remove secrets from the image, and replace them: the image was pushed, so others may know them.",
    );
  }
  const where = first?.kind === "secret" ? `path: ${JSON.stringify(first.path?.replace(/:\d+$/, ""))}, ` : "";
  lines.push(
    `To accept a finding for a time, declare it with a reason and a last day: ` +
      `exceptions: [{ id: ${JSON.stringify(first?.id)}, ${where}reason: "…", expires: "YYYY-MM-DD" }].`,
  );
  return lines;
}

/**
 * The result of one platform in one text, for evidence: numbers, what is accepted and why, and what
 * was not looked at.
 */
export function outcomeText({ judgment, notScanned, notes }: PlatformOutcome): string {
  if (!judgment) return `not scanned: ${notScanned}`;
  return [
    countsText(judgment.counts),
    ...(judgment.stopping.length > 0 ? [`over the threshold: ${idsOf(judgment.stopping)}`] : []),
    ...judgment.excepted.map(exceptedText),
    ...judgment.expired.map(expiredText),
    ...notes,
  ].join("; ");
}

function idsOf(findings: readonly Finding[]): string {
  const ids = [...new Set(findings.map(({ id }) => id))];
  const rest = ids.length - namedFindings;
  return `${ids.slice(0, namedFindings).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
