import { shownBytes, shownGrowth } from "../../display/byte-sizes";
import type { PageView } from "../layout";
import { markup, type Markup, type Part } from "../markup";
import type { VersionPage } from "../page-data";
import { shellWord } from "../../text/shell-word";
import { commands, counted, day, deprecationNotice, digestMark, said, stateMark, table } from "./elements";

type PageImage = VersionPage["images"][number];
type PageFile = VersionPage["releases"][number]["files"][number];

/** Lines of changes that a page shows: the others are on that of the packages. */
const mostChanges = 50;

/** A version: images and files by digest, what was found in them, and what has changed. */
export function versionView(page: VersionPage): PageView {
  const { version, published, from, deprecated, images, releases } = page;
  return {
    title: version,
    heading: markup`Version ${version}`,
    lead: markup`<p class="lead">Published ${day(published)}.${from !== undefined && ` Compared with ${from}.`}</p>
${deprecated && deprecationNotice(deprecated)}<p><a href="packages.html">Packages in it</a> · <a href="version.json">This page as JSON</a></p>
`,
    body: [
      images.length > 0 &&
        markup`<h2 id="images">Images</h2>\n${images.map((image, index) => imagePart(image, index))}`,
      releases.map(
        ({ place, files }) => markup`<h2>Files of ${place}</h2>
${fileTable(`Files of ${place}`, files)}`,
      ),
      markup`<h2 id="changes">What has changed</h2>\n`,
      changes(page),
      markup`<h2 id="vulnerabilities">Known vulnerabilities</h2>\n`,
      vulnerabilities(page),
    ],
  };
}

/** Images in a table, a line each. */
export function imageOverview(label: string, images: readonly PageImage[]): Markup {
  return table(
    label,
    ["Image", "Tags", "Digest", "Platforms", { number: "Size" }],
    images.map(({ repository, tags, digest, platforms }) => [
      markup`<code>${repository}</code>`,
      tags.map(({ tag, state }, index) => [
        index > 0 && ", ",
        markup`<code>${tag}</code> ${stateMark(state)}`,
      ]),
      digestMark(digest),
      "notAvailable" in platforms ? "not available" : platforms.map(({ platform }) => platform).join(", "),
      "notAvailable" in platforms ? "–" : sizeRange(platforms.map(({ size }) => size)),
    ]),
  );
}

function sizeRange(sizes: readonly number[]): string {
  if (sizes.length === 0) return "–";
  const [least, most] = [shownBytes(Math.min(...sizes)), shownBytes(Math.max(...sizes))];
  return least === most ? least : `${least} – ${most}`;
}

function imagePart(
  { repository, digest, tags, proofs, verify, platforms }: PageImage,
  index: number,
): Markup {
  const drifted = tags.filter(({ reason }) => reason !== undefined);
  const kinds = [...new Set(proofs.map(({ kind }) => kind))];
  return markup`<section>
<h3><code>${repository}</code></h3>
<dl><dt>Digest</dt><dd class="wide"><code>${digest}</code></dd>
<dt>Tags</dt><dd>${tags.map(({ tag, state }, position) => [position > 0 && ", ", markup`<code>${tag}</code> ${stateMark(state)}`])}</dd>
<dt>Proofs</dt><dd>${kinds.length === 0 ? "none is noted" : kinds.join(", ")}</dd></dl>
${drifted.length > 0 && markup`<ul>${drifted.map(({ tag, served, reason }) => markup`<li><code>${tag}</code>: ${served !== "" && markup`has ${digestMark(served)}; `}${said(reason)}</li>`)}</ul>`}${platformTable(repository, platforms, index)}${commands([`docker pull ${shellWord(`${repository}@${digest}`)}`, ...verify])}</section>
`;
}

function platformTable(repository: string, platforms: PageImage["platforms"], index: number): Part {
  if ("notAvailable" in platforms)
    return markup`<p>Platforms are not available: ${platforms.notAvailable}</p>\n`;
  return table(
    `Platforms of ${repository} (${index + 1})`,
    ["Platform", "Digest", { number: "Size" }, "Since the version before"],
    platforms.map(({ platform, digest, size, before }) => [
      platform,
      digestMark(digest),
      shownBytes(size),
      before === undefined ? "" : shownGrowth(before, size),
    ]),
  );
}

