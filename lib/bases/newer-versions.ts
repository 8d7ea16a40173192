import { compareVersions, parseVersion, type Version } from "../version/version";

/** A tag with a full version, and what its publisher has put around that, as in `3.12.1-slim`. */
const fullVersion = /^(v?)(\d+\.\d+\.\d+)((?:-[A-Za-z][\w.-]*)?)$/;

/**
 * Versions that are newer than that of a tag and written as it is: the newest of its minor version, and the newest of
 * all. None for a tag without a full version, which its publisher moves.
 *
 * @param tags all of the repository
 */
export function newerVersions(tag: string, tags: readonly string[]): string[] {
  const own = parsed(tag);
  if (own === undefined) return [];
  const newer = tags
    .flatMap((other) => parsed(other) ?? [])
    .filter(({ form }) => form === own.form)
    .filter(({ version }) => compareVersions(version, own.version) > 0)
    .sort((a, b) => compareVersions(b.version, a.version));
  const { major, minor } = own.version;
  const patch = newer.find(({ version }) => version.major === major && version.minor === minor);
  return [...new Set([patch, newer[0]].flatMap((one) => one?.tag ?? []))];
}

interface TaggedVersion {
  readonly tag: string;
  readonly version: Version;
  readonly form: string;
}

/** What begins like a pre-release of the version, such as `-rc1`, is another form than the version alone. */
function parsed(tag: string): TaggedVersion | undefined {
  const [, prefix = "", text, suffix = ""] = fullVersion.exec(tag) ?? [];
  const version = text === undefined ? undefined : parseVersion(text);
  return version && { tag, version, form: `${prefix} ${suffix}` };
}
