import { join } from "node:path";

import { exitAs, runChild } from "../../lib/machine/child.cjs";
import { REPOSITORY } from "../../lib/machine/repository";
import { toolEnvironment } from "../tool-environment";

/** `npm run bench -- ARGS`: the measurements of bench/. */
export async function bench(args: readonly string[]): Promise<void> {
  const program = join(REPOSITORY, "bench", "main.ts");
  exitAs(
    await runChild(
      process.execPath,
      ["-r", join(REPOSITORY, "lib", "machine", "typescript.cjs"), program, ...args],
      {
        cwd: REPOSITORY,
        env: await toolEnvironment(),
      },
    ),
  );
}
