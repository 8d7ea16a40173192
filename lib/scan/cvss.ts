import type { Severity } from "./finding";

/**
 * Ratings by score (CVSS v3.1 specification, section 5, table 14; v4.0 has the same). None stands
 * for no severity.
 */
export function severityOfScore(score: number): Severity {
  if (!(score > 0)) return "unknown";
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return "low";
}

/** Values of the base metrics (CVSS v3.1 specification, section 7.4). */
const weights = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
} as const;

/** Privileges weigh less where another component is reached (section 7.4). */
const privileges = { U: { N: 0.85, L: 0.62, H: 0.27 }, C: { N: 0.85, L: 0.68, H: 0.5 } } as const;

/**
 * Base score of a CVSS v3.0 or v3.1 vector, from 0 to 10; undefined for what is no such vector.
 *
 * Source: CVSS v3.1 specification, section 7.1 (base metrics equations) and appendix A (rounding).
 * The equations of v3.0 are the same; it rounds up without the appendix's care for floating point.
 */
export function baseScore(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector)) return undefined;
  const metrics = new Map(vector.split("/").map((part) => part.split(":", 2) as [string, string]));
  const scope = metrics.get("S");
  if (scope !== "U" && scope !== "C") return undefined;
  const value = (metric: keyof typeof weights): number =>
    (weights[metric] as Record<string, number>)[metrics.get(metric) ?? ""] ?? NaN;
  const required = (privileges[scope] as Record<string, number>)[metrics.get("PR") ?? ""] ?? NaN;
  const subImpact = 1 - (1 - value("C")) * (1 - value("I")) * (1 - value("A"));
  const impact =
    scope === "U" ? 6.42 * subImpact : 7.52 * (subImpact - 0.029) - 3.25 * (subImpact - 0.02) ** 15;
  const exploitability = 8.22 * value("AV") * value("AC") * required * value("UI");
  if (Number.isNaN(impact) || Number.isNaN(exploitability)) return undefined;
  if (impact <= 0) return 0;
  const sum = impact + exploitability;
  return roundUp(Math.min(scope === "U" ? sum : 1.08 * sum, 10));
}

/** The smallest number with one decimal that is not below (CVSS v3.1 specification, appendix A). */
function roundUp(value: number): number {
  const scaled = Math.round(value * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}
