import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { shortRunSettings } from "../../../lib/machine/v8-settings.cjs";

const repository = path.resolve(__dirname, "..", "..", "..");

describe("settings of V8 for short runs", () => {
  const wasm = ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];
  for (const [node, version, expected] of [
    ["22", "12.4.254.21-node.57", wasm],
    ["24", "13.6.233.10-node.27", wasm],
    ["26", "14.6.202.34-node.32", wasm],
    ["a later one, in which nothing was tried", "15.0.1-node.1", []],
    ["an unknown one", "", []],
  ] as const) {
    it(`are what V8 knows in Node ${node}`, () => {
      assert.deepEqual(shortRunSettings(version), expected);
    });
  }

  it("are taken by this Node without a word: V8 says on standard error what it does not know", () => {
    const script = `require(${JSON.stringify(path.join(repository, "lib/machine/v8-settings.cjs"))}).settleForShortRun()`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });
});
