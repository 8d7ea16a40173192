import { cacheDirectory } from "./cache-directory.cjs";
import { ownFolder } from "./private-folder.cjs";
import { SetupError } from "./setup-error";

/**
 * The cache directory, for programs that are built into it and run from it.
 * @throws SetupError if another user can write to it.
 */
export function toolCache(env: NodeJS.ProcessEnv): string {
  const cache = cacheDirectory(env);
  if (ownFolder(cache)) return cache;
  throw new SetupError(
    `${cache} belongs to another user, or others can write to it; the programs in it would be run.`,
    `Make it yours alone (chown -R "$(id -u)" ${cache}; chmod 700 ${cache}), or name another folder with SLIPWAY_CACHE.`,
  );
}
