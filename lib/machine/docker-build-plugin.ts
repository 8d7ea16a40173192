import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { cacheDirectory } from "./cache-directory.cjs";
import { ensureGoTool, type GoBuildOptions } from "./go-build";
import { builtPath, GO_TOOLS } from "./go-tool";
import { REPOSITORY } from "./repository";
import { findOnPath } from "./search-path";
import { givenTool } from "./tool-path";

const PLUGIN = GO_TOOLS["pulumi-resource-docker-build"];

/**
 * The folder that has, or will have, the pinned plugin of the official `docker-build` provider. The
 * engine looks for plugins on PATH when a program first needs them, so it can be there before the
 * plugin is built.
 */
export function pluginDirectory(env: NodeJS.ProcessEnv): string {
  const given = givenTool(PLUGIN.name, env);
  return dirname(given ?? builtPath(PLUGIN, join(REPOSITORY, PLUGIN.moduleDir), cacheDirectory(env)));
}

/** PATH with the folder of the plugin at its end, unless the engine finds one without it. */
export function pathWithPlugin(env: NodeJS.ProcessEnv): string | undefined {
  if (findsPlugin(env)) return env.PATH;
  return [env.PATH, pluginDirectory(env)].filter((entry) => !!entry).join(delimiter);
}

/**
 * Makes sure that the engine finds the plugin, where `pathWithPlugin` promised it: builds it if
 * need be. Elsewhere the engine sees to its plugins itself.
 * @throws SetupError if it has to be built and cannot be
 */
export async function ensurePlugin(options: GoBuildOptions = {}): Promise<void> {
  const env = options.env ?? process.env;
  if (findsPlugin(env)) return;
  const promised = (env.PATH ?? "").split(delimiter).includes(pluginDirectory(env));
  if (promised) await ensureGoTool(PLUGIN, options);
}

function findsPlugin(env: NodeJS.ProcessEnv): boolean {
  if (findOnPath(PLUGIN.name, env.PATH) !== undefined) return true;
  const installed = join(env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi"), "plugins");
  return (
    existsSync(installed) &&
    readdirSync(installed).some((name) => /^resource-docker-build-v[^.]+(\.\d+)*$/.test(name))
  );
}
