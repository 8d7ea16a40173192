import type { LayerEntry, LayerFile } from "../../oci/layer/entry";
import { ChannelError } from "../artifact";
import {
  checkInstalledFiles,
  configFilesOf,
  packageLayerFiles,
  type PackageFile,
} from "../linux/package-files";
import { checkUnits, unitFiles, type PackagedUnit } from "../linux/units";
import { rpmDescription, type DeclaredDescription } from "./description";
import type { RpmPackage } from "./package";
import { rpmScriptsWithUnits, type RpmScriptName } from "./scripts";

/** A package as it is declared. */
export interface DeclaredRpm extends DeclaredDescription {
  readonly files: readonly PackageFile[];
  readonly units?: readonly PackagedUnit[];
  /** Texts of scripts. */
  readonly scripts?: Partial<Record<RpmScriptName, string | undefined>>;
}

/** What the lists of a repository, which are XML, cannot have (XML 1.0, 2.2), and lines. */
const unlistable = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/**
 * Refuses what no package of rpm may install, before anything is read.
 *
 * @throws ChannelError
 */
export function checkRpmFiles(
  files: readonly PackageFile[],
  { units = [], scripts = {} }: Pick<DeclaredRpm, "units" | "scripts">,
): void {
  checkInstalledFiles(files, { family: "Fedora", program: "rpm" });
  checkUnits(units);
  rpmScriptsWithUnits(scripts, units);
}

/**
 * Everything that decides the bytes of a declared package but its key.
 *
 * @param resolve turns declared content into sorted entries; see `LayerCache.resolve`
 * @throws ChannelError for what rpm's rules refuse
 * @throws LayerContentError for content that cannot be
 */
export async function declaredRpm(
  declared: DeclaredRpm,
  resolve: (files: readonly LayerFile[]) => Promise<LayerEntry[]>,
): Promise<RpmPackage> {
  const { files, name, units = [], scripts = {} } = declared;
  const description = rpmDescription(declared);
  checkRpmFiles(files, declared);
  const withUnits = [...files, ...unitFiles(units)];
  const entries = await resolve(packageLayerFiles(withUnits));
  for (const { path } of entries) {
    if (unlistable.test(path))
      throw new ChannelError("files", `${JSON.stringify(path)} has a character that lists cannot have`);
  }
  return {
    description,
    entries: entries.filter(({ type, path }) => type !== "directory" || isOwn(name, path)),
    configFiles: configFilesOf(withUnits, entries),
    scripts: rpmScriptsWithUnits(scripts, units),
  };
}

/**
 * Whether a folder belongs to a package, and goes with it: one that is called as the package is, and
 * what is in that. All others belong to the system.
 */
function isOwn(name: string, path: string): boolean {
  return path.split("/").includes(name);
}
