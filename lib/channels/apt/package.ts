import type { LayerEntry, LayerFile } from "../../oci/layer/entry";
import { configFilesOf, packageLayerFiles, type PackageFile } from "../linux/package-files";
import type { DebianControl } from "./control";
import type { DebianPackage } from "./deb";
import { scriptsWithUnits, type MaintainerScript, type SystemdUnit } from "./maintainer-scripts";
import { checkPackageFiles, unitFolder } from "./package-entries";

/** A unit of systemd with its text. Exactly one of `source` and `content` says what it is. */
export interface PackagedUnit extends SystemdUnit {
  readonly source?: string;
  readonly content?: string;
}

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
  const withUnits: PackageFile[] = [
    ...files,
    ...units.map(({ name, source, content }) => ({
      to: `${unitFolder}/${name}`,
      ...(source !== undefined && { source }),
      ...(content !== undefined && { content }),
      mode: "0644",
    })),
  ];
  const entries = await resolve(packageLayerFiles(withUnits));
  return {
    control,
    entries,
    conffiles: configFilesOf(withUnits, entries),
    scripts: scriptsWithUnits(scripts, units),
  };
}
