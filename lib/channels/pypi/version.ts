import { parseVersion } from "../../version/version";

/** Versions of Python packages (PEP 440, "Version specifiers" of the packaging specifications). */

/** Appendix B of PEP 440, as `packaging` has it. */
const pattern = new RegExp(
  "^v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\\.[0-9]+)*)" +
    "(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<number>[0-9]+)?)?" +
    "(?<post>-(?<implicit>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>[0-9]+)?)?" +
    "(?<dev>[-_.]?dev[-_.]?(?<devNumber>[0-9]+)?)?" +
    "(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$",
  "i",
);

/** Longest version that is read: more than any project has, and a bound for the pattern. */
const longestVersion = 128;

const phases: Readonly<Record<string, string>> = {
  alpha: "a",
  a: "a",
  beta: "b",
  b: "b",
  c: "rc",
  rc: "rc",
  pre: "rc",
  preview: "rc",
};

/** A version of a Python package, parsed. */
export interface PythonVersion {
  /** Normalized, e.g. `1.2.0rc1`. */
  readonly text: string;
  /** Equal for equal versions: normalized, without zeros at the end of the release (`1.0` and `1`). */
  readonly key: string;
  /** Whether pip takes it only where it is asked for (`--pre`): a pre-release or development release. */
  readonly prerelease: boolean;
  /** Whether it comes after the release that it names (`1.0.post1`). */
  readonly post: boolean;
  /** Local version label, which a public index does not take. */
  readonly local?: string;
}

/** Returns the version that a text is; undefined where PEP 440 knows no such version. */
export function parsePythonVersion(text: string): PythonVersion | undefined {
  if (text.length > longestVersion) return undefined;
  const groups = pattern.exec(text.trim())?.groups;
  if (!groups) return undefined;
  const { epoch, release = "", phase, number, post, implicit, postNumber, dev, devNumber, local } = groups;
  const digits = (written: string | undefined) => (written ?? "0").replace(/^0+(?=\d)/, "");
  const parts = release.split(".").map(digits);
  const prefix = epoch === undefined || digits(epoch) === "0" ? "" : `${digits(epoch)}!`;
  const suffix =
    (phase === undefined ? "" : `${phases[phase.toLowerCase()]}${digits(number)}`) +
    (post === undefined ? "" : `.post${digits(implicit ?? postNumber)}`) +
    (dev === undefined ? "" : `.dev${digits(devNumber)}`) +
    (local === undefined ? "" : `+${local.toLowerCase().split(/[-_.]/).map(localPart).join(".")}`);
  const significant = parts.join(".").replace(/(\.0)+$/, "");
  return {
    text: `${prefix}${parts.join(".")}${suffix}`,
    key: `${prefix}${significant}${suffix}`,
    prerelease: phase !== undefined || dev !== undefined,
    post: post !== undefined,
    ...(local !== undefined && { local: local.toLowerCase() }),
  };
}

function localPart(part: string): string {
  return /^\d+$/.test(part) ? part.replace(/^0+(?=\d)/, "") : part;
}

/** Returns whether two texts are the same version, e.g. `1.0` and `1.0.0`; false where one is none. */
export function isSameVersion(one: string, other: string): boolean {
  const key = parsePythonVersion(one)?.key;
  return key !== undefined && key === parsePythonVersion(other)?.key;
}

/**
 * Returns a version as an index can carry it, normalized.
 *
 * @throws Error for one that PEP 440 does not know, and for one with a local label (PEP 440: public
 * index servers do not take those)
 */
export function publicVersion(text: string): string {
  const parsed = parsePythonVersion(text);
  if (!parsed)
    throw new Error(
      `${JSON.stringify(text)} is not a version of a Python package (PEP 440; ${validExamples})`,
    );
  if (parsed.local !== undefined) {
    throw new Error(
      `${JSON.stringify(text)} has a local label (+${parsed.local}), which no index takes (PEP 440; ${validExamples})`,
    );
  }
  return parsed.text;
}

/**
 * Returns the Python version for that of a release: `1.2.0-rc.1` is `1.2.0rc1`, and `v2022.04.1` is
 * `2022.4.1`.
 *
 * @throws Error for what Python would order otherwise, or does not know
 */
export function pythonVersionOf(version: string): string {
  const text = publicVersion(version);
  const isPrerelease = parseVersion(version)?.stable === false;
  if (isPrerelease && parsePythonVersion(text)?.prerelease !== true) {
    throw new Error(
      `${JSON.stringify(version)} is a pre-release, and for Python it would be ${text}, newer than the release ` +
        "(PEP 440): take -alpha.N, -beta.N, -rc.N or -dev.N, or give the channel a version of its own",
    );
  }
  return text;
}

const validExamples = 'valid examples: "1.2.0", "1.2.0rc1"';
