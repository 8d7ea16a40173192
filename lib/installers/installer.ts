import { ChannelError } from "../channels/artifact";
import type { ReleaseFormat } from "../archive/format";

/** Ways in which an installer brings a program to a machine. */
export const installMethods = ["binary", "docker"] as const;

export type InstallMethod = (typeof installMethods)[number];

/** Environment variables that an installer reads. */
export interface InstallerEnvironment {
  readonly version: string;
  readonly method: string;
  readonly directory: string;
}

/** An archive that an installer unpacks. */
export interface InstallerArtifact {
  /** Platform, e.g. `linux/amd64`. */
  readonly platform: string;
  /** File name. */
  readonly name: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly format: ReleaseFormat;
  /** Folder in the archive that contains everything; undefined where it is flat. */
  readonly root?: string | undefined;
  /** Programs in it, by their paths below the root. */
  readonly programs: readonly string[];
  /** The same for a system with musl instead of glibc. */
  readonly musl?: Omit<InstallerArtifact, "platform" | "musl"> | undefined;
}

/** An image that an installer pulls. */
export interface InstallerImage {
  /** `host/path` of each registry that has it, in the order in which they are tried. */
  readonly repositories: readonly string[];
  /** Tag of the version that the installer was made for. */
  readonly tag: string;
  /** Tag that always is the latest version, where there is one. */
  readonly latest?: string | undefined;
}

/** An installer, as it is declared, with the release that it is made for. */
export interface InstallerDeclaration {
  /** Name of what is installed. */
  readonly name: string;
  /** Version that it is made for, without `v`. */
  readonly version: string;
  readonly homepage?: string | undefined;
  /** The first is the default. */
  readonly methods: readonly InstallMethod[];
  readonly environment: InstallerEnvironment;
  /** What is installed of an archive: its programs, or everything. */
  readonly contents: "programs" | "all";
  /**
   * Files of the user's own, by their paths in the archive below its root: one that is there
   * already stays as it is.
   */
  readonly keep: readonly string[];
  /** Folder that is installed into; `$HOME` is the user's. Undefined for the usual one. */
  readonly directory?: string | undefined;
  readonly artifacts: readonly InstallerArtifact[];
  /** Addresses that the files of the release are below, in the order in which they are tried. */
  readonly hosts: readonly string[];
  /** Name of the sums file beside the archives. */
  readonly sumsFile: string;
  readonly image?: InstallerImage | undefined;
  /** Public key (PEM) that the sums file of every version is signed with; undefined for none. */
  readonly publicKey?: string | undefined;
}

/** Environment variables of a name: `MLOS_VERSION`, `MLOS_INSTALL_METHOD`, `MLOS_INSTALL_DIR`. */
export function defaultEnvironment(name: string): InstallerEnvironment {
  const prefix = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_");
  return {
    version: `${prefix}_VERSION`,
    method: `${prefix}_INSTALL_METHOD`,
    directory: `${prefix}_INSTALL_DIR`,
  };
}

/**
 * Checks that a script can say what it is to do.
 *
 * @throws ChannelError for what it cannot
 */
export function checkInstaller(installer: InstallerDeclaration): void {
  const { version, methods, artifacts, image, contents, keep } = installer;
  if (!/^[0-9A-Za-z.~_-]+$/.test(version)) {
    throw new ChannelError(
      "version",
      `${JSON.stringify(version)}: an installer asks for versions of letters, digits and .~_- (a valid example: "1.2.3")`,
    );
  }
  if (methods.includes("binary") && artifacts.length === 0) {
    throw new ChannelError("archive", "has no file for the method binary");
  }
  if (methods.includes("docker") && image === undefined) {
    throw new ChannelError("image", "the method docker pulls one, and it is not said which");
  }
  for (const { name, programs, musl } of artifacts) {
    for (const file of [{ name, programs }, ...(musl ? [musl] : [])]) checkArtifact(file, contents);
  }
  for (const file of keep) checkPath("keep", file);
}

function checkArtifact(
  { name, programs }: Pick<InstallerArtifact, "name" | "programs">,
  contents: InstallerDeclaration["contents"],
): void {
  if (!/^[0-9A-Za-z][0-9A-Za-z._~-]*$/.test(name)) {
    throw new ChannelError(
      "archive",
      `${JSON.stringify(name)}: an installer downloads files with names of letters, digits and ._~-`,
    );
  }
  for (const program of programs) checkPath("archive", program);
  if (contents === "programs" && programs.length === 0) {
    throw new ChannelError(
      "archive",
      `${name} has no program (to install all that is in it, say contents: "all")`,
    );
  }
  const names = programs.map((program) => program.slice(program.lastIndexOf("/") + 1));
  const twice = names.find((one, index) => names.indexOf(one) < index);
  if (contents === "programs" && twice !== undefined) {
    throw new ChannelError("archive", `${name} has two programs called ${twice}`);
  }
}

function checkPath(field: string, file: string): void {
  const isPath = /^[0-9A-Za-z._+@~-]+(\/[0-9A-Za-z._+@~-]+)*$/.test(file) && !file.split("/").includes("..");
  if (isPath) return;
  throw new ChannelError(
    field,
    `${JSON.stringify(file)}: an installer takes paths of letters, digits and ._+@~- (a valid example: "bin/hello")`,
  );
}
