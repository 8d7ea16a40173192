import { checkInstalledFiles, type PackageFile } from "../linux/package-files";
import { checkUnits, type SystemdUnit } from "../linux/units";

/**
 * Refuses what no package of Debian may install, before anything is read.
 *
 * @throws ChannelError
 */
export function checkPackageFiles(files: readonly PackageFile[], units: readonly SystemdUnit[]): void {
  checkInstalledFiles(files, { family: "Debian", program: "dpkg" });
  checkUnits(units);
}
