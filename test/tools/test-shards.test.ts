import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY, repositoryRequire } from "../../lib/machine/repository";
import { runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

/** A test that fails only in the first process that runs it. */
const FLAKY = `
const { existsSync, writeFileSync } = require("node:fs");
describe("flaky", () => {
  it("passes the second time", () => {
    const mark = __filename + ".ran";
    if (existsSync(mark)) return;
    writeFileSync(mark, "");
    throw new Error("too much at once");
  });
});`;
const FAILING = `describe("wrong", () => { it("fails always", () => { throw new Error("by itself"); }); });`;
const PASSING = `describe("right", () => { it("passes", () => {}); });`;
const ENDING = `describe("ending", () => { it("ends the process", () => process.exit(0)); });`;

describe("shards of tests", () => {
  const directory = temporaryDirectory();

  /** What `npm test` prints, and its exit code, where test/ has these files. */
  async function shards(files: Record<string, string>): Promise<{ code: number | null; lines: string[] }> {
    const settings = {
      reporter: join(REPOSITORY, "test/support/reporter.cjs"),
      require: [join(REPOSITORY, "lib/machine/typescript.cjs")],
    };
    for (const [path, text] of Object.entries({ ...files, ".mocharc.json": JSON.stringify(settings) })) {
      mkdirSync(dirname(join(directory(), path)), { recursive: true });
      writeFileSync(join(directory(), path), text);
    }
    const program =
      `const { runShards } = require("./tools/test-shards");` +
      `runShards(${JSON.stringify(repositoryRequire.resolve("mocha/bin/mocha.js"))}, process.env,` +
      `${JSON.stringify(directory())}).then((code) => { process.exitCode = code; });`;
    const { code, stdout } = await runSource(program);
    return { code, lines: stdout.trimEnd().split("\n") };
  }

  it("are all run, and counted together", async () => {
    const { code, lines } = await shards({ "test/lib/a.test.ts": PASSING, "test/other/b.test.ts": PASSING });
    assert.equal(code, 0);
    assert.equal(lines.at(-1), "2 passed, 0 failed, 0 skipped");
  });

  it("that failed run once more alone: what then passes is told as flaky", async () => {
    const { code, lines } = await shards({ "test/lib/a.test.ts": PASSING, "test/other/b.test.ts": FLAKY });
    assert.equal(code, 0);
    assert.equal(lines.at(-1), "2 passed, 0 failed, 0 skipped");
    const told = lines.indexOf("flaky, these failed beside other tests and passed alone:");
    assert.ok(told > 0);
    assert.match(lines.slice(told).join("\n"), /passes the second time:\s+Error: too much at once/);
  });

  it("with a fault end with it, and with an exit code", async () => {
    const { code, lines } = await shards({ "test/lib/a.test.ts": FAILING, "test/other/b.test.ts": FLAKY });
    assert.equal(code, 2);
    assert.equal(lines.at(-1), "0 passed, 2 failed, 0 skipped");
    assert.match(lines.slice(-30).join("\n"), /fails always:\s+Error: by itself/);
  });

  it("that end early fail, even with exit code 0", async () => {
    const { code, lines } = await shards({ "test/lib/a.test.ts": ENDING, "test/other/b.test.ts": PASSING });
    assert.equal(code, 1);
    assert.equal(lines.at(-1), "1 passed, 1 failed, 0 skipped");
    assert.ok(lines.includes("The tests of test/lib ended early."));
  });
});
