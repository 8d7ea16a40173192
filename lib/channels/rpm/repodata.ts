import { digestHex } from "../../oci/digest";
import type { LayerEntry } from "../../oci/layer/entry";
import { plainText, xmlText } from "../../text/xml";
import type { RpmDescription } from "./description";
import { installedSize, interpretersOf, ownProvides, type RpmPackage, type WrittenRpm } from "./package";
import type { RpmRange } from "./range";
import { rpmRelations, type Comparison, type RpmRelation } from "./relation";

/** Lists of a repository. */
export const listNames = ["primary", "filelists", "other"] as const;

export type ListName = (typeof listNames)[number];

/** What the lists of a repository have of a package: a fragment of each. */
export type RpmFragments = Readonly<Record<ListName, string>>;

/** A package as the lists of a repository have it. */
export interface RpmListed {
  /** Path of the file in the repository. */
  readonly file: string;
  readonly digest: string;
  readonly fragments: RpmFragments;
}

/** Lists that are not as this program writes them. */
export class RepodataError extends Error {
  override readonly name = "RepodataError";
}

const flags: Readonly<Record<Comparison, string>> = {
  "<": "LT",
  "<=": "LE",
  "=": "EQ",
  ">=": "GE",
  ">": "GT",
};

/** What of a file system the first list has, so that dnf finds most files without the second. */
const isPrimaryFile = (file: string) =>
  file.startsWith("/etc/") || file.includes("bin/") || file === "/usr/lib/sendmail";

/** Where a package is in a repository. */
function rpmPath({ name, version, release, architecture }: RpmDescription): string {
  return `packages/${name.charAt(0)}/${name}-${version}-${release}.${architecture}.rpm`;
}

/**
 * The fragments of a package.
 *
 * Source: createrepo_c, src/xml_dump_*.c; there is no other specification.
 */
export function rpmFragments(
  { description, entries, scripts }: RpmPackage,
  written: WrittenRpm,
  range: RpmRange,
): RpmFragments {
  const { name, version, release, architecture } = description;
  const pkgid = digestHex(written.digest);
  const files = entries.map((entry) => fileLine(entry));
  const start = `<package pkgid="${pkgid}" name="${xmlText(name)}" arch="${xmlText(architecture)}">`;
  const versionLine = versionText(version, release);
  return {
    primary: primaryText({ description, entries, scripts }, written, range),
    filelists: `${start}${versionLine}${files.join("")}</package>\n`,
    other: `${start}${versionLine}</package>\n`,
  };
}

function primaryText(
  { description, entries, scripts }: Pick<RpmPackage, "description" | "entries" | "scripts">,
  { digest, size }: WrittenRpm,
  { headerStart, headerEnd, payloadSize }: RpmRange,
): string {
  const { name, version, release, architecture, summary, license, packager, url = "" } = description;
  const relations = rpmRelations.flatMap((kind) => {
    const provided = kind === "provides" ? [ownProvides(description)] : [];
    const list = [...provided, ...(description.relations?.[kind] ?? [])];
    const declared = new Set(list.map((one) => one.name));
    const found = kind === "requires" ? interpretersOf(scripts).map(({ one }) => one) : [];
    const all = [...list, ...found.filter((one) => !declared.has(one.name))];
    return all.length === 0 ? [] : [`<rpm:${kind}>${all.map(relationText).join("")}</rpm:${kind}>`];
  });
  const files = entries.filter(({ path }) => isPrimaryFile(path)).map(fileLine);
  return [
    '<package type="rpm">',
    `<name>${xmlText(name)}</name><arch>${xmlText(architecture)}</arch>${versionText(version, release)}`,
    `<checksum type="sha256" pkgid="YES">${digestHex(digest)}</checksum>`,
    `<summary>${xmlText(summary)}</summary><description>${xmlText(description.description)}</description>`,
    `<packager>${xmlText(packager)}</packager><url>${xmlText(url)}</url><time file="0" build="0"/>`,
    `<size package="${size}" installed="${installedSize(entries)}" archive="${payloadSize}"/>`,
    `<location href="${xmlText(rpmPath(description))}"/><format><rpm:license>${xmlText(license)}</rpm:license><rpm:vendor/>`,
    `<rpm:group>Unspecified</rpm:group><rpm:buildhost>localhost</rpm:buildhost>`,
    `<rpm:sourcerpm>${xmlText(`${name}-${version}-${release}.src.rpm`)}</rpm:sourcerpm>`,
    `<rpm:header-range start="${headerStart}" end="${headerEnd}"/>`,
    ...relations,
    ...files,
    "</format></package>\n",
  ].join("");
}

function versionText(version: string, release: string): string {
  return `<version epoch="0" ver="${xmlText(version)}" rel="${xmlText(release)}"/>`;
}

function relationText({ name, comparison, version = "" }: RpmRelation): string {
  if (comparison === undefined) return `<rpm:entry name="${xmlText(name)}"/>`;
  const [, epoch = "0", ver = "", rel] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(version) ?? [];
  const release = rel === undefined ? "" : ` rel="${xmlText(rel)}"`;
  return `<rpm:entry name="${xmlText(name)}" flags="${flags[comparison]}" epoch="${epoch}" ver="${xmlText(ver)}"${release}/>`;
}

