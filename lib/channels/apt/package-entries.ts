import { ChannelError } from "../artifact";
import { checkInstalledFiles, type PackageFile } from "../linux/package-files";
import type { SystemdUnit } from "./maintainer-scripts";

/** Where packages put units of systemd (systemd.unit(5)); merged into `/lib` where that is a link. */
export const unitFolder = "/usr/lib/systemd/system";

const unitName = /^[A-Za-z0-9:_.@\\-]+\.(service|socket|timer|path|mount|target|slice)$/;

/**
 * Refuses what no package of Debian may install, before anything is read.
 *
 * @throws ChannelError
 */
export function checkPackageFiles(files: readonly PackageFile[], units: readonly SystemdUnit[]): void {
  checkInstalledFiles(files, { family: "Debian", program: "dpkg" });
  for (const [index, { name }] of units.entries()) {
    if (unitName.test(name)) continue;
    throw new ChannelError(
      `units[${index}].name`,
      `${JSON.stringify(name)} is not a name of a unit of systemd (a valid example: "hello.service")`,
    );
  }
}
