import { exitAs, runChild } from "../child.cjs";
import { REPOSITORY, repositoryRequire } from "../repository";
import { toolEnvironment } from "../tool-environment";

/** `npm test -- ARGS`: mocha, with the tools that the tests need in the directory SLIPWAY_TOOLS. */
export async function test(args: readonly string[]): Promise<void> {
  const env = await toolEnvironment();
  const mocha = repositoryRequire.resolve("mocha/bin/mocha.js");
  exitAs(await runChild(process.execPath, [mocha, ...args], { cwd: REPOSITORY, env }));
}
