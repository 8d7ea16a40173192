import type { InstallWay } from "../declaration/install-way";
import { publicRepository } from "./public-repository";

/**
 * How users install what a tap has, by its full name: Homebrew trusts no tap by itself.
 *
 * @param option of `brew install`, such as `--cask`
 */
export function homebrewInstall(
  remote: string,
  name: string,
  on: string,
  option?: string,
): InstallWay | undefined {
  const tap = publicRepository(remote);
  if (tap === undefined) return undefined;
  const known = tap.github?.name.startsWith("homebrew-") === true ? tap.github : undefined;
  const short = known ? `${known.owner}/${known.name.slice("homebrew-".length)}` : `${tap.owner}/tap`;
  const commands = known ? [] : [`brew tap ${short} ${tap.url}`];
  const install = ["brew install", option, `${short}/${name}`].filter((part) => part !== undefined);
  return { with: "Homebrew", on, commands: [...commands, install.join(" ")] };
}
