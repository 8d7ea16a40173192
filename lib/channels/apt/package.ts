import type { LayerEntry, LayerFile } from "../../oci/layer/entry";
import { configFilesOf, packageLayerFiles, type PackageFile } from "../linux/package-files";
import { unitFiles, type PackagedUnit } from "../linux/units";
import type { DebianControl } from "./control";
import type { DebianPackage } from "./deb";
import { scriptsWithUnits, type MaintainerScript } from "./maintainer-scripts";
import { checkPackageFiles } from "./package-entries";

/** A package as it is declared. */
export interface DeclaredPackage {
  readonly control: DebianControl;
  readonly files: readonly PackageFile[];
  readonly units: readonly PackagedUnit[];
  /** Texts of maintainer scripts. */
  readonly scripts: Partial<Record<MaintainerScript, string>>;
}

/**
 * Everything that decides the bytes of a declared package.
 *
 * @param resolve turns declared content into sorted entries; see `LayerCache.resolve`
 * @throws ChannelError for what Debian's rules refuse
 * @throws LayerContentError for content that cannot be
 */
export async function debianPackage(
  { control, files, units, scripts }: DeclaredPackage,
  resolve: (files: readonly LayerFile[]) => Promise<LayerEntry[]>,
): Promise<DebianPackage> {
  checkPackageFiles(files, units);
  const withUnits = [...files, ...unitFiles(units)];
  const entries = await resolve(packageLayerFiles(withUnits));
  return {
    control,
    entries,
    conffiles: configFilesOf(withUnits, entries),
    scripts: scriptsWithUnits(scripts, units),
  };
}
