import { ChannelError } from "../artifact";
import { unitWords, type SystemdUnit } from "../linux/units";

/** Scripts that rpm runs (rpm, "Spec file format", "Runtime scriptlets"), in the order of an upgrade. */
export const rpmScripts = ["pre", "post", "preun", "postun"] as const;

export type RpmScriptName = (typeof rpmScripts)[number];

/** A script as rpm keeps it: who runs it, and what it runs. */
export interface RpmScript {
  readonly interpreter: string;
  readonly text: string;
}

export type RpmScripts = Partial<Record<RpmScriptName, RpmScript>>;

const shell = "/bin/sh";

/**
 * The scripts of a package: those that are declared, and what its units need, as macros of systemd do
 * it (`%systemd_post` and so on); where these leave it to presets of the system whether a unit starts,
 * here its declaration says so. What is declared runs before the units start, and after they have
 * stopped.
 *
 * @param declared text of scripts, by name
 * @throws ChannelError for a text that is no script
 */
export function rpmScriptsWithUnits(
  declared: Partial<Record<RpmScriptName, string | undefined>>,
  units: readonly SystemdUnit[],
): RpmScripts {
  const found: Partial<Record<RpmScriptName, RpmScript>> = {};
  for (const name of rpmScripts) {
    const own = declared[name] === undefined ? undefined : parseScript(name, declared[name]);
    const steps = unitSteps(name, units);
    if (steps === "") {
      if (own !== undefined) found[name] = own;
      continue;
    }
    if (own !== undefined && own.interpreter !== shell) {
      throw new ChannelError(
        `scripts.${name}`,
        "is not a script of /bin/sh, and the package has units of systemd, for which steps are added to it: begin it " +
          'with "#!/bin/sh"',
      );
    }
    // In a shell of its own, so that an `exit 0` in it does not leave out what follows.
    const body = own === undefined ? "" : `(\n${own.text.trimEnd()}\n) || exit\n`;
    const text = name === "preun" ? `${steps}${body}` : `${body}${steps}`;
    found[name] = { interpreter: shell, text: `${text}exit 0\n` };
  }
  return found;
}

function parseScript(name: RpmScriptName, text: string): RpmScript {
  const [, interpreter, body = ""] = /^#!(\/\S+)\n(.*)$/s.exec(text) ?? [];
  if (interpreter === undefined || text.includes("\0")) {
    throw new ChannelError(
      `scripts.${name}`,
      'does not begin with "#!", the path of an interpreter without arguments, and a line break (a valid example: "#!/bin/sh\\nset -e\\n")',
    );
  }
  return { interpreter, text: body };
}

/** `$1` is how many versions of the package there are when the script has run. */
function unitSteps(name: RpmScriptName, units: readonly SystemdUnit[]): string {
  if (units.length === 0) return "";
  const all = unitWords(units);
  const enabled = unitWords(units.filter(({ enable = true }) => enable));
  const started = unitWords(units.filter(({ start = true }) => start));
  const isRunning = "[ -d /run/systemd/system ]";
  switch (name) {
    case "pre":
      return "";
    case "post":
      return [
        enabled &&
          block(
            '[ "$1" -eq 1 ] && command -v systemctl >/dev/null',
            `systemctl --no-reload enable ${enabled}`,
          ),
        block(isRunning, "systemctl daemon-reload"),
        started && block(`[ "$1" -eq 1 ] && ${isRunning}`, `systemctl start ${started}`),
      ].join("");
    case "preun":
      return [
        block('[ "$1" -eq 0 ] && command -v systemctl >/dev/null', `systemctl --no-reload disable ${all}`),
        block(`[ "$1" -eq 0 ] && ${isRunning}`, `systemctl stop ${all}`),
      ].join("");
    case "postun":
      return [
        block(isRunning, "systemctl daemon-reload"),
        started && block(`[ "$1" -ge 1 ] && ${isRunning}`, `systemctl try-restart ${started}`),
      ].join("");
  }
}

function block(condition: string, step: string): string {
  return `if ${condition}; then\n  ${step} >/dev/null 2>&1 || :\nfi\n`;
}
