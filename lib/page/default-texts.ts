import { isUrl } from "../release/download";
import type { ListedVersion } from "../release/release-list";
import { shellWord } from "../text/shell-word";
import { verifyCommands } from "./verify-commands";

/** Commands of a text that stands for many images. */
const mostImages = 5;

const block = (lines: readonly string[]) => ["~~~~~~~~sh", ...lines.map(line), "~~~~~~~~"].join("\n");

/** A command is one line, whatever a name in it has. */
const line = (text: string) => text.replaceAll(/\s+/g, " ");

/** How a version is installed, as far as a list of what was published says it. */
export function installText(version: ListedVersion | undefined): string {
  const pulls = (version?.images ?? []).slice(0, mostImages).map(({ repository, tags: [tag], digest }) => {
    const reference = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
    return `docker pull ${shellWord(reference)}`;
  });
  if (pulls.length > 0) return `### Docker\n\n${block(pulls)}`;
  return (version?.releases.length ?? 0) > 0
    ? "Download a file below."
    : "Nothing is said of how it is installed.";
}

/** How a version is checked, as far as such a list says it. */
export function verifyText(version: ListedVersion | undefined, keyFile: string | undefined): string {
  const images = (version?.images ?? []).slice(0, mostImages);
  const commands = images.flatMap((image) => verifyCommands(image, keyFile));
  const files = version?.releases.some(({ assets }) => assets.some(({ name }) => name === "SHA256SUMS"));
  const parts = [
    ...(files === true
      ? [
          "### Files",
          "In the folder of the downloaded files and `SHA256SUMS`:",
          block(["sha256sum --check --ignore-missing SHA256SUMS"]),
        ]
      : []),
    ...(commands.length > 0 ? ["### Images", block(commands)] : []),
  ];
  return parts.length > 0 ? parts.join("\n\n") : "Nothing is said of how it is checked.";
}

/** Where the files of a list's releases are, where that is known. */
export function listedAddress(
  base: string | undefined,
): (release: ListedVersion["releases"][number], name: string) => string | undefined {
  return ({ github, folder, tag }, name) => {
    if (github !== undefined)
      return `https://github.com/${github}/releases/download/${encodeURIComponent(tag)}/${encodeURIComponent(name)}`;
    if (base === undefined || !isUrl(base)) return undefined;
    const below = folder === undefined || folder === "." ? "" : `${folder}/`;
    return new URL(`./${below}${encodeURIComponent(name)}`, base).href;
  };
}
