import { ChannelError } from "../artifact";
import { unitWords, type SystemdUnit } from "../linux/units";

/** Scripts that dpkg runs (Debian policy 6), in the order of an upgrade. */
export const maintainerScripts = ["prerm", "preinst", "postrm", "postinst"] as const;

export type MaintainerScript = (typeof maintainerScripts)[number];

const shell = "#!/bin/sh\n";

/**
 * The maintainer scripts of a package: those that are declared, and what its units need, as
 * Debian's own packages do it (debhelper, autoscripts/*-systemd-*). What is declared runs before the
 * units start, and after they have stopped.
 *
 * @param declared text of scripts, by name
 * @throws ChannelError for a text that is no script
 */
export function scriptsWithUnits(
  declared: Partial<Record<MaintainerScript, string>>,
  units: readonly SystemdUnit[],
): Partial<Record<MaintainerScript, string>> {
  const found: Partial<Record<MaintainerScript, string>> = {};
  for (const script of maintainerScripts) {
    const own = declared[script];
    if (own !== undefined && !own.startsWith("#!/")) {
      throw new ChannelError(
        `scripts.${script}`,
        'does not begin with "#!" and the path of an interpreter (a valid example: "#!/bin/sh\\nset -e\\n")',
      );
    }
    const forUnits = unitSteps(script, units);
    if (forUnits === "") {
      if (own !== undefined) found[script] = own;
      continue;
    }
    if (own !== undefined && !own.startsWith(shell)) {
      throw new ChannelError(
        `scripts.${script}`,
        "is not a script of /bin/sh, and the package has units of systemd, for which steps are added to it: begin it " +
          'with "#!/bin/sh"',
      );
    }
    // In a shell of its own, so that an `exit 0` in it does not leave out what follows.
    const body = own === undefined ? "" : `(\n${own.slice(shell.length).trimEnd()}\n)\n`;
    const steps = script === "prerm" ? `${forUnits}${body}` : `${body}${forUnits}`;
    found[script] = `${shell}set -e\n${steps}`;
  }
  return found;
}

function unitSteps(script: MaintainerScript, units: readonly SystemdUnit[]): string {
  const enabled = unitWords(units.filter(({ enable = true }) => enable));
  const started = unitWords(units.filter(({ start = true }) => start));
  if (script === "postinst") {
    return [
      enabled &&
        block('[ "$1" = configure ] && command -v deb-systemd-helper >/dev/null', [
          `for unit in ${enabled}; do`,
          '  if deb-systemd-helper --quiet was-enabled "$unit"; then',
          '    deb-systemd-helper enable "$unit" >/dev/null || true',
          "  else",
          '    deb-systemd-helper update-state "$unit" >/dev/null || true',
          "  fi",
          "done",
        ]),
      units.length > 0 &&
        block('[ "$1" = configure ] && [ -d /run/systemd/system ]', [
          "systemctl --system daemon-reload >/dev/null || true",
          ...(started
            ? [
                'if [ -n "$2" ]; then action=restart; else action=start; fi',
                `deb-systemd-invoke "$action" ${started} >/dev/null || true`,
              ]
            : []),
        ]),
    ]
      .filter(Boolean)
      .join("");
  }
  if (script === "prerm" && started) {
    return block('[ "$1" = remove ] && [ -d /run/systemd/system ]', [
      `deb-systemd-invoke stop ${started} >/dev/null || true`,
    ]);
  }
  if (script === "postrm" && units.length > 0) {
    return [
      block("[ -d /run/systemd/system ]", ["systemctl --system daemon-reload >/dev/null || true"]),
      enabled &&
        block('[ "$1" = purge ] && command -v deb-systemd-helper >/dev/null', [
          `deb-systemd-helper purge ${enabled} >/dev/null || true`,
        ]),
    ]
      .filter(Boolean)
      .join("");
  }
  return "";
}

function block(condition: string, steps: readonly string[]): string {
  return `if ${condition}; then\n${steps.map((step) => `  ${step}\n`).join("")}fi\n`;
}
