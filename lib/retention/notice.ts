import type { Version } from "../version/version";

/** Versions that users were told to leave, and when they go. */
export interface Notice {
  /** A version, or a line of versions: `1`, `1.2` or `1.2.3`. */
  readonly versions: string;
  /** Day on which it was announced. */
  readonly since: string;
  /** Day from which on they may be removed; absent where nothing is removed. */
  readonly removal?: string | undefined;
  /** Why, in words. */
  readonly reason?: string | undefined;
  /** What to use instead. */
  readonly instead?: string | undefined;
}

/** Returns whether a notice is about a version; rebuilds and pre-releases are of its line too. */
export function isAbout({ versions }: Pick<Notice, "versions">, { version }: Version): boolean {
  // Calendar versions are known without the zeros that they are written with.
  const line = versions.replace(/^v/, "").replaceAll(/(^|[.])0+(?=\d)/g, "$1");
  return version === line || version.startsWith(`${line}.`) || version.startsWith(`${line}-`);
}

/** The notice about a version that removes it first; one that removes nothing counts last. */
export function noticeOf<N extends Pick<Notice, "versions" | "removal">>(
  notices: readonly N[],
  version: Version,
): N | undefined {
  return notices
    .filter((notice) => isAbout(notice, version))
    .sort((a, b) => ((a.removal ?? "~") < (b.removal ?? "~") ? -1 : 1))[0];
}
