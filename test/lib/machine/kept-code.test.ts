import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { execFile } from "node:child_process";

const loader = path.resolve(__dirname, "../../../lib/machine/kept-code.cjs");

describe("compiled code that is kept for the next start", () => {
  let folder: string;
  let compiled: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-kept-code-"));
    compiled = path.join(folder, "program.js");
    await writeFile(compiled, `exports.answer = () => require("node:path").basename(__filename) + " 1";`);
  });
  afterEach(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });

  /** Starts a process that loads the program, and tells what it answers. */
  async function start({ hasWorked = true } = {}): Promise<string> {
    const text = `
      const { loadWithKeptCode } = require(${JSON.stringify(loader)});
      const loaded = loadWithKeptCode(${JSON.stringify(compiled)}, () => ${hasWorked});
      process.stdout.write(loaded ? loaded.answer() : "nothing");
    `;
    return (await promisify(execFile)(process.execPath, ["-e", text])).stdout;
  }

  async function kept(): Promise<string | undefined> {
    const [name] = await readdir(path.join(folder, "code", "program")).catch(() => []);
    return name && path.join(folder, "code", "program", name);
  }

  it("is used by the next start, which leaves it as it is", async () => {
    assert.equal(await start(), "program.js 1");
    const file = await kept();
    assert.ok(file);
    const { mtimeMs } = await stat(file);
    assert.equal(await start(), "program.js 1");
    assert.equal((await stat(file)).mtimeMs, mtimeMs);
  });

  it("is made again where it is damaged", async () => {
    await start();
    const file = await kept();
    assert.ok(file);
    await writeFile(file, "damaged");
    assert.equal(await start(), "program.js 1");
    assert.notEqual(String(await readFile(file)), "damaged");
  });

  it("is that of one build: another one has its own, and the former goes", async () => {
    await start();
    const former = await kept();
    await writeFile(compiled, `exports.answer = () => "another build";`);
    assert.equal(await start(), "another build");
    assert.notEqual(await kept(), former);
    assert.equal((await readdir(path.join(folder, "code", "program"))).length, 1);
  });

  it("is not kept of a process that has not worked", async () => {
    assert.equal(await start({ hasWorked: false }), "program.js 1");
    assert.equal(await kept(), undefined);
  });

  it("is done without where it cannot be written", async function () {
    if (process.getuid?.() === 0) await writeFile(path.join(folder, "code"), "a file in its place");
    else await chmod(folder, 0o500);
    assert.equal(await start(), "program.js 1");
  });

  it("nothing is loaded where there is no such file", async () => {
    await rm(compiled);
    assert.equal(await start(), "nothing");
  });
});
