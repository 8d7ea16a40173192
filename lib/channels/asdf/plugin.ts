import { digestHex } from "../../oci/digest";
import { bareVersion } from "../../version/version";
import { ChannelError, type ChannelArtifact } from "../artifact";
import { downloadScript, installScript, listScript } from "./scripts";

/** A plugin of asdf, as it is declared. */
export interface AsdfPlugin {
  /** Name of the tool, which users type. */
  readonly name: string;
  readonly version: string;
}

/** Archives that the plugin unpacks. */
const unpacked: readonly string[] = ["tar.gz", "zip"];

/** Systems that asdf runs on. */
const systems: readonly string[] = ["linux", "darwin", "freebsd", "netbsd", "openbsd"];

/** What is said in a list, of which a shell reads line by line: columns are parted by tabs. */
const columnPattern = /^[^\t\n\r]+$/;

/** Finds the version in the list of one. */
export const asdfVersionPattern = "^version\\t(.+)$";

/** Path of the list of a version. */
export function asdfVersionFile(version: string): string {
  return `versions/${bareVersion(version)}`;
}

/** Programs of the plugin, which are started by asdf. */
export const asdfPrograms: readonly string[] = ["bin/list-all", "bin/download", "bin/install"];

/**
 * Renders a plugin of asdf, which mise takes too (https://asdf-vm.com/plugins/create.html), and the list
 * of a version: where its archives are, by platform, with their sums. Lists of former versions stay beside it,
 * so nothing is asked but the host of the archive.
 *
 * @param artifacts one archive a platform; those of systems without asdf are left out
 * @returns the files, by path
 * @throws ChannelError for what the plugin cannot install
 */
export function renderAsdfPlugin(
  { name, version }: AsdfPlugin,
  artifacts: readonly ChannelArtifact[],
): Record<string, string> {
  if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
    throw new ChannelError(
      "name",
      `${JSON.stringify(name)}: asdf's rule: letters, digits, _ and - (a valid example: "hello")`,
    );
  }
  const own = artifacts.filter(({ platform }) => systems.includes(platform.split("/")[0] ?? ""));
  if (own.length === 0)
    throw new ChannelError("archive", `has none of the systems of asdf, ${systems.join(", ")}`);
  const lines = [["version", bareVersion(version)], ...own.flatMap(archiveLines)];
  for (const column of lines.flat()) {
    if (!columnPattern.test(column))
      throw new ChannelError(
        "archive",
        `${JSON.stringify(column)} has a tab or a line feed, which ends a column`,
      );
  }
  return {
    "bin/list-all": listScript(),
    "bin/download": downloadScript(name),
    "bin/install": installScript(name),
    [asdfVersionFile(version)]: lines.map((line) => `${line.join("\t")}\n`).join(""),
  };
}

function archiveLines({ name, platform, format, url, digest, root, programs }: ChannelArtifact): string[][] {
  if (!unpacked.includes(format))
    throw new ChannelError("archive", `${name}: the plugin unpacks ${unpacked.join(" and ")}`);
  if (programs.length === 0) throw new ChannelError("archive", `${name} has no program`);
  return [
    ["archive", platform, format, digestHex(digest), url],
    ...programs.map((file) => ["program", platform, root === undefined ? file : `${root}/${file}`]),
  ];
}
