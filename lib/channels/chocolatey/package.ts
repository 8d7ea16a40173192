import { createHash } from "node:crypto";
import { xmlText } from "../../text/xml";
import { ChannelError } from "../artifact";

/** What a package says of itself. */
export interface ChocolateyAbout {
  readonly id: string;
  /** As {@link chocolateyVersion} writes it. */
  readonly version: string;
  /** Default: the id. */
  readonly title?: string | undefined;
  /** Who makes the software. */
  readonly authors: string;
  /** Markdown, which the feed shows. */
  readonly description: string;
  /** One line. Default: none. */
  readonly summary?: string | undefined;
  readonly homepage: string;
  readonly tags: readonly string[];
  readonly copyright?: string | undefined;
  readonly licenseUrl?: string | undefined;
  readonly iconUrl?: string | undefined;
  readonly releaseNotes?: string | undefined;
  /** Addresses that Chocolatey has beyond NuGet: sources of the software and of the package, and so on. */
  readonly urls?: ChocolateyUrls | undefined;
  /** Other packages that it needs, with their versions as NuGet writes ranges, e.g. `[1.2,2)`. */
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
}

/** Addresses that only Chocolatey has in a nuspec. */
export interface ChocolateyUrls {
  readonly projectSource?: string | undefined;
  readonly packageSource?: string | undefined;
  readonly docs?: string | undefined;
  readonly bugTracker?: string | undefined;
  readonly mailingList?: string | undefined;
}

/** Longest id that NuGet takes. */
const longestId = 100;

/** A range of versions (docs.microsoft.com, "Package versioning"): `1.2`, `[1.2]`, `[1.2,2.0)`, `(,1.0]`. */
const rangePattern = /^(?:[0-9A-Za-z.-]+|\[[0-9A-Za-z.-]+\]|[[(][0-9A-Za-z.-]*,\s*[0-9A-Za-z.-]*[\])])$/;

/** @throws Error for what is no id of a package (NuGet's `PackageIdValidator`) */
export function checkPackageId(id: string): void {
  if (/^\w+(?:[.-]\w+)*$/.test(id) && id.length <= longestId) return;
  throw new Error(
    `${JSON.stringify(id)} is not an id of a package: letters, digits, _, and . or - between them are expected, ` +
      `at most ${longestId} (a valid example: "hello")`,
  );
}

/** File name of a package, as `choco pack` gives it. */
export function packageFileName({ id, version }: Pick<ChocolateyAbout, "id" | "version">): string {
  return `${id}.${version}.nupkg`;
}

/**
 * The parts of a package by path (ECMA-376-2, Open Packaging Conventions, as NuGet uses them).
 *
 * @throws ChannelError for what a nuspec cannot carry
 */
export function packageParts(about: ChocolateyAbout, installScript: string): Record<string, string> {
  const nuspec = nuspecText(about);
  const properties = corePropertiesText(about);
  const name = `package/services/metadata/core-properties/${shortSum(properties)}.psmdcp`;
  return {
    "[Content_Types].xml": contentTypes,
    "_rels/.rels": relations(`/${about.id}.nuspec`, `/${name}`),
    [`${about.id}.nuspec`]: nuspec,
    [name]: properties,
    "tools/chocolateyInstall.ps1": installScript,
  };
}

/** By the oldest schema that has all elements of NuGet: every client reads it. */
function nuspecText(about: ChocolateyAbout): string {
  for (const [id, range] of Object.entries(about.dependencies ?? {})) {
    if (!rangePattern.test(range)) {
      const reason = `${JSON.stringify(range)} is not a range of versions (a valid example: "[1.2,2.0)")`;
      throw new ChannelError(`dependencies.${id}`, reason);
    }
  }
  const { urls = {} } = about;
  const elements = {
    id: about.id,
    version: about.version,
    title: about.title ?? about.id,
    authors: about.authors,
    projectUrl: about.homepage,
    licenseUrl: about.licenseUrl,
    iconUrl: about.iconUrl,
    requireLicenseAcceptance: "false",
    copyright: about.copyright,
    tags: about.tags.join(" "),
    summary: about.summary,
    description: about.description,
    releaseNotes: about.releaseNotes,
    projectSourceUrl: urls.projectSource,
    packageSourceUrl: urls.packageSource,
    docsUrl: urls.docs,
    bugTrackerUrl: urls.bugTracker,
    mailingListUrl: urls.mailingList,
  };
  const dependencies = Object.entries(about.dependencies ?? {}).map(
    ([id, range]) => `      <dependency id="${xmlText(id)}" version="${xmlText(range)}" />\n`,
  );
  return (
    `${xmlHead}<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">\n  <metadata>\n` +
    elementLines(elements, "    ") +
    (dependencies.length === 0 ? "" : `    <dependencies>\n${dependencies.join("")}    </dependencies>\n`) +
    "  </metadata>\n</package>\n"
  );
}

/** Core properties (ECMA-376-2, 11), which NuGet writes and Chocolatey does not read. */
function corePropertiesText({ id, version, authors, description, tags }: ChocolateyAbout): string {
  const elements = {
    "dc:creator": authors,
    "dc:description": description,
    "dc:identifier": id,
    version,
    keywords: tags.join(" "),
    lastModifiedBy: "slipway",
  };
  return (
    `${xmlHead}<coreProperties xmlns="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" ' +
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n' +
    `${elementLines(elements, "  ")}</coreProperties>\n`
  );
}

const xmlHead = '<?xml version="1.0" encoding="utf-8"?>\n';

/** Content types by the ends of names (ECMA-376-2, 10.1.2). */
const contentTypes =
  `${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\n` +
  [
    ["rels", "application/vnd.openxmlformats-package.relationships+xml"],
    ["psmdcp", "application/vnd.openxmlformats-package.core-properties+xml"],
    ["nuspec", "application/octet"],
    ["ps1", "application/octet"],
  ]
    .map(([end, type]) => `  <Default Extension="${end}" ContentType="${type}" />\n`)
    .join("") +
  "</Types>\n";

function relations(nuspec: string, properties: string): string {
  const targets = [
    ["http://schemas.microsoft.com/packaging/2010/07/manifest", nuspec],
    ["http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", properties],
  ] as const;
  const lines = targets.map(
    ([type, target]) =>
      `  <Relationship Type="${type}" Target="${target}" Id="R${shortSum(target).slice(0, 16)}" />\n`,
  );
  return (
    `${xmlHead}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\n` +
    `${lines.join("")}</Relationships>\n`
  );
}

function elementLines(elements: Readonly<Record<string, string | undefined>>, indent: string): string {
  return Object.entries(elements)
    .flatMap(([name, text]) =>
      text === undefined || text === "" ? [] : [`${indent}<${name}>${xmlText(text)}</${name}>\n`],
    )
    .join("");
}

/** 32 hex digits that follow from a text: a name, no proof. */
function shortSum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
