import { exitAs, runChild } from "../../lib/machine/child.cjs";
import { REPOSITORY, repositoryRequire } from "../../lib/machine/repository";
import { runShards } from "../test-shards";
import { toolEnvironment } from "../tool-environment";

/**
 * `npm test`: every test, a shard for each processor but at most two; `npm test -- ARGS`: one mocha
 * with these arguments. The tests find the tools that they need in the directory SLIPWAY_TOOLS.
 */
export async function test(args: readonly string[]): Promise<void> {
  const env = await toolEnvironment();
  const mocha = repositoryRequire.resolve("mocha/bin/mocha.js");
  if (args.length === 0) process.exitCode = await runShards(mocha, env);
  else exitAs(await runChild(process.execPath, [mocha, ...args], { cwd: REPOSITORY, env }));
}
