import { endOf } from "../../text/declared-duration";
import { compareVersions, parseCalendarVersion, parseVersion, type Version } from "../../version/version";
import type { Answer } from "./probe";

/** What is expected of a catalog that others fill. */
export const expectations = ["live", "pending", "deprecated"] as const;

export type Expectation = (typeof expectations)[number];

/** What a catalog is compared with. */
export interface Expected {
  /** Version of the release. */
  readonly version: string;
  readonly expect: Expectation;
  /** For how long it may be behind, e.g. `7d`. */
  readonly grace: string;
  /** When the version was released, as ISO 8601. */
  readonly since: string;
}

/** What is said of a catalog. */
export interface Verdict {
  readonly state: "served" | "held" | "awaiting" | "behind" | "unknown";
  readonly reason?: string;
  /** Highest version that it has. */
  readonly found?: string;
  readonly awaitingSince?: string;
}

/** Says of an answer what it means for a release. What cannot be read or compared is never `behind`. */
export function verdictOf(answer: Answer, expected: Expected, now: Date): Verdict {
  const { version, expect, since } = expected;
  if (answer.kind === "unknown") return { state: "unknown", reason: answer.reason };
  if (answer.kind === "absent") {
    if (expect === "deprecated")
      return { state: "held", reason: "it is deprecated, and is not there any more" };
    if (expect === "pending")
      return { state: "awaiting", awaitingSince: since, reason: "it is not listed yet" };
    return late("it is not there", expected, now);
  }
  const found = highest(answer.versions);
  if (typeof found === "string") {
    const reason = `${JSON.stringify(found)} cannot be read as a version: say how it is spelled, by \`prefix\` and \`spelled\` of the probe`;
    return { state: "unknown", reason };
  }
  const has = found.text;
  if (expect === "deprecated")
    return { state: "held", found: has, reason: "it is deprecated, and stays as it is" };
  const wanted = versionOf(version);
  if (wanted === undefined)
    return { state: "unknown", found: has, reason: `${version} cannot be compared with ${has}` };
  if (!wanted.stable)
    return { state: "held", found: has, reason: `${version} is a pre-release, which nobody expects there` };
  const order = compareVersions(found, wanted);
  if (order > 0) return { state: "held", found: has, reason: `it has ${has}, which is higher` };
  if (order < 0) return { found: has, ...late(`it has ${has}`, expected, now) };
  if (expect === "pending")
    return { state: "served", found: has, reason: 'it is listed now: declare `expect: "live"`' };
  return { state: "served", found: has };
}

function late(what: string, { since, grace }: Expected, now: Date): Verdict {
  if (endOf(since, grace) >= now)
    return { state: "awaiting", awaitingSince: since, reason: `${what}; it has ${grace} to follow` };
  return { state: "behind", reason: `${what}, and was to follow within ${grace} of ${since}` };
}

/** The highest of versions; one that is none where nothing else is there. */
function highest(texts: readonly string[]): Version | string {
  const versions = texts.flatMap((text) => versionOf(text) ?? []);
  const [first, ...more] = versions;
  if (first === undefined) return texts[0] ?? "";
  return more.reduce((best, one) => (compareVersions(one, best) > 0 ? one : best), first);
}

/** A version as projects and catalogs write it: `1.2` is 1.2.0 in many of them. */
function versionOf(text: string): Version | undefined {
  const [, numbers, rest = ""] = /^v?(\d+(?:\.\d+)?)([-+].*)?$/.exec(text) ?? [];
  const whole =
    numbers === undefined ? text : `${numbers}${".0".repeat(3 - numbers.split(".").length)}${rest}`;
  const parsed = parseVersion(whole) ?? parseCalendarVersion(text);
  return parsed && { ...parsed, text };
}
