import type { LayerEntry, LayerFile } from "../../oci/layer/entry";
import { ChannelError } from "../artifact";

/** A file of a package. Exactly one of `source`, `content` and `symlink` says what it is. */
export interface PackageFile {
  /** Absolute path where it is installed, e.g. `/etc/hello/hello.yaml`. */
  readonly to: string;
  readonly source?: string;
  readonly digest?: string;
  readonly content?: string;
  readonly symlink?: string;
  readonly mode?: string;
  /**
   * Whether an upgrade keeps what the user has changed of it (Debian policy 10.7.3; rpm,
   * `%config(noreplace)`). Default: for files below `/etc`.
   */
  readonly config?: boolean;
}

/** Who installs packages, for what is refused. */
export interface PackageInstaller {
  /** Family of distributions, e.g. `Debian`. */
  readonly family: string;
  /** Program, e.g. `dpkg`. */
  readonly program: string;
}

/**
 * What is a link into `/usr`: a package that has files there can lose them (Debian policy 9.1.1;
 * Fedora, "UsrMove").
 */
const linkedFolders = /^\/(bin|sbin|lib|lib32|lib64|libx32)\//;

/**
 * Where only the administrator puts files (Debian policy 9.1.2; Fedora's packaging guidelines,
 * "Filesystem Layout"), and what is no folder on disk.
 */
const foreignFolders = /^\/(usr\/local|home|root|tmp|run|proc|sys|dev|mnt|media)\//;

/**
 * Refuses what no package may install, before anything is read.
 *
 * @throws ChannelError
 */
export function checkInstalledFiles(
  files: readonly PackageFile[],
  { family, program }: PackageInstaller,
): void {
  for (const [index, { to, config, symlink }] of files.entries()) {
    const field = `files[${index}].to`;
    const linked = linkedFolders.exec(to)?.[1];
    if (linked !== undefined) {
      throw new ChannelError(
        field,
        `${JSON.stringify(to)} is below a link of ${family}: give the folder itself (a valid example: "/usr${to}")`,
      );
    }
    const foreign = foreignFolders.exec(to)?.[1];
    if (foreign !== undefined) {
      throw new ChannelError(
        field,
        `${JSON.stringify(to)} is below /${foreign}, where packages put nothing (a valid example: "/usr/share/hello")`,
      );
    }
    if (/[\n\p{Cc}]/u.test(to))
      throw new ChannelError(field, `${JSON.stringify(to)} has a control character`);
    if (config === true && symlink !== undefined) {
      throw new ChannelError(
        `files[${index}].config`,
        `is set on a symbolic link: ${program} keeps changes of regular files only`,
      );
    }
  }
}

/** Files as they are resolved on disk. */
export function packageLayerFiles(files: readonly PackageFile[]): LayerFile[] {
  return files.map(({ to, source, digest, content, symlink, mode }) => ({
    to,
    ...(source !== undefined && { source }),
    ...(digest !== undefined && { digest }),
    ...(content !== undefined && { content }),
    ...(symlink !== undefined && { symlink }),
    ...(mode !== undefined && { mode }),
  }));
}

/** Paths of the files of which an upgrade keeps what the user has changed, sorted. */
export function configFilesOf(files: readonly PackageFile[], entries: readonly LayerEntry[]): string[] {
  const isConfig = (path: string) => {
    // What comes with a folder is as the folder is declared; the closest declaration counts.
    const closest = files
      .filter(({ to }) => path === to || path.startsWith(`${to.replace(/\/$/, "")}/`))
      .sort((a, b) => b.to.length - a.to.length)[0];
    return closest?.config ?? path.startsWith("/etc/");
  };
  return entries.flatMap(({ path, type }) => (type === "file" && isConfig(path) ? [path] : []));
}
