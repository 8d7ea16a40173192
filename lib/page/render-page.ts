import type { ListedVersion } from "../release/release-list";
import { atomFeed } from "./atom-feed";
import { chartsOf } from "./charts";
import { installText, verifyText } from "./default-texts";
import { noticeFor } from "./deprecation";
import { layout, type PageView } from "./layout";
import { pageSchema, type ProjectPage } from "./page-data";
import type { PageFacts } from "./page-facts";
import { versionFolder } from "./version-folder";
import { rowsByName, versionPage } from "./version-page";
import { frontView, servedView, versionsView } from "./views/front-view";
import { packagesView, versionView } from "./views/version-view";
import { defined } from "../objects/defined";

/** A file of the pages. */
export interface RenderedFile {
  /** Relative to the folder of the pages, with `/`. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** The pages of a project, what others link to last: the same facts always give the same bytes. */
export function renderPage(facts: PageFacts): RenderedFile[] {
  const rows = rowsByName(facts);
  const told = facts.versions.slice(0, facts.told);
  const pages = told.map((version, index) => versionPage(facts, rows, version, facts.versions[index + 1]));
  const project = projectPage(facts);
  const page = (path: string, view: PageView) => file(path, String(layout(project.name, path, view)));
  return [
    file("page.schema.json", json(pageSchema())),
    ...pages.flatMap((version) => {
      const folder = versionFolder(version.version);
      return [
        file(`${folder}/version.json`, json(version)),
        page(`${folder}/packages.html`, packagesView(version)),
        page(`${folder}/index.html`, versionView(version)),
      ];
    }),
    page("served.html", servedView(project)),
    page("versions.html", versionsView(project)),
    page("index.html", frontView(project, pages[0])),
    file("page.json", json(project)),
    file("feed.xml", atomFeed(project)),
  ];
}

function projectPage(facts: PageFacts): ProjectPage {
  const { name, url, versions, told, status, looked, deprecated, keyFile } = facts;
  const [newest] = versions;
  return defined({
    schemaVersion: 1,
    kind: "project",
    name,
    url,
    looked,
    rows: status.rows.map((row) => defined(row)),
    errors: [...status.errors],
    install: facts.install ?? installText(newest),
    verify: facts.verify ?? verifyText(newest, keyFile),
    versions: versions.map((version, index) => summaryOf(version, index < told, deprecated)),
    charts: chartsOf(facts),
  } satisfies Record<keyof ProjectPage, unknown>) as ProjectPage;
}

function summaryOf(
  { version, published }: ListedVersion,
  hasPages: boolean,
  deprecated: PageFacts["deprecated"],
): ProjectPage["versions"][number] {
  return defined({
    version,
    published,
    folder: hasPages ? versionFolder(version) : undefined,
    deprecated: noticeFor(deprecated, version),
  });
}

function file(path: string, text: string): RenderedFile {
  return { path, bytes: Buffer.from(text, "utf8") };
}

/** Without indentation, which would be half of it. */
function json(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
