import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { properties } from "./properties";

/** Inputs of one property before the next has its turn. */
const runs = 500;
/** Longest that one input may take, in milliseconds. */
const timeoutMs = 10_000;

/**
 * `npm run fuzz [-- --minutes N]`: the properties of the suite with other inputs, for ten minutes
 * unless told. What is found is written to `.slipway/fuzz`, with the seed that brings it back.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: "string", default: "10" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log("npm run fuzz [-- --minutes N]");
    return;
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error("--minutes: a number is missing (a valid example: --minutes 30)");
  const end = Date.now() + minutes * 60_000;
  let seed = Date.now() % 2 ** 31;
  let inputs = 0;
  let found = 0;
  for (; Date.now() < end; seed++) {
    for (const { name, property } of properties) {
      const details = await fc.check(property, { seed, numRuns: runs, timeout: timeoutMs });
      inputs += details.numRuns;
      if (!details.failed) continue;
      found++;
      const folder = join(process.cwd(), ".slipway", "fuzz");
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${name.replace(/\W+/g, "-")}-${seed}.txt`);
      writeFileSync(file, (await fc.asyncDefaultReportMessage(details)) ?? "");
      console.error(`${name}: does not hold (seed ${seed}, path ${details.counterexamplePath}); see ${file}`);
    }
  }
  console.log(`${inputs} inputs, ${found} failures`);
  process.exitCode = found > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
