import { parseCalendarVersion, parseRevision, type Version } from "../version/version";
import { dayBefore } from "../text/declared-duration";
import { noticeOf } from "./notice";
import type { VersionFacts } from "./rule";

/** What becomes of something, and why. */
export interface Verdict {
  readonly goes: boolean;
  /** In words, as the second half of a sentence about it. */
  readonly reason: string;
}

/** The newest major versions, of stable ones, the highest first. */
export function newestMajors(versions: readonly Version[], count: number): number[] {
  const majors = new Set(versions.filter(({ stable }) => stable).map(({ major }) => major));
  return [...majors].sort((a, b) => b - a).slice(0, count);
}

/**
 * What becomes of a version: it goes where it is older than the age and outside of the newest majors and an announced
 * day has come.
 *
 * @param published day on which it was published; undefined where nobody knows, and then it stays
 * @param majors the newest ones
 */
export function versionVerdict(
  version: Version,
  published: string | undefined,
  majors: readonly number[],
  { rule, notices, on }: VersionFacts,
): Verdict {
  const stays = (reason: string): Verdict => ({ goes: false, reason });
  const last = rule.majors === 1 ? "last major" : `last ${rule.majors} majors`;
  if (majors.includes(version.major) || majors.every((major) => version.major > major)) {
    return stays(`it is of the ${last}`);
  }
  if (published === undefined) return stays("nobody knows when it was published");
  // On the very day it is not older yet.
  if (published >= dayBefore(on, rule.after)) {
    return stays(`it is of ${published}, and not older than ${rule.after}`);
  }
  const notice = noticeOf(
    notices.filter(({ since }) => since < on),
    version,
  );
  if (notice?.removal === undefined) return stays("its removal was not announced");
  if (notice.removal > on) return stays(`its removal is announced for ${notice.removal}`);
  return {
    goes: true,
    reason:
      `published ${published}, older than ${rule.after}, outside the ${last}, ` +
      `removal announced for ${notice.removal}`,
  };
}

/**
 * The versions that the rule has given up by a day.
 *
 * @param published day of each version, by its text
 */
export function retiredVersions(
  published: Readonly<Record<string, string>>,
  facts: VersionFacts,
): ReadonlySet<string> {
  const parsed = Object.entries(published).flatMap(([text, day]) => {
    const version = parseRevision(text) ?? parseCalendarVersion(text);
    return version ? [{ text, day, version }] : [];
  });
  const majors = newestMajors(
    parsed.map(({ version }) => version),
    facts.rule.majors,
  );
  return new Set(
    parsed
      .filter(({ version, day }) => versionVerdict(version, day, majors, facts).goes)
      .map(({ text }) => text),
  );
}
