import { digestHex } from "../../oci/digest";
import { shellWord } from "../../text/shell-word";
import { bareVersion } from "../../version/version";
import { ChannelError, checkContained, fileName, type ChannelArtifact } from "../artifact";
import { completionPath, declaredCompletions, declaredManPages, type ExtraFiles } from "../extra-files";
import { nixScript, nixString } from "./text";

/** A flake, as it is declared. Paths are those in the archive, below its root. */
export interface NixFlake extends ExtraFiles {
  /** Name of the package: `nix run github:OWNER/REPOSITORY#NAME`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license?: string | undefined;
  /** Where nixpkgs is. */
  readonly nixpkgs: string;
  /**
   * Whether programs for Linux are given the loader and the libraries of nixpkgs, which those need that
   * are not linked statically.
   */
  readonly autoPatchelf?: boolean | undefined;
  /** Packages of nixpkgs with libraries that the programs need, e.g. `openssl`. */
  readonly libraries?: readonly string[] | undefined;
}

/** Systems of Nix, by platform. */
const systems: readonly (readonly [platform: string, system: string])[] = [
  ["linux/amd64", "x86_64-linux"],
  ["linux/arm64", "aarch64-linux"],
  ["darwin/amd64", "x86_64-darwin"],
  ["darwin/arm64", "aarch64-darwin"],
];

/** What unpacks an archive that the standard environment of nixpkgs does not. */
const unpackers: Partial<Record<ChannelArtifact["format"], string>> = { zip: "unzip", "tar.zst": "zstd" };

/** Finds the version in a flake. */
export const flakeVersionPattern = '^ *version = "(.+)";$';

/**
 * Renders a flake with the released programs as a package for each system
 * (https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake).
 *
 * @param artifacts one archive a platform; those of other platforms are left out
 * @throws ChannelError for what a flake cannot say
 */
export function renderFlake(flake: NixFlake, artifacts: readonly ChannelArtifact[]): string {
  checkName(flake.name);
  checkDescription(flake.description);
  const own = systems.flatMap(([platform, system]) => {
    const artifact = artifacts.find((one) => one.platform === platform);
    return artifact === undefined ? [] : [{ system, artifact }];
  });
  if (own.length === 0) {
    const known = systems.map(([platform]) => platform).join(", ");
    throw new ChannelError("archive", `has none of the platforms of Nix, ${known}`);
  }
  const lines = installed(
    flake,
    own.map(({ artifact }) => artifact),
  );
  return [
    "{",
    `  description = ${nixString(flake.description)};`,
    "",
    `  inputs.nixpkgs.url = ${nixString(flake.nixpkgs)};`,
    "",
    "  outputs =",
    "    { self, nixpkgs }:",
    "    let",
    `      version = ${nixString(bareVersion(flake.version))};`,
    "      sources = {",
    ...own.flatMap(({ system, artifact }) => [
      `        ${system} = {`,
      `          url = ${nixString(artifact.url)};`,
      `          hash = ${nixString(sriHash(artifact.digest))};`,
      `          root = ${nixString(artifact.root ?? ".")};`,
      "        };",
    ]),
    "      };",
    "      packageFor =",
    "        system: source:",
    "        let",
    "          pkgs = nixpkgs.legacyPackages.${system};",
    "        in",
    "        pkgs.stdenvNoCC.mkDerivation {",
    `          pname = ${nixString(flake.name)};`,
    "          inherit version;",
    "          src = pkgs.fetchurl { inherit (source) url hash; };",
    ...derivation(
      flake,
      own.map(({ artifact }) => artifact),
      lines,
    ).map((line) => `          ${line}`),
    "        };",
    "    in",
    "    {",
    "      packages = builtins.mapAttrs (system: source: rec {",
    `        ${flake.name} = packageFor system source;`,
    ...(flake.name === "default" ? [] : [`        default = ${flake.name};`]),
    "      }) sources;",
    "    };",
    "}",
    "",
  ].join("\n");
}

/** The digest as Nix and browsers have it (https://www.w3.org/TR/SRI/). */
export function sriHash(digest: string): string {
  return `sha256-${Buffer.from(digestHex(digest), "hex").toString("base64")}`;
}

