import { digestHex } from "../../oci/digest";
import { bareVersion } from "../../version/version";
import { ChannelError, fileName, type ChannelArtifact } from "../artifact";

/** A package of winget, as it is declared. */
export interface WingetPackage {
  /** `Publisher.Name`, with up to six further words. */
  readonly identifier: string;
  readonly version: string;
  readonly publisher: string;
  readonly packageName: string;
  /** What it is, in one line. */
  readonly description: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license: string;
  readonly licenseUrl?: string | undefined;
  /** Short name that users can type in place of the identifier. */
  readonly moniker?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Day of the release, as `YYYY-MM-DD`. */
  readonly releaseDate?: string | undefined;
  readonly releaseNotesUrl?: string | undefined;
  /** Language of the texts (BCP 47). */
  readonly locale: string;
}

/** The version of the manifests' form that winget-pkgs recommends. */
const manifestVersion = "1.12.0";

/** winget's names of processors, by platform. */
const architectures: Readonly<Record<string, string>> = {
  "windows/amd64": "x64",
  "windows/386": "x86",
  "windows/arm64": "arm64",
  "windows/arm/v7": "arm",
};

/** `PackageIdentifier` of the schema: words without what Windows has no file names with. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
const identifierPattern = /^[^.\s\\/:*?"<>|\x01-\x1f]{1,32}(\.[^.\s\\/:*?"<>|\x01-\x1f]{1,32}){1,7}$/;

/** Finds the version in the manifest of one. */
export const wingetVersionPattern = '^PackageVersion: "(.+)"$';

/** Folder of a version in a repository of winget: each version has one, and all of them stay. */
export function wingetFolder(identifier: string, version: string): string {
  const first = identifier.slice(0, 1).toLowerCase();
  return ["manifests", first, ...identifier.split("."), bareVersion(version)].join("/");
}

/** Path of the manifest that says which version the others are of. */
export function wingetVersionFile(identifier: string, version: string): string {
  return `${wingetFolder(identifier, version)}/${identifier}.yaml`;
}

/**
 * Renders the three manifests of a version, by their paths
 * (https://github.com/microsoft/winget-cli/tree/master/schemas/JSON/manifests/v1.12.0).
 *
 * @param artifacts one file a platform; those of other systems are left out
 * @throws ChannelError for what winget refuses
 */
export function renderWingetManifests(
  declared: WingetPackage,
  artifacts: readonly ChannelArtifact[],
): Record<string, string> {
  const { identifier, version, locale } = declared;
  check(declared);
  const own = artifacts.filter(({ platform }) => platform in architectures);
  if (own.length === 0) {
    const known = Object.keys(architectures).join(", ");
    throw new ChannelError("archive", `has none of the platforms of winget, ${known}`);
  }
  const folder = wingetFolder(identifier, version);
  const head = [`PackageIdentifier: ${text(identifier)}`, `PackageVersion: ${text(bareVersion(version))}`];
  return {
    [wingetVersionFile(identifier, version)]: manifest("version", [
      ...head,
      `DefaultLocale: ${text(locale)}`,
    ]),
    [`${folder}/${identifier}.installer.yaml`]: manifest("installer", [
      ...head,
      ...field("ReleaseDate", declared.releaseDate),
      "Installers:",
      ...own.flatMap(installer),
    ]),
    [`${folder}/${identifier}.locale.${locale}.yaml`]: manifest("defaultLocale", [
      ...head,
      `PackageLocale: ${text(locale)}`,
      `Publisher: ${text(declared.publisher)}`,
      `PackageName: ${text(declared.packageName)}`,
      `PackageUrl: ${text(declared.homepage)}`,
      `License: ${text(declared.license)}`,
      ...field("LicenseUrl", declared.licenseUrl),
      `ShortDescription: ${text(declared.description)}`,
      ...field("Moniker", declared.moniker),
      ...(declared.tags === undefined ? [] : ["Tags:", ...declared.tags.map((tag) => `  - ${text(tag)}`)]),
      ...field("ReleaseNotesUrl", declared.releaseNotesUrl),
    ]),
  };
}

