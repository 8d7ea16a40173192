import { ChannelError } from "../artifact";
import type { PackageFile } from "./package-files";

/** A unit of systemd that a package installs. */
export interface SystemdUnit {
  /** File name, e.g. `hello.service`. */
  readonly name: string;
  /** Whether it starts with the machine. Default: true. */
  readonly enable?: boolean;
  /** Whether it is started when the package is installed, and again when it is upgraded. Default: true. */
  readonly start?: boolean;
}

/** A unit of systemd with its text. Exactly one of `source` and `content` says what it is. */
export interface PackagedUnit extends SystemdUnit {
  readonly source?: string;
  readonly content?: string;
}

/** Where packages put units of systemd (systemd.unit(5)); merged into `/lib` where that is a link. */
const unitFolder = "/usr/lib/systemd/system";

const unitName = /^[A-Za-z0-9:_.@\\-]+\.(service|socket|timer|path|mount|target|slice)$/;

/** @throws ChannelError for a name that is none of a unit */
export function checkUnits(units: readonly SystemdUnit[]): void {
  for (const [index, { name }] of units.entries()) {
    if (unitName.test(name)) continue;
    throw new ChannelError(
      `units[${index}].name`,
      `${JSON.stringify(name)} is not a name of a unit of systemd (a valid example: "hello.service")`,
    );
  }
}

/** Units as files that a package installs. */
export function unitFiles(units: readonly PackagedUnit[]): PackageFile[] {
  return units.map(({ name, source, content }) => ({
    to: `${unitFolder}/${name}`,
    ...(source !== undefined && { source }),
    ...(content !== undefined && { content }),
    mode: "0644",
  }));
}

/** Names of units as words of a shell. */
export function unitWords(units: readonly SystemdUnit[]): string {
  return units.map(({ name }) => `'${name}'`).join(" ");
}
