export interface BuildOptions {
  /** The repository's directory (default: this one). */
  root?: string;
  /** Entry file to bundle, both relative to the root (default: this repository's programs). */
  entries?: Readonly<Record<string, string>>;
  /** Leaves alone what is up to date. */
  ifStale?: boolean;
  /** The entries to build (default: all). */
  only?: readonly string[];
}

/**
 * Bundles programs into dist/, and returns the entries that were built.
 * @throws esbuild's BuildFailure, whose `errors` were printed already.
 */
export function ensureBuilt(options?: BuildOptions): Promise<string[]>;
/** True if an entry's bundle was made from the files as they are now. */
export function isFresh(entry: string, root?: string, entries?: Readonly<Record<string, string>>): boolean;
