/** A command and what its output depends on, as declared. */
export interface CommandSpec {
  /** Absolute folder to run in. */
  directory: string;
  /** Program and arguments, or a text for `sh -eu`. */
  command: readonly string[] | string;
  /** Variables set beside those of the machine. */
  env: Readonly<Record<string, string>>;
  /**
   * Names of variables of the machine that are passed on although their names say that they are
   * secrets.
   */
  inherit?: readonly string[];
  /** Patterns of the source files, relative to `directory`. */
  sources: readonly string[];
  /** Names of the files that the command leaves in its output folder. */
  outputs: readonly string[];
  /** Seconds after which the command is stopped. */
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

/** Takes the lines that a program prints, and gives on what may be seen of them. */
export interface LineFilter {
  push(line: string): void;
  /** Gives on what it has kept back. */
  end(): void;
}

/** Who watches a program. */
export interface ProgramObserver {
  /** Called with each line as people may see it. */
  readonly onLine: (line: string) => void;
  /** Called with each line as it was printed, for what judges it; a secret may be in it. */
  readonly onPrinted?: (line: string) => void;
  /** Makes the filter for what people see. Default: all that is printed. */
  readonly filter?: (emit: (line: string) => void) => LineFilter;
  readonly signal?: AbortSignal;
}

/** A command that did not do what was declared. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}
