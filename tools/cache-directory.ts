import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The per-user directory for what is costly to make and the same for every project: SLIPWAY_CACHE, else
 * XDG_CACHE_HOME/slipway (XDG Base Directory Specification), else ~/Library/Caches/slipway on macOS, else
 * ~/.cache/slipway. An empty variable counts as unset.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SLIPWAY_CACHE) return env.SLIPWAY_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "slipway");
  const home = env.HOME ?? homedir();
  return process.platform === "darwin"
    ? join(home, "Library", "Caches", "slipway")
    : join(home, ".cache", "slipway");
}
