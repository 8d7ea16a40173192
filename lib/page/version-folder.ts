import { createHash } from "node:crypto";

/** Names that are the same file on every system, and need no quoting in an address. */
const plain = /^[a-z0-9][a-z0-9._+-]{0,99}$/;

/** Folder of the pages of a version, whatever its text has; no two versions share one. */
export function versionFolder(version: string): string {
  if (plain.test(version) && !version.endsWith(".")) return `versions/${version}`;
  const kept = version
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 40);
  const digest = createHash("sha256").update(version).digest("hex").slice(0, 12);
  return `versions/${kept === "" ? "" : `${kept}-`}${digest}`;
}
