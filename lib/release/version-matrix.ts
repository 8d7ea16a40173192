import { inc, parse, satisfies, validRange, type SemVer } from "semver";
import { defined } from "../objects/defined";
import { markdownText } from "../text/markdown";
import { bareVersion } from "../version/version";

/**
 * Which versions of components make up which version of a distribution, and which version comes
 * next.
 */

/** How far a version of a distribution is. */
export type MatrixStatus = "Stable" | "Testing" | "Planned" | "Future" | "Deprecated";

/** A version of a distribution and the components in it. */
export interface MatrixRow {
  /** Version of the distribution, with or without `v`. */
  version: string;
  /** Version of each component, by its name. */
  components: Readonly<Record<string, string>>;
  status: MatrixStatus;
}

/** Result of the test of a combination of components. */
export interface CompatibilityResult {
  components: Readonly<Record<string, string>>;
  result: "passed" | "failed" | "not executed";
  /** Who or what tested it, e.g. a link to a run. */
  by?: string;
}

/** Which versions of a component go with the others. */
export type CompatibleRanges = Readonly<Record<string, string>>;

/** How a distribution's version follows from a change of a component. */
export interface BumpRules {
  /** For a version within the declared ranges. Default: `patch`. */
  compatible?: "patch" | "minor" | "major";
  /** For any other. Default: `minor`. */
  breaking?: "patch" | "minor" | "major";
}

/** A matrix or a version that cannot be. */
export class VersionMatrixError extends Error {
  override readonly name = "VersionMatrixError";
}

/**
 * Checks a matrix: versions are versions, each is there once, and a Stable row is a tested one.
 * "Not executed" is not tested.
 *
 * @throws VersionMatrixError naming the row and what to do
 */
export function checkMatrix(rows: readonly MatrixRow[], tested: readonly CompatibilityResult[]): void {
  for (const [index, row] of rows.entries()) {
    for (const version of [row.version, ...Object.values(row.components)]) versionOf(version);
    if (rows.findIndex((other) => isSameVersion(other.version, row.version)) < index) {
      throw new VersionMatrixError(`the matrix has two rows for ${row.version}`);
    }
    if (row.status !== "Stable") continue;
    const results = tested.filter(({ components }) => sameComponents(components, row.components));
    const failed = results.find(({ result }) => result === "failed");
    if (!failed && results.some(({ result }) => result === "passed")) continue;
    const why = failed
      ? `its compatibility test failed${failed.by === undefined ? "" : ` (${failed.by})`}`
      : results.length > 0
        ? "its compatibility test was not executed"
        : "it was never tested";
    throw new VersionMatrixError(
      `${row.version} (${describeComponents(row.components)}) cannot be Stable: ${why}. Run ` +
        'the compatibility test of this combination first, or declare the status "Planned"',
    );
  }
}

/**
 * Returns whether versions of components lie within the declared ranges. A pre-release does where
 * it is above the lower bound and its version, without what makes it one, is below the upper: in
 * `>=1.5.0 <2.0.0` are `1.6.0-rc.1` and `1.9.4-gke.1`, and neither `1.5.0-rc.1` nor `2.0.0-rc.1`.
 *
 * @throws VersionMatrixError for a bad range
 */
export function isCompatible(
  components: Readonly<Record<string, string>>,
  ranges: CompatibleRanges,
): boolean {
  return Object.entries(ranges).every(([name, range]) => {
    if (validRange(range) === null) {
      throw new VersionMatrixError(
        `${JSON.stringify(range)} is not a range of versions of ${name} (a valid example: ">=1.5.0 <2.0.0")`,
      );
    }
    const version = components[name];
    return version !== undefined && isWithin(versionOf(version), range);
  });
}

function isWithin(version: SemVer, range: string): boolean {
  if (satisfies(version, range)) return true;
  const { major, minor, patch, prerelease } = version;
  return (
    prerelease.length > 0 &&
    satisfies(version, range, { includePrerelease: true }) &&
    satisfies(`${major}.${minor}.${patch}`, range)
  );
}

/**
 * The next version of a distribution for a combination of components: the declared row wins;
 * otherwise the current version is raised, as the rules say. A version that another combination has
 * is passed over.
 *
 * @param current version that the change is made to, with or without `v`; the result is written
 * like it
 * @throws VersionMatrixError
 */
export function nextVersion(
  current: string,
  components: Readonly<Record<string, string>>,
  options: { rows?: readonly MatrixRow[]; ranges?: CompatibleRanges; rules?: BumpRules } = {},
): string {
  const { rows = [], ranges = {}, rules = {} } = options;
  const declared = rows.find((row) => sameComponents(row.components, components));
  if (declared) return declared.version;
  const kind = isCompatible(components, ranges) ? (rules.compatible ?? "patch") : (rules.breaking ?? "minor");
  let next = bump(current, kind);
  while (rows.some((row) => isSameVersion(row.version, next))) next = bump(next, kind);
  return next;
}

/**
 * The row of a combination of components: the declared one; otherwise the next version after the
 * highest stable one, Stable where the combination passed its test, and Planned where not.
 *
 * @throws VersionMatrixError where there is no stable version to raise
 */
export function nextRow(
  rows: readonly MatrixRow[],
  components: Readonly<Record<string, string>>,
  tested: readonly CompatibilityResult[],
  options: { ranges?: CompatibleRanges; rules?: BumpRules } = {},
): MatrixRow {
  const declared = rows.find((row) => sameComponents(row.components, components));
  if (declared) return declared;
  const current = sortedRows(rows)
    .filter(({ status }) => status === "Stable")
    .at(-1);
  if (!current) {
    throw new VersionMatrixError(
      `there is no stable version that ${describeComponents(components)} could be the next of: ` +
        'declare its row (a valid example: { version: "v1.0.0", components: ' +
        `${JSON.stringify(components)}, status: "Planned" })`,
    );
  }
  return {
    version: nextVersion(current.version, components, { ...options, rows }),
    components,
    status: testOf({ components }, tested) === "passed" ? "Stable" : "Planned",
  };
}

