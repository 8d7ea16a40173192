import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { embeddedBuilderName } from "../../lib/embedded/builder-name";
import { stopBuilder } from "../../lib/embedded/builder";
import { cacheDirectory } from "../../lib/machine/cache-directory.cjs";
import { unmountBelow } from "../../lib/machine/mounts";
import { runClient } from "../support/clients";

/** What is kept of a builder between runs, at most: about twice what the examples take. */
const KEPT = "3gb";

/** Where BuildKit has layers and cache mounts, in the folder of a workspace's examples. */
const rootOf = (examples: string) => path.join(examples, ".slipway", "builder", "root");

/**
 * Gives a builder that did not run yet what one of an earlier run of the tests has left. It is
 * moved: a run beside this one starts from nothing.
 */
export async function takeBuilderCache(examples: string): Promise<void> {
  const kept = await keptFolder();
  const root = rootOf(examples);
  if (!existsSync(kept)) return;
  await mkdir(path.dirname(root), { recursive: true });
  try {
    await rename(kept, root);
  } catch {
    // Another run was faster.
  }
}

/**
 * Stops a builder and keeps what it has for the next run: nothing where it does not answer any
 * more, and where the cache is on another disk.
 */
export async function keepBuilderCache(examples: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!existsSync(rootOf(examples))) return;
  const name = embeddedBuilderName(examples);
  try {
    await runClient("docker-buildx", ["prune", "--builder", name, "--force", "--max-used-space", KEPT], env);
    await stopBuilder(examples, env);
    unmountBelow(rootOf(examples));
    const kept = await keptFolder();
    // One for this version of BuildKit, and none of others.
    await rm(path.dirname(kept), { recursive: true, force: true });
    await mkdir(path.dirname(kept), { recursive: true });
    await rename(rootOf(examples), kept);
  } catch {
    // The next run takes longer.
  }
}

async function keptFolder(): Promise<string> {
  const version = /v\d+\.\d+\.\d+/.exec(await runClient("buildkitd", ["--version"]))?.[0] ?? "unknown";
  return path.join(cacheDirectory(), "test-builder", version);
}
