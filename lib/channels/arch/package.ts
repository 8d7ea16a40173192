import { isFileFormat } from "../../archive/format";
import { digestHex } from "../../oci/digest";
import { shellQuoted, shellWord } from "../../text/shell-word";
import { bareVersion } from "../../version/version";
import { ChannelError, checkContained, fileName, type ChannelArtifact } from "../artifact";
import { completionPath, declaredCompletions, declaredManPages, type ExtraFiles } from "../extra-files";
import { checkPackageDescription, checkPackageName, packageVersion } from "./names";

/** A package, as it is declared. Paths are those in the archive, below its root. */
export interface ArchPackage extends ExtraFiles {
  /** Name of the package, with `-bin`. */
  readonly name: string;
  /** Name of what it is for others that need it, or cannot be there beside it. */
  readonly provides: string;
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license: string;
  /** Who looks after it. */
  readonly maintainer: { readonly name: string; readonly email: string };
  /** Other packages that the programs need. */
  readonly dependencies?: readonly string[] | undefined;
  /** Packages that make more of it, with what for: `git: for private repositories`. */
  readonly optionalDependencies?: readonly string[] | undefined;
  /** Packages that install the same files. */
  readonly conflicts?: readonly string[] | undefined;
  /** Texts of licenses. */
  readonly licenseFiles?: readonly string[] | undefined;
  /** Units of systemd; nothing starts them but the user. */
  readonly systemdUnits?: readonly string[] | undefined;
}

/** Names of Arch Linux and of Arch Linux ARM, with the platforms that they are. */
const architectures: readonly (readonly [architecture: string, ...platforms: string[]])[] = [
  ["x86_64", "linux/amd64"],
  ["aarch64", "linux/arm64"],
  ["armv7h", "linux/arm/v7", "linux/arm"],
];

/** What systemd.unit(5) names. */
const unitPattern =
  /^[\w:.\\@-]+\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/** A field of a package: one value, or a list. */
type Field = readonly [name: string, value: string | readonly string[]];

/** A file that the package installs: from the folder of the sources, to the root of the file system. */
interface Installed {
  readonly mode: "755" | "644";
  readonly from: string;
  readonly to: string;
}

/** Finds the version in a `PKGBUILD`: as it is released, or as pacman has it. */
export const packageVersionPattern = "^_?pkgver=[\"']?([^\"'\\s]+)";

/**
 * Renders a package of released programs: `PKGBUILD` (PKGBUILD(5)) and `.SRCINFO`, which says the
 * same to those who run no shell, as `makepkg --printsrcinfo` does. Every source has its sum; there
 * are no install scripts.
 *
 * @param artifacts one archive a platform; those of other platforms are left out
 * @throws ChannelError for what the AUR or a package cannot carry
 */
export function renderArchPackage(
  declared: ArchPackage,
  artifacts: readonly ChannelArtifact[],
): { PKGBUILD: string; ".SRCINFO": string } {
  checkPackageName(declared.name);
  checkPackageDescription(declared.description);
  const own = architectures.flatMap(([architecture, ...platforms]) => {
    const artifact = artifacts.find(({ platform }) => platforms.includes(platform));
    return artifact === undefined ? [] : [{ architecture, artifact }];
  });
  if (own.length === 0) {
    const known = architectures.map(([, platform]) => platform).join(", ");
    throw new ChannelError("archive", `has none of the platforms of Arch Linux, ${known}`);
  }
  const sources = own.map((one) => ({ ...one, file: sourceFile(declared, one) }));
  const fields = fieldsOf(declared, sources);
  return { PKGBUILD: pkgbuild(declared, fields, sources), ".SRCINFO": srcinfo(declared, fields) };
}

interface Source {
  readonly architecture: string;
  readonly artifact: ChannelArtifact;
  /** Name under which it is downloaded; others of the user's downloads have other ones. */
  readonly file: string;
}

function sourceFile(
  { name, version }: ArchPackage,
  { architecture, artifact: { format } }: Omit<Source, "file">,
): string {
  const ending = format === "binary" ? "" : `.${format}`;
  return `${name}-${packageVersion(version)}-${architecture}${ending}`;
}

/** Everything that is said of the package, in the order of `.SRCINFO`. */
function fieldsOf(declared: ArchPackage, sources: readonly Source[]): Field[] {
  const { provides, dependencies = [], optionalDependencies = [], conflicts = [] } = declared;
  const version = packageVersion(declared.version);
  const fields: Field[] = [
    ["pkgdesc", declared.description],
    ["pkgver", version],
    ["pkgrel", "1"],
    ["url", declared.homepage],
    ["arch", sources.map(({ architecture }) => architecture)],
    ["license", [declared.license]],
    ["depends", dependencies],
    ["optdepends", optionalDependencies],
    ["provides", [`${provides}=${version}`]],
    ["conflicts", [...new Set([provides, ...conflicts])]],
    ["noextract", sources.filter(isUnpackedHere).map(({ file }) => file)],
    // Programs stay what was released, byte for byte.
    ["options", ["!strip"]],
    ...sources.flatMap(({ architecture, artifact, file }): Field[] => [
      [`source_${architecture}`, [`${file}::${artifact.url}`]],
      [`sha256sums_${architecture}`, [digestHex(artifact.digest)]],
    ]),
  ];
  return fields.filter(([, value]) => value.length > 0);
}

