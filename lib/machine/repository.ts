import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The folder of this package: the nearest one with a package.json, from the sources and from the
 * bundles in `dist/`.
 */
export const REPOSITORY = packageFolder(__dirname);

/**
 * `require` as seen from this repository's package.json: what is installed here, whatever bundle
 * asks.
 */
export const repositoryRequire = createRequire(join(REPOSITORY, "package.json"));

function packageFolder(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : packageFolder(dirname(folder));
}
