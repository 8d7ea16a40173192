import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { buildkitStart, stopBuildkit } from "./builder";
import { embeddedFolder } from "./home";
import { registryStart, stop as stopRegistry } from "./registry";
import { lastUse, whileUnused } from "./uses";

/** A look costs a few calls of the kernel. */
const SHORTEST_POLL_MS = 100;
const LONGEST_POLL_MS = 10_000;

/**
 * Ends the embedded registry and builder of a folder once nobody has used them for a time, and
 * returns when they have ended, whoever ended them.
 */
async function watch(home: string, idleMs: number): Promise<void> {
  const pollMs = Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, idleMs / 10));
  for (;;) {
    await sleep(pollMs);
    if (!existsSync(embeddedFolder(home))) return;
    if (registryStart(home) === undefined && buildkitStart(home) === undefined) return;
    if (Date.now() - lastUse(home) < idleMs) continue;
    await whileUnused(home, async () => {
      await stopBuildkit(home);
      await stopRegistry(home);
    });
  }
}

const [home = "", idleMs = ""] = process.argv.slice(2);
// Whatever happens to its folder, nobody waits for this process.
watch(home, Number(idleMs)).catch(() => process.exit(1));
