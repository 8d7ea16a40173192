import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const repository = path.resolve(__dirname, "..", "..", "..");
const hook = path.join(repository, "lib", "program", "register.cjs");

describe("TypeScript in a Pulumi program", () => {
  let project: string;
  let cache: string;

  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "slipway-register-"));
    cache = path.join(project, "cache");
    symlinkSync(path.join(repository, "node_modules"), path.join(project, "node_modules"));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  function run(source: string, directory = project): { code: number | null; output: string } {
    writeFileSync(path.join(directory, "index.ts"), source);
    const start = 'require("./index.ts")';
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", hook, "-e", start], {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, SLIPWAY_CACHE: cache },
    });
    return { code: status, output: stdout + stderr };
  }

  /** Names of the modules that were loaded, among those that take long. */
  const loaded = `
    const names = Object.keys(require.cache).join();
    console.log(["typescript/lib", "@npmcli/arborist", "pulumi/automation", "esbuild/lib"].filter((part) => names.includes(part)).join());
  `;

  /** Programs that were transformed so far. */
  const transformed = () =>
    readdirSync(path.join(cache, "programs")).filter((name) => name.endsWith(".js")).length;

  it("runs without the compiler, and the second time without a transformation", () => {
    for (const [source, programs] of [
      [`const n: number = 1; ${loaded}`, 1],
      [`const n: number = 1; ${loaded}`, 1],
      [`const n: number = 2; ${loaded}`, 2],
    ] as const) {
      assert.equal(run(source).output.trim(), "");
      assert.equal(transformed(), programs);
    }
  });

  it("loads the SDK without what components do not need, and gives that when it is touched", () => {
    const sdk = `import * as pulumi from "@pulumi/pulumi";`;
    assert.equal(run(`${sdk} void pulumi.Output; ${loaded}`).output.trim(), "");
    const used = run(`${sdk} console.log(typeof pulumi.automation.LocalWorkspace.create); ${loaded}`).output;
    assert.match(used, /^function\n.*pulumi\/automation/);
  });

  it("loads what exports traces when a trace is exported", () => {
    const parts = `["@opentelemetry/sdk-trace", "exporter-zipkin", "js-yaml", "normalize-package-data"]`;
    const names = `console.log(${parts}.filter((part) => Object.keys(require.cache).join().includes(part)).join());`;
    const tracing = `
      require("@pulumi/pulumi");
      const tracing = require("@pulumi/pulumi/cmd/run/tracing");
      console.log(tracing.newSpan("a").isRecording());`;
    assert.equal(run(`${tracing} ${names}`).output, "false\n\n");
    const traced = `tracing.start("http://127.0.0.1:9/"); console.log(tracing.newSpan("b").isRecording());`;
    assert.equal(
      run(`${tracing} ${traced} ${names} process.exit(0);`).output,
      "false\ntrue\n@opentelemetry/sdk-trace,exporter-zipkin\n",
    );
  });

  it("says where a program is wrong", () => {
    const { code, output } = run(`const n: number = 1;\nconst = 2;`);
    assert.notEqual(code, 0);
    assert.match(output, /index\.ts:2:6: ERROR: Expected identifier but found "="/);
  });

  it("turns functions into text, with their place where that fails", () => {
    const sdk = `import * as pulumi from "@pulumi/pulumi";`;
    const good = run(`${sdk}
      const greeting = "hello";
      void pulumi.runtime.serializeFunction(() => greeting).then(({ text }) => console.log(text));
    `);
    assert.match(good.output, /return greeting;|=> greeting/);
    const bad = run(`${sdk}
      const bound = Math.max.bind(null);
      pulumi.runtime.serializeFunction(() => bound()).catch((error: Error) => console.log(error.message));
    `);
    assert.match(bad.output, /index\.ts\(\d+,\d+\): captured\n\s+'bound'/);
  });

  it("keeps the outputs of classes that only declare their fields", () => {
    const { output } = run(`
      class Base { constructor() { (this as { field?: string }).field = "set by the base"; } }
      class Derived extends Base { field!: string; }
      console.log(new Derived().field);
    `);
    assert.equal(output.trim(), "set by the base");
  });

  it("shows the line of the program in a stack, not that of what it became", () => {
    const sdk = path.join(repository, "node_modules", "@pulumi", "pulumi", "cmd", "run", "index.js");
    // As the SDK does when it starts a program.
    const start = `
      const Module = require("node:module");
      const parent = new Module(${JSON.stringify(sdk)});
      parent.filename = ${JSON.stringify(sdk)};
      parent.paths = [${JSON.stringify(path.join(repository, "node_modules"))}];
      Module._load("source-map-support/register", parent);
      require("./index.ts");
    `;
    const source = ["interface Erased {", "  a: string;", "}", "", "", 'throw new Error("on line six");'];
    writeFileSync(path.join(project, "index.ts"), source.join("\n"));
    const { stderr } = spawnSync(process.execPath, ["--require", hook, "-e", start], {
      cwd: project,
      encoding: "utf8",
    });
    assert.match(stderr, /Error: on line six\n\s+at .*index\.ts:6:7/);
  });

  it("knows a program in another folder again, and shows that folder in its stacks", () => {
    const source = `console.log(new Error("here").stack as string); ${loaded}`;
    run(source);
    const other = mkdtempSync(path.join(os.tmpdir(), "slipway-register-"));
    try {
      symlinkSync(path.join(repository, "node_modules"), path.join(other, "node_modules"));
      assert.ok(run(source, other).output.includes(path.join(other, "index.ts:1:13")));
      assert.equal(transformed(), 1);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it("forgets programs that were transformed long ago", () => {
    run(`console.log(1 as number)`);
    const folder = path.join(cache, "programs");
    for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), 0, 0);
    run(`console.log(2 as number)`);
    assert.equal(transformed(), 1);
  });

  it("works where its cache cannot be written", () => {
    writeFileSync(cache, "a file where the cache's folder belongs");
    assert.equal(run(`console.log("ran" as string)`).output.trim(), "ran");
  });

  it("leaves nothing half-written", () => {
    run(`console.log(1 as number)`);
    const files = readdirSync(path.join(cache, "programs"));
    assert.deepEqual(
      files.filter((name) => name !== "modules" && !/^([0-9a-f]{64}\.js|[0-9a-f]{32})$/.test(name)),
      [],
    );
  });
});