function srcinfo({ name }: ArchPackage, fields: readonly Field[]): string {
  const lines = fields.flatMap(([field, value]) =>
    [value].flat().map((one) => `\t${field} = ${one.replace(/\s+/g, " ").trim()}`),
  );
  return [`pkgbase = ${name}`, ...lines, "", `pkgname = ${name}`, ""].join("\n");
}

function pkgbuild(declared: ArchPackage, fields: readonly Field[], sources: readonly Source[]): string {
  const { name, version, maintainer } = declared;
  const lines = fields.map(([field, value]) =>
    typeof value === "string"
      ? `${field}=${shellWord(value)}`
      : `${field}=(${value.map(shellQuoted).join(" ")})`,
  );
  return [
    `# Maintainer: ${maintainer.name} <${maintainer.email}>`,
    "",
    `_pkgver=${shellWord(bareVersion(version))}`,
    `pkgname=${name}`,
    ...lines,
    ...(sources.some(isUnpackedHere) ? shellFunction("prepare", sources, unpacked) : []),
    ...shellFunction("package", sources, (source) => installedFrom(declared, source).map(installation)),
    "",
  ].join("\n");
}

/** Where `file` does not look into zstd, as Debian's, makepkg takes the compression away and no more. */
function isUnpackedHere({ artifact }: Source): boolean {
  return artifact.format === "tar.zst";
}

function unpacked(source: Source): string[] {
  if (!isUnpackedHere(source)) return [":"];
  return [`bsdtar -xf ${shellWord(source.file)}`];
}

function installation({ mode, from, to }: Installed): string {
  return `install -Dm${mode} "$srcdir"/${shellWord(from)} "$pkgdir"/${shellWord(to)}`;
}

/** A function of the shell; where it differs between architectures, with a case for each. */
function shellFunction(
  name: string,
  sources: readonly Source[],
  linesOf: (source: Source) => string[],
): string[] {
  const all = sources.map((source) => ({ architecture: source.architecture, lines: linesOf(source) }));
  const [{ lines: first } = { lines: [] }] = all;
  const isOne = all.every(({ lines }) => lines.join("\n") === first.join("\n"));
  const cases = all.flatMap(({ architecture, lines }) => [
    `  ${architecture})`,
    ...lines.map((line) => `    ${line}`),
    "    ;;",
  ]);
  const lines = isOne ? first : ['case "$CARCH" in', ...cases, "esac"];
  return ["", `${name}() {`, ...lines.map((line) => `  ${line}`), "}"];
}

function installedFrom(declared: ArchPackage, { artifact, file }: Source): Installed[] {
  const { licenseFiles = [], systemdUnits = [], name } = declared;
  const { format, programs, root } = artifact;
  if (programs.length === 0) throw new ChannelError("archive", `${artifact.name} has no program`);
  const below = (path: string) => (root === undefined ? path : `${root}/${path}`);
  const extra = (one: { file: string; field: string }, to: string): Installed => {
    checkContained(artifact, one.field, one.file);
    return { mode: "644", from: below(one.file), to };
  };
  return [
    ...programs.map((program): Installed => ({
      mode: "755",
      // A program without an archive has the name of the download.
      from: isFileFormat(format) ? file.replace(/\.gz$/, "") : below(program),
      to: `usr/bin/${fileName(program)}`,
    })),
    ...declaredCompletions(declared).map((one) =>
      extra(one, `usr/share/${completionPath(one.shell, one.file)}`),
    ),
    ...declaredManPages(declared).map((one) =>
      extra(one, `usr/share/man/man${one.section}/${fileName(one.file)}`),
    ),
    ...systemdUnits.map((unit, index) => {
      const field = `systemdUnits[${index}]`;
      if (!unitPattern.test(fileName(unit))) {
        throw new ChannelError(
          field,
          `${JSON.stringify(unit)} is no unit of systemd (a valid example: "systemd/hello.service")`,
        );
      }
      return extra({ file: unit, field }, `usr/lib/systemd/system/${fileName(unit)}`);
    }),
    ...licenseFiles.map((text, index) =>
      extra({ file: text, field: `licenseFiles[${index}]` }, `usr/share/licenses/${name}/${fileName(text)}`),
    ),
  ];
}
