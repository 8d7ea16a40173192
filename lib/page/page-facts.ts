import type { ImageContents } from "../contents/image-contents";
import type { ReleaseStatus } from "../display/release-status";
import type { MetricsHistory } from "../metrics/history";
import type { ListedVersion } from "../release/release-list";
import type { Notice } from "../retention/notice";
import type { ServedHistory } from "../served/history";

/** What a registry told of an image, or why it did not. */
export type FoundContents = { readonly images: readonly ImageContents[] } | { readonly notAvailable: string };

export type ListedRelease = ListedVersion["releases"][number];

/** What pages are made of. */
export interface PageFacts {
  /** What people call the project. */
  readonly name: string;
  /** Where the pages are served, with a slash at the end. */
  readonly url?: string | undefined;
  /** What was published, the newest first. */
  readonly versions: readonly ListedVersion[];
  /** How many of the newest have pages of their own. */
  readonly told: number;
  /** What registries told, by {@link contentsKey}. */
  readonly contents: ReadonlyMap<string, FoundContents>;
  readonly status: ReleaseStatus;
  /** When that was looked at, as an RFC 3339 time in UTC; undefined where it is what a run has left. */
  readonly looked?: string | undefined;
  /** How it is installed, in Markdown. Default: what follows from the newest version. */
  readonly install?: string | undefined;
  /** How it is checked, in Markdown. Default: what follows from the newest version. */
  readonly verify?: string | undefined;
  /** Name of the file that `verify` has the public key in, where everything is signed by a key that stays. */
  readonly keyFile?: string | undefined;
  /** Versions that users are told to leave. */
  readonly deprecated: readonly Notice[];
  /** Address of a file of a release; undefined where none is known. */
  readonly addressOf: (release: ListedRelease, name: string) => string | undefined;
  /** What the status calls the places of a release. */
  readonly placesOf: (release: ListedRelease) => readonly string[];
  /** How it was used over time. */
  readonly metrics?: MetricsHistory | undefined;
  /** What was served when. */
  readonly served?: ServedHistory | undefined;
}

/** What the contents of an image are known by. */
export function contentsKey({ repository, digest }: { repository: string; digest: string }): string {
  return `${repository}@${digest}`;
}
