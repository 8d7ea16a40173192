import { markup, type Markup } from "../markup";
import type { ProjectPage } from "../page-data";
import { day, table } from "./elements";

/** Versions, each with its page where it has one. */
export function versionTable(label: string, versions: ProjectPage["versions"]): Markup {
  const isTold = versions.some(({ deprecated }) => deprecated !== undefined);
  return table(
    label,
    ["Version", "Published", ...(isTold ? ["Support"] : [])],
    versions.map(({ version, published, folder, deprecated }) => [
      folder === undefined ? version : markup`<a href="${folder}/index.html">${version}</a>`,
      day(published),
      ...(isTold ? [supportOf(deprecated)] : []),
    ]),
  );
}

function supportOf(notice: ProjectPage["versions"][number]["deprecated"]): string {
  if (notice === undefined) return "";
  const { since, removal, instead } = notice;
  return [
    `deprecated since ${since}`,
    ...(removal === undefined ? [] : [`may go from ${removal}`]),
    ...(instead === undefined ? [] : [`use ${instead}`]),
  ].join("; ");
}
