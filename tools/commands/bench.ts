import { join } from "node:path";

import { exitAs, runChild } from "../child.cjs";
import { REPOSITORY, repositoryRequire } from "../repository";
import { toolEnvironment } from "../tool-environment";

/** `npm run bench -- ARGS`: the measurements of bench/. */
export async function bench(args: readonly string[]): Promise<void> {
  const tsNode = repositoryRequire.resolve("ts-node/register/transpile-only");
  const program = join(REPOSITORY, "bench", "main.ts");
  exitAs(
    await runChild(process.execPath, ["-r", tsNode, program, ...args], {
      cwd: REPOSITORY,
      env: await toolEnvironment(),
    }),
  );
}
