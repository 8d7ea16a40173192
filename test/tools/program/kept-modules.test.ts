import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const keeper = path.resolve(__dirname, "..", "..", "..", "lib", "program", "kept-modules.cjs");

describe("modules that are kept between runs of a program", () => {
  let project: string;
  let folder: string;

  beforeEach(() => {
    project = realpathSync(mkdtempSync(path.join(os.tmpdir(), "slipway-kept-")));
    folder = path.join(project, "cache");
    write("node_modules/.package-lock.json", "{}");
    write("node_modules/outer/package.json", `{ "main": "main.js" }`);
    write("node_modules/outer/main.js", `module.exports = "outer with " + require("inner");`);
    write("node_modules/inner/index.js", `module.exports = "inner";`);
    write("main.js", `console.log(require("outer"));`);
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  function write(name: string, text: string): void {
    const file = path.join(project, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /**
   * Runs main.js. `read` has the files below node_modules that were read as such, `found` the
   * requests that had to be looked for.
   */
  function run(): { output: string; read: string[]; found: number; refused: number } {
    const start = `
      const Module = require("node:module"), vm = require("node:vm"), fs = require("node:fs"), path = require("node:path");
      const read = [], readFile = fs.readFileSync;
      fs.readFileSync = (file, ...rest) => {
        if (String(file).includes("node_modules")) read.push(path.relative(process.cwd(), file));
        return readFile(file, ...rest);
      };
      let found = 0, refused = 0;
      const findPath = Module._findPath;
      Module._findPath = (...args) => { found++; return findPath(...args); };
      const Script = vm.Script;
      vm.Script = class extends Script {
        constructor(...args) { super(...args); if (args[1].cachedData && this.cachedDataRejected) refused++; }
      };
      require(${JSON.stringify(keeper)}).keepModules({
        folder: ${JSON.stringify(folder)},
        root: path.join(process.cwd(), "package"),
        mayKeep: () => !process.env.MAY_NOT_KEEP,
      });
      require("./main.js");
      process.on("exit", () => console.log(JSON.stringify({ read, found, refused })));
    `;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", start], {
      cwd: project,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    const seen = JSON.parse(lines.pop() ?? "") as { read: string[]; found: number; refused: number };
    return { output: lines.join("\n"), ...seen };
  }

  function store(): string {
    const [name, ...others] = readdirSync(folder);
    assert.ok(name !== undefined && others.length === 0, "one store");
    return path.join(folder, name);
  }

  const modules = ["node_modules/outer/main.js", "node_modules/inner/index.js"];

  it("are neither looked for nor read nor compiled again", () => {
    const first = run();
    assert.equal(first.output, "outer with inner");
    assert.deepEqual(
      first.read.filter((file) => file.endsWith(".js")),
      modules,
    );
    const written = statSync(store()).mtimeMs;
    const second = run();
    assert.equal(second.output, "outer with inner");
    assert.deepEqual(second.read, []);
    assert.equal(second.found, first.found - 1, "what a package requires of another is known");
    assert.equal(second.refused, 0);
    assert.equal(statSync(store()).mtimeMs, written, "nothing is new, so nothing is written");
  });

  it("are read again where a file has changed, of the same length and time as well", () => {
    const file = path.join(project, "node_modules/inner/index.js");
    // Packages are unpacked with one and the same time.
    utimesSync(file, 499162500, 499162500);
    run();
    write("node_modules/inner/index.js", `module.exports = "other";`);
    utimesSync(file, 499162500, 499162500);
    assert.equal(run().output, "outer with other");
    assert.equal(run().output, "outer with other");
  });

  it("are looked for again after an installation", () => {
    run();
    write("node_modules/outer/node_modules/inner/index.js", `module.exports = "its own inner";`);
    write("node_modules/.package-lock.json", `{ "changed": true }`);
    assert.equal(run().output, "outer with its own inner");
    assert.equal(run().output, "outer with its own inner");
  });

  it("are looked for again where one is gone", () => {
    run();
    mkdirSync(path.join(project, "node_modules/outer/node_modules"));
    renameSync(
      path.join(project, "node_modules/inner"),
      path.join(project, "node_modules/outer/node_modules/inner"),
    );
    assert.equal(run().output, "outer with inner");
  });

  it("are always looked for where no installation is recorded", () => {
    rmSync(path.join(project, "node_modules/.package-lock.json"));
    const first = run();
    assert.equal(run().found, first.found);
    write("node_modules/outer/node_modules/inner/index.js", `module.exports = "its own inner";`);
    assert.equal(run().output, "outer with its own inner");
  });

  it("know their require, their parent and the columns of errors as Node has them", () => {
    write("node_modules/inner/data.json", `{ "value": 1 }`);
    write(
      "node_modules/inner/index.js",
      [
        `module.exports = [`,
        `  require("./data.json").value, require.resolve("outer"), typeof require.cache[__filename],`,
        `  path(module.parent.filename), path(__dirname), this === module.exports || "this",`,
        `  new Error("here").stack.split("\\n")[1].match(/index.js:\\d+:\\d+/)[0],`,
        `].join(" ");`,
        `function path(file) { return require("node:path").relative(process.cwd(), file); }`,
      ].join("\n"),
    );
    write(
      "main.js",
      `const own = new Error("in the first line"); console.log(require("outer")); console.log(own.stack.split("\\n")[1].match(/main.js:\\d+:\\d+/)[0]);`,
    );
    const plain = spawnSync(process.execPath, ["main.js"], { cwd: project, encoding: "utf8" }).stdout;
    assert.match(plain, /index.js:4:\d+\nmain.js:1:13/);
    for (let times = 0; times < 2; times++) assert.equal(run().output, plain.trimEnd());
  });

  it("stay out where they are of another kind, or cannot be compiled", () => {
    write("node_modules/inner/index.js", `#!/usr/bin/env node\nmodule.exports = "a program";`);
    for (let times = 0; times < 2; times++) assert.equal(run().output, "outer with a program");
    write(
      "main.js",
      `try { require("inner/wrong"); } catch (error) { console.log(error.name, error.stack.split("\\n")[0]); }`,
    );
    write("node_modules/inner/wrong.js", `const = 1;`);
    for (let times = 0; times < 2; times++)
      assert.equal(run().output, `SyntaxError ${path.join(project, "node_modules/inner/wrong.js")}:1`);
  });

  it("are begun anew where the file of them is damaged or of another form", () => {
    run();
    const bytes = readFileSync(store());
    for (const damaged of [
      Buffer.alloc(0),
      bytes.subarray(0, bytes.length - 1),
      Buffer.concat([bytes, Buffer.from("x")]),
      Buffer.from(bytes.toString("latin1").replace(`"form":"1"`, `"form":"0"`), "latin1"),
    ]) {
      writeFileSync(store(), damaged);
      assert.equal(run().output, "outer with inner");
      assert.deepEqual(run().read, []);
    }
  });

  it("run all the same where nothing can be written", () => {
    write("cache", "a file where the folder belongs");
    assert.equal(run().output, "outer with inner");
  });

  it("are those of packages: a program is read as it is", () => {
    write("package/part.js", `module.exports = "a part";`);
    write("program-part.js", "");
    write("main.js", `require("./program-part"); console.log(require("./package/part"));`);
    for (let times = 0; times < 2; times++) assert.equal(run().output, "a part");
    const text = readFileSync(store(), "latin1");
    assert.ok(text.includes("/package/part.js"));
    assert.ok(!text.includes("program-part.js") && !text.includes("/main.js"));
  });

  it("are kept for each setting of V8, and removed when nobody has written them for long", () => {
    run();
    const old = store();
    utimesSync(old, 0, 0);
    process.env.NODE_OPTIONS = "--max-semi-space-size=8";
    try {
      assert.deepEqual([run().refused, run().refused], [0, 0]);
    } finally {
      delete process.env.NODE_OPTIONS;
    }
    assert.notEqual(store(), old);
  });

  it("are not written by a process whose V8 has other settings", () => {
    process.env.MAY_NOT_KEEP = "1";
    try {
      run();
    } finally {
      delete process.env.MAY_NOT_KEEP;
    }
    assert.equal(existsSync(folder), false);
  });
});
