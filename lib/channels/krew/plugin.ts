import { digestHex } from "../../oci/digest";
import { bareVersion } from "../../version/version";
import { ChannelError, fileName, type ChannelArtifact } from "../artifact";

/** A plugin of kubectl, as it is declared. */
export interface KrewPlugin {
  /** Name of the plugin: what stands behind `kubectl`. */
  readonly name: string;
  readonly version: string;
  /** What it is, in one line. */
  readonly shortDescription: string;
  readonly description?: string | undefined;
  readonly homepage: string;
  /** What a user has to know after the installation. */
  readonly caveats?: string | undefined;
  /** Program that kubectl starts, by its path in the archive below its root, without `.exe`. */
  readonly program?: string | undefined;
}

/** Longest line that `kubectl krew search` shows whole, in characters (`limitString` of Krew's search). */
const longestDescription = 50;

/** Names that Windows has for devices, which Krew refuses. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)$/;

const systems: readonly string[] = ["linux", "darwin", "windows"];

/** Finds the version in a manifest. */
export const pluginVersionPattern = '^ *version: "?(v[^"\\s]+)"?$';

/**
 * Renders the manifest of a plugin in an index of Krew
 * (https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/).
 *
 * @param artifacts one archive a platform; those of other systems are left out
 * @throws ChannelError for what Krew refuses
 */
export function renderKrewPlugin(plugin: KrewPlugin, artifacts: readonly ChannelArtifact[]): string {
  const { name, version, shortDescription, description, homepage, caveats } = plugin;
  checkName(name);
  checkShortDescription(shortDescription);
  const own = artifacts.filter(({ platform }) => systems.includes(platform.split("/")[0] ?? ""));
  if (own.length === 0) {
    throw new ChannelError("archive", `has none of the systems of Krew, ${systems.join(", ")}`);
  }
  checkSelectors(own);
  return [
    "apiVersion: krew.googlecontainertools.github.com/v1alpha2",
    "kind: Plugin",
    "metadata:",
    `  name: ${name}`,
    "spec:",
    `  version: ${text(`v${bareVersion(version)}`)}`,
    `  homepage: ${text(homepage)}`,
    `  shortDescription: ${text(shortDescription)}`,
    ...(description === undefined ? [] : [`  description: ${text(description)}`]),
    ...(caveats === undefined ? [] : [`  caveats: ${text(caveats)}`]),
    "  platforms:",
    ...own.flatMap((artifact) => platformPart(plugin, artifact)),
    "",
  ].join("\n");
}

function platformPart(plugin: KrewPlugin, artifact: ChannelArtifact): string[] {
  const { name, format, platform, url, digest, root } = artifact;
  if (format !== "tar.gz" && format !== "zip") {
    throw new ChannelError("archive", `${name}: Krew unpacks tar.gz and zip, and nothing else`);
  }
  const program = programOf(plugin, artifact);
  const { os, arch } = selectorOf(platform);
  return [
    "    - selector:",
    "        matchLabels:",
    `          os: ${os}`,
    `          arch: ${text(arch)}`,
    `      uri: ${text(url)}`,
    `      sha256: ${text(digestHex(digest))}`,
    `      bin: ${text(root === undefined ? program : `${root}/${program}`)}`,
  ];
}

/** The program that kubectl starts: `kubectl-NAME`, or the one that is declared. */
function programOf({ name, program }: KrewPlugin, { programs, name: file }: ChannelArtifact): string {
  const bare = (path: string) => path.replace(/\.exe$/, "");
  // kubectl looks for `_` where a name has `-`; both are in use.
  const isOwn = (path: string) => bare(fileName(path)).replaceAll("_", "-") === `kubectl-${name}`;
  const found = programs.find((path) => (program === undefined ? isOwn(path) : bare(path) === bare(program)));
  if (found !== undefined) return found;
  const known = programs.length === 0 ? "it has none" : `it has ${programs.join(", ")}`;
  const wanted = program ?? `kubectl-${name}`;
  throw new ChannelError("program", `there is no program ${JSON.stringify(wanted)} in ${file}; ${known}`);
}

/** Krew knows no variants: one archive is for all processors of a kind. */
function checkSelectors(artifacts: readonly ChannelArtifact[]): void {
  const seen = new Map<string, string>();
  for (const { platform } of artifacts) {
    const { os, arch } = selectorOf(platform);
    const other = seen.get(`${os}/${arch}`);
    if (other !== undefined) {
      throw new ChannelError("archive", `has ${other} and ${platform}, which are the same platform to Krew`);
    }
    seen.set(`${os}/${arch}`, platform);
  }
}

function selectorOf(platform: string): { os: string; arch: string } {
  const [os = "", arch = ""] = platform.split("/");
  return { os, arch };
}

/** A string of YAML: JSON's are. */
function text(value: string): string {
  return JSON.stringify(value);
}

/** @throws ChannelError with Krew's rule (its naming guide, and `IsSafePluginName`) */
function checkName(name: string): void {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && !devices.test(name)) return;
  throw new ChannelError(
    "name",
    `${JSON.stringify(name)}: Krew's rule: small letters and digits, words joined by -, and no device of Windows ` +
      '(a valid example: "view-logs")',
  );
}

/** @throws ChannelError with Krew's rule */
function checkShortDescription(description: string): void {
  const refuse = (rule: string): never => {
    const given = JSON.stringify(description);
    throw new ChannelError(
      "shortDescription",
      `${given}: Krew's rule: ${rule} (a valid example: "Greets the cluster")`,
    );
  };
  if (description.trim() === "" || /[\r\n]/.test(description)) refuse("one line");
  const { length } = [...description];
  if (length > longestDescription) refuse(`at most ${longestDescription} characters, not ${length}`);
}
