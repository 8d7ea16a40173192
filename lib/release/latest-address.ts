/**
 * The address of the latest release beside that of a version: forges have it without a tag
 * (`releases/latest/download`). Undefined where a host has none.
 *
 * @param host address that the files of the version are below
 */
export function latestAddress(host: string, version: string): string | undefined {
  const [, base, tag = ""] = /^(.*\/releases)\/download\/([^/]+)$/.exec(host) ?? [];
  return base === undefined || !tag.includes(version) ? undefined : `${base}/latest/download`;
}
