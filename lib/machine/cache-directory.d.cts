/**
 * The per-user directory for what is costly to make and the same for every project: SLIPWAY_CACHE, else
 * XDG_CACHE_HOME/slipway (XDG Base Directory Specification), else ~/Library/Caches/slipway on macOS, else
 * ~/.cache/slipway. An empty variable counts as unset.
 */
export function cacheDirectory(env?: NodeJS.ProcessEnv): string;
