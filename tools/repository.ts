import { createRequire } from "node:module";
import { join, resolve } from "node:path";

/**
 * The directory of this repository. Right for the sources (`tools/repository.ts`) and for the bundles in `dist/`,
 * because both lie one level below it.
 */
export const REPOSITORY = resolve(__dirname, "..");

/** `require` as seen from this repository's package.json: what is installed here, whatever bundle asks. */
export const repositoryRequire = createRequire(join(REPOSITORY, "package.json"));
