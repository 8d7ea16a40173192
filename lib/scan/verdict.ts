import {
  bySeverity,
  countBySeverity,
  reaches,
  type Finding,
  type Severity,
  type SeverityCounts,
} from "./finding";

/** A finding that is accepted for a time. */
export interface Exception {
  /** Identifier or alias of the vulnerability, or the scanner's rule. */
  id: string;
  /** Only in this package; in every one unless given. */
  package?: string;
  /**
   * Only in this file, without its line. A secret is excepted by its file only: one rule covers all
   * private keys.
   */
  path?: string;
  /** Why it is accepted. */
  reason: string;
  /** Last day on which it counts, `YYYY-MM-DD` in UTC. */
  expires: string;
}

/** Findings that fail a gate. */
export interface Policy {
  /** Findings of this severity and above. Secrets fail whatever their severity. */
  failOn: Severity;
  /** Only vulnerabilities that a newer version repairs. */
  fixableOnly: boolean;
  exceptions: readonly Exception[];
  /** What the project's own VEX documents say of a finding, as an exception. */
  vex?: (finding: Finding) => Exception | undefined;
}

/** The default: critical vulnerabilities that a newer version repairs. */
export const defaultPolicy: Policy = { failOn: "critical", fixableOnly: true, exceptions: [] };

/** A finding at or over the threshold, and the exception that accepts it. */
export interface ExceptedFinding {
  finding: Finding;
  exception: Exception;
}

/** Judgment on the findings of one image under a policy. */
export interface Judgment {
  verdict: "passed" | "failed";
  /** Findings by severity, below the threshold too. */
  counts: SeverityCounts;
  /** Findings that fail the gate, the severest first. */
  stopping: Finding[];
  /** Findings that would fail it without an exception. */
  excepted: ExceptedFinding[];
  /**
   * Exceptions that would have accepted something that now fails the gate, had they not expired.
   */
  expired: Exception[];
}

/**
 * Judges the findings of one image. Nothing but the arguments decides.
 *
 * @param today the day in UTC, `YYYY-MM-DD`
 */
export function judge(findings: readonly Finding[], policy: Policy, today: string): Judgment {
  const over = findings.filter((finding) => isOver(finding, policy)).sort(bySeverity);
  const stopping: Finding[] = [];
  const excepted: ExceptedFinding[] = [];
  const expired = new Set<Exception>();
  for (const finding of over) {
    const declared = policy.exceptions.filter((exception) => covers(exception, finding));
    const matching = [...declared, policy.vex?.(finding) ?? []].flat();
    const valid = matching.find((exception) => !isExpired(exception, today));
    if (valid) {
      excepted.push({ finding, exception: valid });
    } else {
      stopping.push(finding);
      for (const exception of matching) expired.add(exception);
    }
  }
  return {
    verdict: stopping.length > 0 ? "failed" : "passed",
    counts: countBySeverity(findings),
    stopping,
    excepted,
    expired: [...expired],
  };
}

/** Returns whether a finding is at or over the threshold, exceptions aside. */
function isOver(finding: Finding, policy: Policy): boolean {
  if (finding.kind === "secret") return true;
  if (!reaches(finding.severity, policy.failOn)) return false;
  return finding.kind !== "vulnerability" || !policy.fixableOnly || finding.fixedVersion !== undefined;
}

/** Returns whether an exception, expired or not, is about a finding. */
export function covers(exception: Exception, finding: Finding): boolean {
  if (exception.id !== finding.id && !finding.aliases.includes(exception.id)) return false;
  if (exception.package !== undefined && exception.package !== finding.package) return false;
  if (exception.path === undefined) return finding.kind !== "secret";
  return finding.path?.replace(/:\d+$/, "") === exception.path;
}

/** Returns whether the last day of an exception is over. */
export function isExpired({ expires }: Pick<Exception, "expires">, today: string): boolean {
  // Both are written with the year first, so that texts compare as days do.
  return expires < today;
}
