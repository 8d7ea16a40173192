/** A manifest, as far as it decides what else is needed. */
export interface HeldManifest {
  /** Manifests that it lists: platforms of an index, or what a list of referrers names. */
  readonly children: readonly HeldChild[];
  /** Digest of the manifest that it refers to. */
  readonly subject?: string | undefined;
}

/** A manifest in a list. */
export interface HeldChild {
  readonly digest: string;
  /** Whether it is a list itself. */
  readonly isIndex: boolean;
}

/** What a repository holds, as far as it was asked. */
export interface RepositoryContents {
  /** All tags, those of lists of referrers too. */
  readonly listed: readonly string[];
  /** Digest of each tag that was asked for. */
  readonly tags: ReadonlyMap<string, string>;
  /** Manifests that were read, by digest; that of every tag that was asked for is. */
  readonly manifests: ReadonlyMap<string, HeldManifest>;
  /** What the registry's own API lists as referring to a digest. */
  readonly referrers: ReadonlyMap<string, readonly string[]>;
  /** Digests that were looked for and are not there. */
  readonly absent: ReadonlySet<string>;
  /** Whether the registry has an API that lists referrers. */
  readonly hasReferrersApi: boolean;
  /** What the registry did not answer, or answered wrongly. Where there is any, nothing goes. */
  readonly incomplete: readonly string[];
}
