import { noticeOf, type Notice } from "../retention/notice";
import { parseCalendarVersion, parseRevision } from "../version/version";

/** What users were told of a version; undefined where they may stay on it. */
export function noticeFor(notices: readonly Notice[], version: string): Notice | undefined {
  const parsed = parseRevision(version) ?? parseCalendarVersion(version);
  return parsed && noticeOf(notices, parsed);
}
