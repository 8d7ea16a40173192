/** A command and what its output depends on, as declared. */
export interface CommandSpec {
  /** Absolute folder to run in. */
  directory: string;
  /** Program and arguments, or a text for `sh -eu`. */
  command: readonly string[] | string;
  /** Variables set beside those of the machine. */
  environment: Readonly<Record<string, string>>;
  /** Patterns of the source files, relative to `directory`. */
  sources: readonly string[];
  /** Names of the files that the command leaves in its output folder. */
  outputs: readonly string[];
  /** Seconds after which the command is ended. */
  timeoutSeconds: number;
}

/** A file that a command made. */
export interface BuiltFile {
  /** Path relative to the project's folder, with `/` on every system. */
  path: string;
  digest: string;
  /** Size in bytes. */
  size: number;
}

/** A command that did not do what was declared. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}