function manifest(type: "version" | "installer" | "defaultLocale", lines: readonly string[]): string {
  const schema = `https://aka.ms/winget-manifest.${type.toLowerCase()}.${manifestVersion}.schema.json`;
  const end = [`ManifestType: ${type}`, `ManifestVersion: ${manifestVersion}`, ""];
  return [`# yaml-language-server: $schema=${schema}`, "", ...lines, ...end].join("\n");
}

/** A program as it is, or several in a zip, which winget unpacks and links to. */
function installer(artifact: ChannelArtifact): string[] {
  const { name, format, platform, url, digest, programs, root } = artifact;
  if (format !== "zip" && format !== "binary") {
    throw new ChannelError(
      "archive",
      `${name}: winget takes zip, and a program as it is: declare formats: { windows: "zip" }`,
    );
  }
  if (programs.length === 0) throw new ChannelError("archive", `${name} has no program`);
  for (const program of programs) {
    if (/\.exe$/i.test(program)) continue;
    throw new ChannelError("archive", `${name}: ${program} is no .exe, and winget links to nothing else`);
  }
  const path = (program: string) =>
    (root === undefined ? program : `${root}/${program}`).replaceAll("/", "\\");
  const command = (program: string) => fileName(program).replace(/\.exe$/i, "");
  const portable =
    format === "binary"
      ? [
          "    InstallerType: portable",
          "    Commands:",
          ...programs.map((one) => `      - ${text(command(one))}`),
        ]
      : [
          "    InstallerType: zip",
          "    NestedInstallerType: portable",
          "    NestedInstallerFiles:",
          ...programs.flatMap((one) => [
            `      - RelativeFilePath: ${text(path(one))}`,
            `        PortableCommandAlias: ${text(command(one))}`,
          ]),
        ];
  return [
    `  - Architecture: ${architectures[platform] ?? ""}`,
    ...portable,
    `    InstallerUrl: ${text(url)}`,
    // Capitals, as the tools of winget write it.
    `    InstallerSha256: ${digestHex(digest).toUpperCase()}`,
  ];
}

function field(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}: ${text(value)}`];
}

/** A string of YAML: JSON's are. */
function text(value: string): string {
  return JSON.stringify(value);
}

/** @throws ChannelError with winget's rule (its schemas) */
function check(declared: WingetPackage): void {
  const { identifier, version, locale, moniker, tags = [], releaseDate } = declared;
  const refuse = (property: string, value: string, rule: string, example: string): never => {
    throw new ChannelError(
      property,
      `${JSON.stringify(value)}: winget's rule: ${rule} (a valid example: ${JSON.stringify(example)})`,
    );
  };
  if (!identifierPattern.test(identifier) || identifier.length > 128) {
    const rule = "two to eight words of at most 32 characters, joined by dots: the publisher and the name";
    refuse("identifier", identifier, rule, "Acme.Hello");
  }
  if (bareVersion(version).length > 128) refuse("version", version, "at most 128 characters", "1.2.0");
  if (!/^([a-z]{2,3})(-[a-zA-Z]{1,8})*$/.test(locale) || locale.length > 20) {
    refuse("locale", locale, "a language, and a region where it has one", "en-US");
  }
  const lengths = {
    publisher: [2, 256, "Acme"],
    packageName: [2, 256, "Hello"],
    license: [3, 512, "Apache-2.0"],
    description: [3, 256, "Greets the world"],
  } as const;
  for (const [property, [least, most, example]] of Object.entries(lengths)) {
    const value = declared[property as keyof typeof lengths];
    const { length } = [...value];
    if (length < least || length > most) {
      refuse(property, value, `${least} to ${most} characters, not ${length}`, example);
    }
  }
  for (const tag of moniker === undefined ? tags : [moniker, ...tags]) {
    if ([...tag].length > 40)
      refuse(tag === moniker ? "moniker" : "tags", tag, "at most 40 characters", "hello");
  }
  if (tags.length > 16 || new Set(tags).size < tags.length) {
    refuse("tags", tags.join(", "), "at most 16 tags, each once", "cli");
  }
  if (releaseDate !== undefined && !isDay(releaseDate))
    refuse("releaseDate", releaseDate, "a day", "2026-11-30");
}

function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) && day.length === 10;
}
