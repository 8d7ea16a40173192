/** How a file of a folder is served, by its path. */
export interface ServedAs {
  /**
   * When it is copied: a file is there before what names it. 0 is for what has its name for good, the
   * highest for what clients ask for first.
   */
  readonly turn: number;
  /** Whether the name belongs to the content for good. */
  readonly fixed: boolean;
  /** Whether it is a copy by digest, of what is replaced in time. */
  readonly replaceable: boolean;
  readonly contentType: string;
  readonly cacheControl: string;
}

const hex = "(?:[0-9a-f]{64}|[0-9a-f]{128})";

/** Indexes of APT and RPM repositories under their digests. */
const byDigest = new RegExp(
  `(?:^|/)(?:by-hash/SHA(?:256|512)/${hex}|repodata/by-digest/${hex}|repodata/${hex}-[a-z]+\\.xml\\.gz)$`,
);

/** Packages, whose names have the version, and files of a version of a release. */
const ofVersion = /\.(?:deb|rpm|apk)$|(?:^|\/)releases\/download\/[^/]+\//;

/** What other files are named in, in the order in which it is copied; the last is what clients ask for first. */
const names: readonly RegExp[] = [
  /(?:^|\/)(?:Release\.gpg|repomd\.xml\.asc)$/,
  /(?:^|\/)Release$/,
  /(?:^|\/)(?:InRelease|repomd\.xml|APKINDEX\.tar\.gz|SHA256SUMS|releases\.json)$/,
];

/** For what never changes: a year, which is the longest that caches take (RFC 9111, RFC 8246). */
const forGood = "public, max-age=31536000, immutable";

/** For what changes: it is asked for anew, which costs an answer without content where it has not. */
const askedFor = "no-cache";

const text = "text/plain; charset=utf-8";

/** Content types by the end of a name. Compressed indexes are files themselves: they have no content encoding. */
const contentTypes: readonly (readonly [RegExp, string])[] = [
  [/\.deb$/, "application/vnd.debian.binary-package"],
  [/\.rpm$/, "application/x-rpm"],
  [/\.(?:gz|tgz)$/, "application/gzip"],
  [/\.zst$/, "application/zstd"],
  [/\.xz$/, "application/x-xz"],
  [/\.zip$/, "application/zip"],
  [/\.json$/, "application/json"],
  [/\.xml$/, "application/xml"],
  [/\.html$/, "text/html; charset=utf-8"],
  [/\.(?:txt|md|asc|gpg|sh|sources|list|repo)$/, text],
  [/(?:^|\/)(?:Packages|InRelease|Release|[A-Z0-9]+SUMS)$/, text],
];

/** @param file path in the folder, with `/` */
export function servedAs(file: string): ServedAs {
  const replaceable = byDigest.test(file);
  const name = names.findIndex((pattern) => pattern.test(file));
  const fixed = replaceable || ofVersion.test(file);
  return {
    // The sums of a version are there when its files are.
    turn: fixed ? Number(name >= 0) : name + 3,
    fixed,
    replaceable,
    contentType: contentTypes.find(([pattern]) => pattern.test(file))?.[1] ?? "application/octet-stream",
    cacheControl: fixed ? forGood : askedFor,
  };
}
