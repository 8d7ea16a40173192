import { badStates, servedStates } from "../../display/served-state";
import { markdownMarkup } from "../markdown-markup";
import { markup, type Markup, type Part } from "../markup";
import type { PageRow, ProjectPage, VersionPage } from "../page-data";
import type { PageView } from "../layout";
import { chartFigure } from "./chart-figure";
import { counted, day, deprecationNotice, stateMark, statusRows, table } from "./elements";
import { fileTable, imageOverview } from "./version-view";
import { versionTable } from "./versions-view";

/** Rows that the first page has: the others are one link away, and it loads on a phone. */
const limits = { rows: 25, images: 25, files: 25, versions: 10 } as const;

/** The first page: what there is now, how to get it, and how to check it. */
export function frontView(project: ProjectPage, newest: VersionPage | undefined): PageView {
  const [latest] = project.versions;
  return {
    title: project.name,
    heading: project.name,
    lead:
      latest === undefined
        ? markup`<p class="lead">Nothing is published yet.</p>`
        : markup`<p class="lead">Version <strong>${latest.version}</strong>, published ${day(latest.published)}.</p>
${latest.deprecated && deprecationNotice(latest.deprecated)}`,
    body: [
      served(project),
      markup`<h2 id="install">How to install</h2>\n${markdownMarkup(project.install)}`,
      newest && downloads(newest),
      markup`<h2 id="verify">How to check it</h2>\n${markdownMarkup(project.verify)}`,
      newest && images(newest),
      versions(project),
      markup`<h2 id="numbers">In numbers</h2>\n`,
      project.charts.map((chart) => chartFigure(chart)),
    ],
  };
}

/** How many are in each state, the worst first. */
export function stateList(rows: readonly PageRow[]): Markup {
  const counts = servedStates.flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : [markup`<li>${stateMark(state)} ${count}</li>`];
  });
  return markup`<ul class="counts">${counts}</ul>\n`;
}

/** When it was looked, and what kept it from being whole. */
export function lookNote({ looked, errors }: ProjectPage): Part {
  return [
    looked === undefined
      ? markup`<p class="faint">As the run that wrote this page has found and left it.</p>\n`
      : markup`<p class="faint">Looked at <time datetime="${looked}">${looked.slice(0, 16).replace("T", " ")} UTC</time>.</p>\n`,
    errors.map((error) => markup`<p class="notice">Not all could be looked at: ${error}</p>\n`),
  ];
}

function served(project: ProjectPage): Markup {
  const { rows } = project;
  const bad = rows.filter(({ state }) => badStates.includes(state));
  const open = rows.filter(({ state }) => ["unknown", "awaiting", "staged"].includes(state));
  const told = [...bad, ...open];
  const shown = told.slice(0, limits.rows);
  const sentence =
    rows.length === 0
      ? "Nobody has looked."
      : bad.length === 0
        ? `${counted(rows.length, "thing")} looked at, none is gone, changed or behind.`
        : `Of ${counted(rows.length, "thing")}, ${bad.length} ${bad.length === 1 ? "is" : "are"} not as published.`;
  return markup`<h2 id="served">What is served</h2>
<p>${sentence}</p>
${stateList(rows)}${lookNote(project)}${shown.length > 0 && statusRows("What is not as published, or not known", shown)}<p><a href="served.html">All ${counted(rows.length, "row")}</a></p>
`;
}

function downloads({ version, releases }: VersionPage): Part {
  const [release] = releases;
  if (release === undefined || release.files.length === 0) return undefined;
  const shown = release.files.slice(0, limits.files);
  const rest = release.files.length - shown.length;
  return markup`<h3 id="download">Download ${version}</h3>
${fileTable(`Files of ${release.place}`, shown)}${rest > 0 && markup`<p>${rest} more are on the page of the version.</p>`}
`;
}

function images({ version, images: all }: VersionPage): Part {
  if (all.length === 0) return undefined;
  const shown = all.slice(0, limits.images);
  const rest = all.length - shown.length;
  return markup`<h2 id="images">Images of ${version}</h2>
${imageOverview(`Images of ${version}`, shown)}${rest > 0 && markup`<p>${counted(rest, "more image")} on the page of the version.</p>`}
`;
}

function versions({ versions: all }: ProjectPage): Markup {
  const shown = all.slice(0, limits.versions);
  return markup`<h2 id="versions">Versions</h2>
${shown.length > 0 && versionTable("Newest versions", shown)}${all.length > shown.length && markup`<p><a href="versions.html">All ${counted(all.length, "version")}</a></p>`}
`;
}

/** All rows of the status, the worst first. */
export function servedView(project: ProjectPage): PageView {
  const order = (row: PageRow) => servedStates.indexOf(row.state);
  const rows = project.rows.toSorted((one, other) => order(one) - order(other));
  return {
    title: "What is served",
    heading: "What is served",
    lead: [stateList(rows), lookNote(project)],
    body: rows.length > 0 && statusRows("What is served of what was published", rows),
  };
}

/** Every version that was published. */
export function versionsView({ versions: all }: ProjectPage): PageView {
  return {
    title: "Versions",
    heading: "Versions",
    lead: markup`<p>${counted(all.length, "version")}, the newest first. <a href="feed.xml">Feed</a></p>`,
    body: all.length > 0 ? versionTable("Versions", all) : table("Versions", ["Version"], []),
  };
}
