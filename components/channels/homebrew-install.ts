import type { CountedPackage } from "../../lib/metrics/asked";
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
  const known = tapName(remote);
  const short = known ?? `${tap.owner}/tap`;
  const commands = known === undefined ? [`brew tap ${short} ${tap.url}`] : [];
  const install = ["brew install", option, `${short}/${name}`].filter((part) => part !== undefined);
  return { with: "Homebrew", on, commands: [...commands, install.join(" ")] };
}

/** What Homebrew counts of a tap on GitHub; other taps have the name that each user gives them. */
export function homebrewCounted(
  remote: string,
  name: string,
  registry: "homebrew" | "homebrew-cask",
): CountedPackage[] {
  const tap = tapName(remote);
  return tap === undefined ? [] : [{ registry, name: `${tap}/${name}` }];
}

/** `OWNER/TAP` of a repository `OWNER/homebrew-TAP` at GitHub. */
function tapName(remote: string): string | undefined {
  const github = publicRepository(remote)?.github;
  return github?.name.startsWith("homebrew-") === true
    ? `${github.owner}/${github.name.slice("homebrew-".length)}`
    : undefined;
}
