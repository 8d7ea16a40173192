import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { REPOSITORY } from "../../lib/machine/repository";
import { scripts } from "../../package.json";

describe("scripts of this repository that are commands of slipway", function () {
  this.timeout(60_000);
  const commands = Object.entries(scripts).flatMap(([script, line]) => {
    const command = /^node tools\/bootstrap\.cjs slipway (\S+)$/.exec(line)?.[1];
    return command === undefined ? [] : [[script, command] as const];
  });

  it("are some", () => assert.deepEqual(commands.map(([script]) => script).sort(), ["diff", "status"]));

  for (const [script, command] of commands) {
    it(`npm run ${script} is a command that there is`, () => {
      const args = [path.join(REPOSITORY, "tools", "bootstrap.cjs"), "slipway", command, "--help"];
      const text = execFileSync(process.execPath, args, { cwd: REPOSITORY, encoding: "utf8" });
      assert.match(text, new RegExp(`Usage: npx slipway ${command} `));
    });
  }
});