/** @param lines what installs the files */
function derivation(
  flake: NixFlake,
  artifacts: readonly ChannelArtifact[],
  lines: readonly string[],
): string[] {
  const { homepage, license, description, autoPatchelf, libraries = [] } = flake;
  const [first] = artifacts;
  const tools = new Set(artifacts.flatMap(({ format }) => unpackers[format] ?? []));
  const inputs = [...tools].map((tool) => `pkgs.${tool}`);
  const linux = "pkgs.lib.optionals pkgs.stdenvNoCC.hostPlatform.isLinux";
  return [
    ...(first?.format === "binary" ? ["dontUnpack = true;"] : ["sourceRoot = source.root;"]),
    ...(autoPatchelf === true
      ? [
          `nativeBuildInputs = [ ${[...inputs, ""].join(" ")}] ++ ${linux} [ pkgs.autoPatchelfHook ];`,
          `buildInputs = ${linux} [ ${["stdenv.cc.cc.lib", ...libraries].map((one) => `pkgs.${one}`).join(" ")} ];`,
        ]
      : inputs.length > 0
        ? [`nativeBuildInputs = [ ${inputs.join(" ")} ];`]
        : []),
    "dontConfigure = true;",
    "dontBuild = true;",
    // A program that is signed is not one any more when symbols are taken out of it.
    "dontStrip = true;",
    ...withHead("installPhase = ", nixScript(["runHook preInstall", ...lines, "runHook postInstall"], "")),
    "meta = {",
    `  description = ${nixString(description)};`,
    `  homepage = ${nixString(homepage)};`,
    ...(license === undefined ? [] : [`  license = ${nixString(license)};`]),
    `  mainProgram = ${nixString(fileName(first?.programs[0] ?? ""))};`,
    "  platforms = builtins.attrNames sources;",
    "  sourceProvenance = [ nixpkgs.lib.sourceTypes.binaryNativeCode ];",
    "};",
  ];
}

function withHead(head: string, [first = "", ...others]: readonly string[]): string[] {
  return [`${head}${first}`, ...others];
}

/** What is installed, which is one script for all systems. */
function installed(flake: NixFlake, artifacts: readonly ChannelArtifact[]): string[] {
  const [first = [], ...others] = artifacts.map((artifact) => installedFrom(flake, artifact));
  if (others.some((lines) => lines.join("\n") !== first.join("\n"))) {
    throw new ChannelError(
      "archive",
      "has its programs at other paths for one platform than for another, and a flake has one way to install",
    );
  }
  return first;
}

function installedFrom(flake: NixFlake, artifact: ChannelArtifact): string[] {
  const { format, programs, name } = artifact;
  if (format === "gz") {
    throw new ChannelError("archive", `${name}: tar.gz, tar.zst, zip or a program as it is are expected`);
  }
  if (programs.length === 0) throw new ChannelError("archive", `${name} has no program`);
  const install = (mode: string, from: string, to: string) =>
    `install -Dm${mode} ${from} "$out"/${shellWord(to)}`;
  const extra = (one: { file: string; field: string }, to: string) => {
    checkContained(artifact, one.field, one.file);
    return install("644", shellWord(one.file), to);
  };
  return [
    ...programs.map((file) =>
      install("755", format === "binary" ? '"$src"' : shellWord(file), `bin/${fileName(file)}`),
    ),
    ...declaredCompletions(flake).map((one) => extra(one, `share/${completionPath(one.shell, one.file)}`)),
    ...declaredManPages(flake).map((one) => extra(one, `share/man/man${one.section}/${fileName(one.file)}`)),
  ];
}

/** @throws ChannelError for what no attribute of a flake is named */
function checkName(name: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) && !keywords.has(name)) return;
  throw new ChannelError(
    "name",
    `${JSON.stringify(name)} is not a name of a package of a flake: letters, digits, _ and - are expected, a letter ` +
      'first, and no word of the language (a valid example: "hello")',
  );
}

const keywords = new Set(["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"]);

/** @throws ChannelError with the rule of nixpkgs (its manual, `meta.description`) */
function checkDescription(description: string): void {
  const refuse = (rule: string): never => {
    const given = JSON.stringify(description);
    throw new ChannelError(
      "description",
      `${given}: the rule of nixpkgs: ${rule} (a valid example: "Greets the world")`,
    );
  };
  if (description.trim() !== description) refuse("no space at the beginning or the end");
  if (/^(the|an?)\s/i.test(description)) refuse("it does not start with an article");
  if (/^[a-z]/.test(description)) refuse("it starts with a capital letter");
  if (description.endsWith(".")) refuse("it does not end with a full stop");
}