function fileLine(entry: LayerEntry): string {
  const kind = entry.type === "directory" ? ' type="dir"' : "";
  return `<file${kind}>${xmlText(entry.path)}</file>`;
}

const heads: Readonly<Record<ListName, (count: number) => string>> = {
  primary: (count) =>
    `<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="${count}">`,
  filelists: (count) => `<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="${count}">`,
  other: (count) => `<otherdata xmlns="http://linux.duke.edu/metadata/other" packages="${count}">`,
};

const ends: Readonly<Record<ListName, string>> = {
  primary: "</metadata>",
  filelists: "</filelists>",
  other: "</otherdata>",
};

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A list of packages, in their order. */
export function listText(name: ListName, packages: readonly RpmListed[]): string {
  const fragments = packages.map((one) => one.fragments[name]).join("");
  return `${declaration}${heads[name](packages.length)}\n${fragments}${ends[name]}\n`;
}

/**
 * The packages of lists that this program has written.
 *
 * @throws RepodataError where the lists do not have the same packages
 */
export function parseLists(texts: Readonly<Record<ListName, string>>): RpmListed[] {
  const [filelists, other] = [fragmentsOf(texts.filelists), fragmentsOf(texts.other)];
  return fragmentsOf(texts.primary).map((primary, index) =>
    listedRpm({ primary, filelists: filelists[index] ?? "", other: other[index] ?? "" }),
  );
}

const fragmentEnd = "</package>\n";

function fragmentsOf(text: string): string[] {
  const parts = text.split(fragmentEnd);
  return parts.slice(0, -1).flatMap((part) => {
    const start = part.indexOf("<package ");
    return start < 0 ? [] : [`${part.slice(start)}${fragmentEnd}`];
  });
}

/**
 * A package by its fragments.
 *
 * @throws RepodataError where they are not of one package
 */
export function listedRpm(fragments: RpmFragments): RpmListed {
  const { primary, filelists, other } = fragments;
  const pkgid = /<checksum type="sha256" pkgid="YES">([0-9a-f]{64})<\/checksum>/.exec(primary)?.[1];
  const file = locationOf(primary);
  const isSame = [filelists, other].every((one) => one.startsWith(`<package pkgid="${pkgid}" `));
  if (pkgid === undefined || file === undefined || !isSame) {
    throw new RepodataError(
      `the lists do not have the same packages: ${file ?? JSON.stringify(primary.slice(0, 80))} is not in each of them`,
    );
  }
  return { file, digest: `sha256:${pkgid}`, fragments };
}

/** Where a package is that a list has: below the repository; undefined where that is not said. */
function locationOf(primary: string): string | undefined {
  const [, href] = /<location href="([^"]+)"\/>/.exec(primary) ?? [];
  const file = href === undefined ? undefined : plainText(href);
  return file === undefined || file.split("/").includes("..") ? undefined : file;
}

/** A list as `repomd.xml` names it. */
export interface NamedList {
  readonly name: ListName;
  /** Path of the compressed list in the repository. */
  readonly file: string;
  readonly digest: string;
  readonly size: number;
  readonly openDigest: string;
  readonly openSize: number;
}

/**
 * `repomd.xml`: which lists are the current ones.
 *
 * @param seconds since 1970, when it was made: dnf takes none that is older
 */
export function repomdText(lists: readonly NamedList[], seconds: number): string {
  const data = lists.map(
    ({ name, file, digest, size, openDigest, openSize }) =>
      `<data type="${name}"><checksum type="sha256">${digestHex(digest)}</checksum>` +
      `<open-checksum type="sha256">${digestHex(openDigest)}</open-checksum><location href="${file}"/>` +
      `<timestamp>${seconds}</timestamp><size>${size}</size><open-size>${openSize}</open-size></data>\n`,
  );
  return (
    `${declaration}<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">\n` +
    `<revision>${seconds}</revision>\n${data.join("")}</repomd>\n`
  );
}

/** What is read back of a `repomd.xml` of this program. Undefined for one of others. */
export function parseRepomd(
  text: string,
): { seconds: number; lists: ReadonlyMap<ListName, { file: string; digest: string }> } | undefined {
  const seconds = /<revision>(\d{1,12})<\/revision>/.exec(text)?.[1];
  if (seconds === undefined) return undefined;
  const lists = new Map<ListName, { file: string; digest: string }>();
  for (const name of listNames) {
    const start = text.indexOf(`<data type="${name}">`);
    const data = start < 0 ? "" : text.slice(start, text.indexOf("</data>", start));
    const hex = /<checksum type="sha256">([0-9a-f]{64})<\/checksum>/.exec(data)?.[1];
    const file = /<location href="(repodata\/[0-9a-f]{64}-[a-z]+\.xml\.gz)"\/>/.exec(data)?.[1];
    if (hex === undefined || file === undefined) return undefined;
    lists.set(name, { file, digest: `sha256:${hex}` });
  }
  return { seconds: Number(seconds), lists };
}
