import { bareVersion, parseVersion } from "../../version/version";
import { ChannelError } from "../artifact";

/** Numbers, a letter, suffixes, a commit (apk-tools, src/version.c). */
const grammar = /^\d+(\.\d+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(~[0-9a-f]+)?$/;

/** Suffixes that come before the version without one. */
const before = /^(alpha|beta|pre|rc)[.-]?(\d*)$/;

const example = '(a valid example: "1.2.0-rc.1", which is 1.2.0_rc1)';

/**
 * The version of a package for a version of a release, without its revision: `v1.2.0` is `1.2.0`, and a
 * pre-release such as `1.2.0-rc.1` is `1.2.0_rc1`, which apk orders before `1.2.0`. apk knows four kinds
 * of pre-releases, each with one number. What is no semantic version is as it is, without a `v`.
 *
 * Source: apk-tools, src/version.c.
 *
 * @throws ChannelError
 */
export function apkVersion(version: string): string {
  const bare = bareVersion(version);
  const found = parseVersion(version) ? ofSemanticVersion(version, bare) : bare;
  if (grammar.test(found)) return found;
  throw refused(version, "is not a version that apk can order");
}

function ofSemanticVersion(version: string, bare: string): string {
  if (bare.includes("+"))
    throw refused(version, "has build metadata, which versions of Alpine have no place for");
  const hyphen = bare.indexOf("-");
  if (hyphen < 0) return bare;
  const [, kind, number = ""] = before.exec(bare.slice(hyphen + 1)) ?? [];
  if (kind === undefined)
    throw refused(version, "is a pre-release of another kind than alpha, beta, pre and rc with one number");
  return `${bare.slice(0, hyphen)}_${kind}${number}`;
}

function refused(version: string, reason: string): ChannelError {
  return new ChannelError("version", `${JSON.stringify(version)} ${reason} ${example}`);
}

/**
 * The revision of a package, which apk calls `-r0`.
 *
 * @param revision a number, for the same version packaged anew. Default: `0`
 * @throws ChannelError
 */
export function apkRevision(revision = "0"): string {
  if (/^(0|[1-9]\d{0,8})$/.test(revision)) return `r${revision}`;
  throw new ChannelError("revision", `${JSON.stringify(revision)} is not a number (a valid example: "1")`);
}
