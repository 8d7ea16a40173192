/** Names in a folder that releases are served from: see `ReleaseDirectory`. */

/** Folder that the releases are in. */
export const releasesFolder = "releases";

/** Folders in it. */
export const releaseFolders = { files: "download", records: "tag", latest: "latest" } as const;

/** Name of a release's record. */
export const recordName = "release.json";

/** Name of the list of what was published, beside the releases. */
export const releaseListName = "releases.json";

/** Name of the bundle with its signature. */
export const releaseListBundleName = `${releaseListName}.sigstore.json`;

/** Returns whether a file beside those of a release is the list, or its signature. */
export function isReleaseListFile(name: string): boolean {
  return name === releaseListName || name === releaseListBundleName;
}