/** The highest stable version, and the lowest one above it that is not deprecated. */
export function currentRows(rows: readonly MatrixRow[]): { stable?: MatrixRow; upcoming?: MatrixRow } {
  const sorted = sortedRows(rows);
  const stable = sorted.filter(({ status }) => status === "Stable").at(-1);
  const above = (row: MatrixRow) => !stable || versionOf(row.version).compare(versionOf(stable.version)) > 0;
  const upcoming = sorted.find((row) => row.status !== "Deprecated" && above(row));
  return defined({ stable, upcoming });
}

/** Checks a version of a distribution or a component. @throws VersionMatrixError */
export function checkVersion(version: string): void {
  versionOf(version);
}

/** Checks a range of versions. @throws VersionMatrixError */
export function checkRange(range: string): void {
  if (validRange(range) !== null) return;
  throw new VersionMatrixError(
    `${JSON.stringify(range)} is not a range of versions (a valid example: ">=1.5.0 <2.0.0")`,
  );
}

/**
 * Raises a version, keeping its `v`.
 *
 * @throws VersionMatrixError where it is not a semantic version
 */
export function bump(version: string, kind: "patch" | "minor" | "major"): string {
  const next = inc(versionOf(version), kind);
  return `${version.startsWith("v") ? "v" : ""}${next}`;
}

/**
 * `VERSIONS.md` of a distribution: the current stable version and its components, what was tested,
 * and what comes. The same matrix always gives the same text.
 *
 * @param name of the distribution, for the title
 * @param order of components, for the columns; others follow
 * @throws VersionMatrixError where {@link checkMatrix} does
 */
export function renderVersions(
  name: string,
  rows: readonly MatrixRow[],
  tested: readonly CompatibilityResult[],
  order: readonly string[] = [],
): string {
  checkMatrix(rows, tested);
  const sorted = sortedRows(rows);
  const columns = [...new Set([...order, ...sorted.flatMap(({ components }) => Object.keys(components))])];
  const { stable, upcoming } = currentRows(rows);
  const lines = [
    `# Versions of ${markdownText(name)}`,
    "",
    stable
      ? `Current stable version: **${markdownText(stable.version)}** ` +
        `(${markdownText(describeComponents(stable.components))}).`
      : "There is no stable version yet.",
    ...(upcoming
      ? [
          "",
          `Upcoming: **${markdownText(upcoming.version)}** ` +
            `(${markdownText(describeComponents(upcoming.components))}), ${upcoming.status}.`,
        ]
      : []),
    "",
    "| Version | " + [...columns.map(markdownText), "Status", "Compatibility test"].join(" | ") + " |",
    "|" + " --- |".repeat(columns.length + 3),
    ...sorted.map((row) => {
      const cells = columns.map((column) => row.components[column] ?? "");
      return `| ${[row.version, ...cells, row.status, testOf(row, tested)].map(markdownText).join(" | ")} |`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * Versions and test results as a program keeps them: what {@link renderVersions} was given, as
 * JSON.
 */
export interface VersionRecord {
  versions: readonly MatrixRow[];
  tested: readonly CompatibilityResult[];
}

/**
 * The record of a matrix as the text of a file; the same matrix always gives the same text.
 *
 * @param order of components; others follow
 */
export function renderRecord(
  rows: readonly MatrixRow[],
  tested: readonly CompatibilityResult[],
  order: readonly string[] = [],
): string {
  const ordered = (components: Readonly<Record<string, string>>) => {
    const names = [...new Set([...order, ...Object.keys(components)])];
    return Object.fromEntries(
      names.flatMap((name) => (components[name] === undefined ? [] : [[name, components[name]]])),
    );
  };
  const record = {
    versions: sortedRows(rows).map(({ version, components, status }) => ({
      version,
      components: ordered(components),
      status,
    })),
    tested: tested.map(({ components, result, by }) =>
      defined({
        components: ordered(components),
        result,
        by,
      }),
    ),
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** Components in words, in their declared order, e.g. `Axon v1.5.0 + MLOS Core v1.0.0`. */
export function describeComponents(components: Readonly<Record<string, string>>): string {
  return Object.entries(components)
    .map(([component, version]) => `${component} ${version}`)
    .join(" + ");
}

function sortedRows(rows: readonly MatrixRow[]): MatrixRow[] {
  return [...rows].sort((a, b) => versionOf(a.version).compare(versionOf(b.version)));
}

function testOf(row: Pick<MatrixRow, "components">, tested: readonly CompatibilityResult[]): string {
  const results = tested.filter(({ components }) => sameComponents(components, row.components));
  for (const result of ["failed", "passed", "not executed"] as const) {
    if (results.some((found) => found.result === result)) return result;
  }
  return "not tested";
}

/**
 * Returns whether two combinations have the same components in the same versions, with or without
 * `v` and build metadata.
 */
export function sameComponents(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && isSameVersion(a[name] ?? "", b[name] ?? ""))
  );
}

/** Build metadata makes no other version (semver.org, 10). */
function isSameVersion(a: string, b: string): boolean {
  const [one, other] = [bareVersion(a), bareVersion(b)];
  return one === other || parse(one)?.version === (parse(other)?.version ?? other);
}

function versionOf(text: string): SemVer {
  const version = parse(bareVersion(text));
  if (version) return version;
  throw new VersionMatrixError(
    `${JSON.stringify(text)} is not a semantic version (a valid example: "v1.2.3")`,
  );
}
