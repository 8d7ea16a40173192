import { digestHex } from "../../oci/digest";
import { checkContained, ChannelError, fileName, type ChannelArtifact } from "../artifact";
import { aboutLines, appLines, snapArchitecture, yaml, type Snap } from "./snap";

/** What a snap has in it, apart from what it says of itself. */
export interface SnapContents {
  /** Programs of the distribution, which are in `bin`. */
  readonly programs: readonly string[];
  /** Paths of its other files. */
  readonly files: readonly string[];
}

/** Finds the version in a snapcraft.yaml. */
export const snapcraftVersionPattern = '^version: "([^"]+)"$';

/**
 * Renders a `snapcraft.yaml` that makes the same snap of the released archives, by their sums
 * (https://documentation.ubuntu.com/snapcraft/latest/reference/project-file).
 *
 * @param artifacts archives, of which those for the snap's platforms are taken
 * @throws ChannelError for what snapcraft cannot take from them
 */
export function renderSnapcraftYaml(
  snap: Snap,
  contents: SnapContents,
  platforms: readonly string[],
  artifacts: readonly ChannelArtifact[],
): string {
  const sources = platforms.map((platform) => {
    const artifact = artifacts.find((one) => one.platform === platform);
    if (artifact === undefined) throw new ChannelError("archive", `has nothing for ${platform}`);
    return { architecture: snapArchitecture(platform), artifact, moved: movedFiles(contents, artifact) };
  });
  const [first] = sources;
  if (first === undefined) throw new ChannelError("archive", "has nothing for any platform of the snap");
  const isSame = sources.every(({ moved }) => JSON.stringify(moved) === JSON.stringify(first.moved));
  if (!isSame)
    throw new ChannelError("archive", "has its files at other paths on one platform than on another");
  const staged = Object.values(first.moved);
  const organized = Object.entries(first.moved).filter(([from, to]) => from !== to);
  return [
    ...aboutLines(snap),
    "platforms:",
    ...sources.map(({ architecture }) => `  ${architecture}:`),
    ...appLines(snap),
    "parts:",
    `  ${yaml(snap.name)}:`,
    "    plugin: dump",
    "    source:",
    ...sources.map(({ architecture, artifact: { url } }) => `      - to ${architecture}: ${yaml(url)}`),
    "    source-checksum:",
    ...sources.map(
      ({ architecture, artifact: { digest } }) =>
        `      - to ${architecture}: ${yaml(`sha256/${digestHex(digest)}`)}`,
    ),
    ...(organized.length === 0
      ? []
      : ["    organize:", ...organized.map(([from, to]) => `      ${yaml(from)}: ${yaml(to)}`)]),
    "    stage:",
    ...staged.map((file) => `      - ${yaml(file)}`),
    "",
  ].join("\n");
}

/** Where the files of a snap are in an archive that snapcraft has unpacked, and where they get to. */
function movedFiles({ programs, files }: SnapContents, artifact: ChannelArtifact): Record<string, string> {
  const { format, name } = artifact;
  if (format !== "tar.gz" && format !== "zip")
    throw new ChannelError("archive", `${name}: snapcraft unpacks tar.gz and zip of what is released`);
  const unpacked = format === "zip" ? (path: string) => withRoot(artifact, path) : belowCommon(artifact);
  const moved = programs.map((program) => {
    const path = artifact.programs.find((one) => fileName(one) === program);
    if (path === undefined) {
      const known = artifact.programs.join(", ") || "none";
      throw new ChannelError("archive", `there is no program ${program} in ${name}; its programs: ${known}`);
    }
    return [unpacked(path), `bin/${program}`];
  });
  const others = files.map((file, index) => {
    checkContained(artifact, `files[${index}].path`, file);
    return [unpacked(file), file];
  });
  return Object.fromEntries([...moved, ...others]) as Record<string, string>;
}

function withRoot({ root }: ChannelArtifact, path: string): string {
  return root === undefined ? path : `${root}/${path}`;
}

/** snapcraft leaves out the folders that everything in a tar archive is in (craft-parts, `tar_source.py`). */
function belowCommon(artifact: ChannelArtifact): (path: string) => string {
  const folders = artifact.contents.map((path) => withRoot(artifact, path).split("/").slice(0, -1));
  const [first = []] = folders;
  const differs = first.findIndex((part, depth) => folders.some((other) => other[depth] !== part));
  const depth = differs === -1 ? first.length : differs;
  return (path) => withRoot(artifact, path).split("/").slice(depth).join("/");
}
