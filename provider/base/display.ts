import { readlinkSync } from "node:fs";

/**
 * Returns where people read what the engine displays. The engine does not tell its providers, which
 * have pipes only; on Linux its own standard output says it. Where it cannot be told, it is a log.
 *
 * @param engine process ID of the engine
 */
export function displayOf(engine: number, environment: NodeJS.ProcessEnv): "terminal" | "log" {
  if (environment.CI !== undefined && environment.CI !== "") return "log";
  try {
    return /^\/dev\/(pts\/|tty)/.test(readlinkSync(`/proc/${engine}/fd/1`)) ? "terminal" : "log";
  } catch {
    return "log";
  }
}
