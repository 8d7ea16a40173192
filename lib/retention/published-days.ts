import { parseCalendarVersion, parseRevision, type Version } from "../version/version";
import type { RetentionQuestion } from "./question";

/** The day of each published version, by {@link nameOfVersion}. */
export function publishedDays(published: RetentionQuestion["published"]): Map<string, string> {
  return new Map(
    Object.entries(published).flatMap(([text, { day }]) => {
      const version = parseRevision(text) ?? parseCalendarVersion(text);
      return version ? [[nameOfVersion(version), day] as const] : [];
    }),
  );
}

/** A version and its revision, without what tags write around it. */
export function nameOfVersion({ version, revision }: Version): string {
  return revision === undefined ? version : `${version}-${revision}`;
}