/** Files of a release with what they are checked by. */
export function fileTable(label: string, files: readonly PageFile[]): Markup {
  return table(
    label,
    ["File", { number: "Size" }, "State", "SHA-256"],
    files.map(({ name, size, url, state, reason, sha256 }) => [
      url === undefined ? markup`<code>${name}</code>` : markup`<a href="${url}"><code>${name}</code></a>`,
      size === undefined ? "–" : shownBytes(size),
      [stateMark(state), reason !== undefined && [": ", said(reason)]],
      markup`<span class="wide"><code>${sha256}</code></span>`,
    ]),
  );
}

function changes({ from, packages, notKnown }: VersionPage): Part {
  if (from === undefined) return markup`<p>There is no version before it to compare with.</p>\n`;
  const unknown =
    notKnown.length > 0 && markup`<ul>${notKnown.map((text) => markup`<li>${text}</li>`)}</ul>\n`;
  if ("notAvailable" in packages)
    return markup`<p>Packages are not available: ${packages.notAvailable}.</p>\n${unknown}`;
  const changed = packages.list.filter(({ change }) => change !== undefined);
  const shown = changed.slice(0, mostChanges);
  const rest = changed.length - shown.length;
  return markup`<p>${changed.length === 0 ? "No package has changed" : `${counted(changed.length, "package")} changed`} since ${from}.</p>
${shown.length > 0 && packageTable(`Packages that have changed since ${from}`, packages.images, shown)}${rest > 0 && markup`<p><a href="packages.html">${rest} more</a></p>\n`}${unknown}`;
}

/** Packages with what has become of them. */
export function packageTable(
  label: string,
  images: readonly string[],
  list: readonly Extract<VersionPage["packages"], { list: unknown }>["list"][number][],
): Markup {
  return table(
    label,
    ["Package", "Version", "Change", "In"],
    list.map(({ name, versions, change, before, in: where }) => [
      markup`<code>${name}</code>`,
      versions.join(", "),
      change === undefined ? "" : [change, before !== undefined && ` (before: ${before.join(", ")})`],
      whereText(
        where.map((position) => images[position] ?? ""),
        images.length,
      ),
    ]),
  );
}

/** Names that are told one by one. */
const mostNames = 3;

function whereText(names: readonly string[], all: number): string {
  if (names.length === 0) return "nowhere any more";
  if (names.length <= mostNames) return names.join(", ");
  return names.length === all ? `all ${all}` : `${names.length} of ${all}`;
}

function vulnerabilities({ vulnerabilities: found }: VersionPage): Part {
  if ("notAvailable" in found) return markup`<p>Not available: ${found.notAvailable}.</p>\n`;
  const { list, lacking } = found;
  const without =
    lacking.length > 0 &&
    markup`<p>Not available for ${lacking.slice(0, mostNames).join(", ")}${lacking.length > mostNames && ` and ${lacking.length - mostNames} more`}: no report of a scan is attached.</p>\n`;
  if (list.length === 0) return markup`<p>The scans of the release have found none.</p>\n${without}`;
  return markup`${table(
    "Vulnerabilities that scans have found",
    ["Vulnerability", "Severity", "Package", "Fixed in", "Change", "What it is"],
    list.map(({ id, severity, title, package: name = "", version = "", fixedVersion = "", change = "" }) => [
      id,
      severity,
      `${name} ${version}`.trim(),
      fixedVersion,
      change,
      title,
    ]),
  )}${without}`;
}

/** Every package of a version. */
export function packagesView({ version, from, packages }: VersionPage): PageView {
  const more = markup`<p><a href="index.html">Version ${version}</a></p>\n`;
  const heading = markup`Packages of ${version}`;
  const title = `Packages of ${version}`;
  if ("notAvailable" in packages)
    return { title, heading, lead: more, body: markup`<p>Not available: ${packages.notAvailable}.</p>` };
  const { list, images, lacking } = packages;
  const changed = list.filter(({ change }) => change !== undefined).length;
  return {
    title,
    heading,
    lead: markup`${more}<p>${counted(list.length, "package")} in ${counted(images.length, "image")}, as SBOMs have them${from !== undefined && `; ${changed} changed since ${from}`}.</p>
${lacking.length > 0 && markup`<p>No SBOM is attached to ${lacking.slice(0, mostNames).join(", ")}${lacking.length > mostNames && ` and ${lacking.length - mostNames} more`}.</p>\n`}`,
    body: packageTable(title, images, list),
  };
}
