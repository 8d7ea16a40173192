/** Names of GitHub, checked before anything is sent. */

/** A repository of GitHub. */
export interface GitHubRepository {
  owner: string;
  name: string;
}

/** Size in bytes that an asset may have (GitHub: "Storage and bandwidth quotas" of releases). */
export const maximumAssetBytes = 2 ** 31;

/** Assets that one release may have. */
export const maximumAssets = 1000;

/** Characters that the notes of a release may have. */
export const longestNotes = 125_000;

/** Reads `owner/name`. @throws Error with a valid example */
export function parseGitHubRepository(text: string): GitHubRepository {
  const [, owner, name] = /^([A-Za-z0-9](?:[A-Za-z0-9-]*))\/([A-Za-z0-9._-]+)$/.exec(text) ?? [];
  if (owner === undefined || name === undefined || name === "." || name === "..") {
    throw new Error(
      `${JSON.stringify(text)} is not a repository of GitHub as owner/name (a valid example: "acme/hello")`,
    );
  }
  return { owner, name };
}

/** Writes `owner/name`. */
export function formatGitHubRepository({ owner, name }: GitHubRepository): string {
  return `${owner}/${name}`;
}

/** @throws Error where a text cannot be the name of a git tag (git-check-ref-format) */
export function checkGitTag(text: string): void {
  const bad =
    text === "" ||
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|^[./-]|[./]$|^@$/.test(text);
  if (bad) throw new Error(`${JSON.stringify(text)} is not a git tag (a valid example: "v1.0.0")`);
}

/** @throws Error where GitHub would store an asset under another name than this */
export function checkAssetName(text: string): void {
  if (/^[A-Za-z0-9_+-][A-Za-z0-9._+-]*$/.test(text) && !text.endsWith(".")) return;
  throw new Error(
    `${JSON.stringify(text)} cannot be the name of an asset: GitHub renames assets with ` +
      "characters other than letters, digits and . _ + -, or with a period at either end (a " +
      'valid example: "hello_v1.0.0_linux-amd64.tar.gz")',
  );
}

/** Media type of a file by its name, for browsers that download it. */
export function contentTypeOf(name: string): string {
  const known = Object.entries(contentTypes).find(([ending]) => name.toLowerCase().endsWith(ending));
  return known?.[1] ?? "application/octet-stream";
}

const contentTypes: Readonly<Record<string, string>> = {
  ".tar.gz": "application/gzip",
  ".tgz": "application/gzip",
  ".gz": "application/gzip",
  ".zip": "application/zip",
  ".zst": "application/zstd",
  ".tar": "application/x-tar",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  sha256sums: "text/plain; charset=utf-8",
  ".sha256": "text/plain; charset=utf-8",
  ".deb": "application/vnd.debian.binary-package",
  ".rpm": "application/x-rpm",
  ".whl": "application/zip",
};
