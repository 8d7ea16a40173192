/** SemVer as the specification has it: Helm takes more, and other tools of charts do not. */
const semver =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Returns whether a version can be that of a chart. */
export function isChartVersion(version: string): boolean {
  return semver.test(version);
}

/** Names that a chart, its repository and what it installs can all have. */
export const chartNamePattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The tag of a chart's version: `+` cannot stand in a tag, and Helm writes `_` for it. */
export function chartTag(version: string): string {
  return version.replaceAll("+", "_");
}
