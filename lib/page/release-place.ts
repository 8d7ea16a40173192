import type { ListedVersion } from "../release/release-list";

/** What a release is called in a status: lib/served/listed-status.ts and lib/display/release-status.ts. */
export function releasePlace({ github, folder = ".", tag }: ListedVersion["releases"][number]): string {
  if (github !== undefined) return `${github} ${tag}`;
  return folder === "." ? tag : folder;
}
