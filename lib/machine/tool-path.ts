import { join } from "node:path";

import { ensureGoTool, type GoBuildOptions } from "./go-build";
import { GO_TOOLS } from "./go-tool";
import { isExecutable } from "./search-path";

/**
 * The path of a pinned tool: from the directory SLIPWAY_TOOLS if that is set and has it, else from
 * the cache, else built now.
 * @throws SetupError if it has to be built and cannot be.
 */
export async function toolPath(name: keyof typeof GO_TOOLS, options: GoBuildOptions = {}): Promise<string> {
  const given = givenTool(name, options.env ?? process.env);
  return given ?? ensureGoTool(GO_TOOLS[name], options);
}

/** The tool in the directory that SLIPWAY_TOOLS names, if it has one. */
export function givenTool(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!env.SLIPWAY_TOOLS) return undefined;
  const path = join(env.SLIPWAY_TOOLS, name);
  return isExecutable(path) ? path : undefined;
}
