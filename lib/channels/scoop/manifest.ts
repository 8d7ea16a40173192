import { defined } from "../../objects/defined";
import { digestHex } from "../../oci/digest";
import { bareVersion } from "../../version/version";
import { ChannelError, type ChannelArtifact } from "../artifact";

/** A manifest, as it is declared. */
export interface ScoopDeclaration {
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  /** SPDX expression. */
  readonly license: string;
  /**
   * Programs that get onto the path, by their paths in the archive below its root. Default: those of
   * the archive.
   */
  readonly programs?: readonly string[] | undefined;
  readonly notes?: string | undefined;
  /** Other manifests that it needs, e.g. `main/docker`. */
  readonly dependencies?: readonly string[] | undefined;
  /** Name of the sums file beside the archives, for `scoop` to update the manifest by. */
  readonly sumsFile?: string | undefined;
}

/** Scoop's names of platforms. */
const architectures: Readonly<Record<string, string>> = {
  "windows/amd64": "64bit",
  "windows/386": "32bit",
  "windows/arm64": "arm64",
};

/** Platforms that a manifest can have. */
export const scoopPlatforms: readonly string[] = Object.keys(architectures);

/**
 * Renders a manifest of a Scoop bucket (https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests),
 * with `autoupdate` for those who look after their bucket by `scoop` itself.
 *
 * @param artifacts one archive a platform; those of other systems are left out
 * @throws ChannelError for what a manifest cannot say
 */
export function renderScoopManifest(
  manifest: ScoopDeclaration,
  artifacts: readonly ChannelArtifact[],
): string {
  const own = artifacts.filter(({ platform }) => scoopPlatforms.includes(platform));
  const [first] = own;
  if (!first) {
    throw new ChannelError(
      "archive",
      `has none of the platforms of Scoop, ${scoopPlatforms.join(", ")}: where the programs have none for Windows, ` +
        "declare an archive for windows/amd64 with a script that runs them in another way, and name that",
    );
  }
  const version = bareVersion(manifest.version);
  const { description, homepage, license, notes, dependencies } = manifest;
  const content = defined({
    version,
    description,
    homepage,
    license: scoopLicense(license),
    notes: notes?.trimEnd().split("\n"),
    depends: dependencies,
    architecture: Object.fromEntries(
      own.map((artifact) => [architectures[artifact.platform] ?? "", platformPart(manifest, artifact)]),
    ),
    checkver: checkver(first, version),
    autoupdate: autoupdate(manifest, own, version),
  });
  return `${JSON.stringify(content, undefined, 4)}\n`;
}

function platformPart({ programs }: ScoopDeclaration, artifact: ChannelArtifact) {
  const { url, root, contents, name, format } = artifact;
  for (const file of programs ?? []) {
    if (contents.includes(file)) continue;
    throw new ChannelError("programs", `${JSON.stringify(file)} is not in ${name}`);
  }
  if (format === "gz" || format === "tar.zst") {
    throw new ChannelError("archive", `${name}: Scoop unpacks zip and tar.gz, and takes a program as it is`);
  }
  const bin = programs ?? artifact.programs;
  if (bin.length === 0) throw new ChannelError("programs", `${name} has no program`);
  return defined({
    url: addressOf(artifact, url),
    hash: digestHex(artifact.digest),
    extract_dir: root,
    bin: bin.map((file) => file.replaceAll("/", "\\")),
  });
}

/** A program that is no archive is given its name behind the address, where Scoop looks for one. */
function addressOf({ format, programs }: ChannelArtifact, url: string): string {
  return format === "binary" ? `${url}#/${programs[0] ?? ""}` : url;
}

/** Scoop takes SPDX identifiers, several with `|` for a choice and `,` for all of them. */
function scoopLicense(expression: string): string {
  return expression.replaceAll(/\s+OR\s+/g, "|").replaceAll(/\s+AND\s+/g, ",");
}

/** GitHub tells which release is the latest one; of other hosts Scoop is told nothing. */
function checkver({ url }: ChannelArtifact, version: string) {
  const repository = /^https:\/\/github\.com\/[^/]+\/[^/]+(?=\/releases\/download\/)/.exec(url)?.[0];
  if (repository === undefined || !url.includes(version)) return undefined;
  return { github: repository };
}

function autoupdate({ sumsFile }: ScoopDeclaration, artifacts: readonly ChannelArtifact[], version: string) {
  if (artifacts.some((artifact) => checkver(artifact, version) === undefined)) return undefined;
  const later = (text: string) => text.replaceAll(version, "$version");
  return defined({
    architecture: Object.fromEntries(
      artifacts.map((artifact) => [
        architectures[artifact.platform] ?? "",
        defined({
          url: addressOf(artifact, later(artifact.url)),
          extract_dir: artifact.root === undefined ? undefined : later(artifact.root),
        }),
      ]),
    ),
    hash: sumsFile === undefined ? undefined : { url: `$baseurl/${sumsFile}` },
  });
}
