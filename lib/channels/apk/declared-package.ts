import type { LayerEntry, LayerFile } from "../../oci/layer/entry";
import { ChannelError } from "../artifact";
import { checkInstalledFiles, packageLayerFiles, type PackageFile } from "../linux/package-files";
import { apkDescription, type DeclaredDescription } from "./description";
import type { ApkPackage } from "./package";
import { apkScriptsWithServices, type ApkScript } from "./scripts";
import { checkServices, serviceFiles, type PackagedService } from "./services";

/** A package as it is declared. */
export interface DeclaredApk extends DeclaredDescription {
  readonly files: readonly PackageFile[];
  readonly services?: readonly PackagedService[];
  /** Texts of scripts. */
  readonly scripts?: Partial<Record<ApkScript, string | undefined>>;
}

/**
 * Refuses what no package of Alpine may install, before anything is read.
 *
 * @throws ChannelError
 */
export function checkApkFiles(
  files: readonly PackageFile[],
  { services = [], scripts = {} }: Pick<DeclaredApk, "services" | "scripts">,
): void {
  checkInstalledFiles(files, { family: "Alpine", program: "apk" });
  for (const [index, { to, config }] of files.entries()) {
    // apk decides by the path (/etc/apk/protected_paths.d), so that nothing else could be kept.
    const isKept = to.startsWith("/etc/");
    if (config !== undefined && config !== isKept) {
      throw new ChannelError(
        `files[${index}].config`,
        `is ${config}, and apk keeps what the user has changed below /etc, and nothing else ` +
          `(a valid example: "/etc/hello/hello.yaml" without it)`,
      );
    }
    if (/^\/\.[^/]*/.test(to)) {
      throw new ChannelError(
        `files[${index}].to`,
        `${JSON.stringify(to)} begins with a dot in the root, which apk leaves out (a valid example: "/usr/share/hello")`,
      );
    }
  }
  checkServices(services);
  apkScriptsWithServices(scripts, services);
}

/**
 * Everything that decides the bytes of a declared package but its key.
 *
 * @param resolve turns declared content into sorted entries; see `LayerCache.resolve`
 * @throws ChannelError for what apk's rules refuse
 * @throws LayerContentError for content that cannot be
 */
export async function declaredApk(
  declared: DeclaredApk,
  resolve: (files: readonly LayerFile[]) => Promise<LayerEntry[]>,
): Promise<ApkPackage> {
  const { files, services = [], scripts = {} } = declared;
  const description = apkDescription(declared);
  checkApkFiles(files, declared);
  const entries = await resolve(packageLayerFiles([...files, ...serviceFiles(services)]));
  for (const { path } of entries) {
    // What is installed is listed in lines.
    if (/\p{Cc}/u.test(path))
      throw new ChannelError("files", `${JSON.stringify(path)} has a control character`);
    if (path.startsWith("/."))
      throw new ChannelError("files", `${JSON.stringify(path)} is what apk leaves out`);
  }
  return { description, entries, scripts: apkScriptsWithServices(scripts, services) };
}
