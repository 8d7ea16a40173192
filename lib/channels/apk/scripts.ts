import { ChannelError } from "../artifact";
import type { PackagedService } from "./services";

/** Scripts that apk runs, with their names in a package (apk-tools, doc/apk-package.5). */
export const apkScripts = {
  preInstall: ".pre-install",
  postInstall: ".post-install",
  preUpgrade: ".pre-upgrade",
  postUpgrade: ".post-upgrade",
  preDeinstall: ".pre-deinstall",
  postDeinstall: ".post-deinstall",
} as const;

export type ApkScript = keyof typeof apkScripts;

/** Their names as they are declared. */
export const apkScriptNames = Object.keys(apkScripts) as readonly ApkScript[];

const shell = "#!/bin/sh\n";

/**
 * The scripts of a package: those that are declared, and what its services need. What is declared runs
 * before services start, and after they have stopped.
 *
 * @param declared text of scripts, by name
 * @throws ChannelError for a text that is no script
 */
export function apkScriptsWithServices(
  declared: Partial<Record<ApkScript, string | undefined>>,
  services: readonly PackagedService[],
): Partial<Record<ApkScript, string>> {
  const found: Partial<Record<ApkScript, string>> = {};
  for (const name of apkScriptNames) {
    const own = declared[name];
    if (own !== undefined && (!/^#!\/\S+[^\n]*\n/.test(own) || own.includes("\0"))) {
      throw new ChannelError(
        `scripts.${name}`,
        'does not begin with "#!", the path of an interpreter and a line break (a valid example: "#!/bin/sh\\nset -e\\n")',
      );
    }
    const steps = services.map((service) => serviceSteps(name, service)).join("");
    if (steps === "") {
      if (own !== undefined) found[name] = own;
      continue;
    }
    if (own !== undefined && !own.startsWith(shell)) {
      throw new ChannelError(
        `scripts.${name}`,
        "is not a script of /bin/sh, and the package has services, for which steps are added to it: begin it with " +
          '"#!/bin/sh"',
      );
    }
    // In a shell of its own, so that an `exit 0` in it does not leave out what follows.
    const body = own === undefined ? "" : `(\n${own.slice(shell.length).trimEnd()}\n) || exit\n`;
    found[name] = `${shell}${name === "preDeinstall" ? `${steps}${body}` : `${body}${steps}`}exit 0\n`;
  }
  return found;
}

/** Nothing runs where there is no OpenRC, as in a container, or where it has not started anything. */
function serviceSteps(script: ApkScript, { name, enable = false, start = false }: PackagedService): string {
  const step = (command: string) =>
    `command -v ${command.split(" ")[0]} >/dev/null && ${command} >/dev/null 2>&1 || :\n`;
  switch (script) {
    case "postInstall":
      return [
        enable ? step(`rc-update --quiet add '${name}' default`) : "",
        start ? `[ ! -d /run/openrc ] || ${step(`rc-service '${name}' start`)}` : "",
      ].join("");
    case "postUpgrade":
      return start ? step(`rc-service --quiet --ifstarted '${name}' restart`) : "";
    case "preDeinstall":
      return (
        step(`rc-service --quiet --ifstarted '${name}' stop`) +
        step(`rc-update --quiet --all delete '${name}'`)
      );
    case "preInstall":
    case "preUpgrade":
    case "postDeinstall":
      return "";
  }
}
