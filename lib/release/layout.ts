/** Names in a folder that releases are served from: see `ReleaseDirectory`. */

/** Folder that the releases are in. */
export const releasesFolder = "releases";

/** Folders in it. */
export const releaseFolders = { files: "download", records: "tag", latest: "latest" } as const;

/** Name of a release's record. */
export const recordName = "release.json";
