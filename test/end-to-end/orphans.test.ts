import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { processTree } from "../support/process-tree";
import { requireTools } from "../support/tools";

/** A command that runs for longer than anybody waits, and says in a file that it does. */
const program = `
import { Command } from "@slipway";
new Command("slow", {
  command: ["sh", "-c", "echo $$ > started && exec sleep 300"],
  sources: ["index.ts"],
  outputs: ["out"],
});
`;

describe("an engine that is killed", function () {
  this.timeout(60_000);
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi");
    project = await EngineProject.create({ program });
  });
  after(() => project?.remove());

  /** Command lines of processes that belong to the project's folder or its run. */
  async function left(pids: readonly number[]): Promise<string> {
    const lines = (await runClient("ps", ["-A", "-o", "pid=,args="])).split("\n");
    return lines.filter((line) => pids.includes(Number.parseInt(line, 10))).join("\n");
  }

  it("leaves no provider, no host and no command behind", async () => {
    const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    let command = Number.NaN;
    for (let tries = 0; !(command > 0) && tries < 200; tries++) {
      await sleep(100);
      command = Number(await project.read("started").catch(() => ""));
      assert.equal(child.exitCode, null, text());
    }
    const tree = await processTree(child.pid ?? 0);
    assert.ok(tree.includes(command) && tree.length >= 5, `the command is one of ${tree.join(", ")}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    for (let tries = 0; (await left(tree)) !== "" && tries < 100; tries++) await sleep(100);
    assert.equal(await left(tree), "");
  });
});
