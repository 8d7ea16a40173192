import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ensureBuilt, isFresh } from "../../tools/build.cjs";
import { isInstalled } from "../../tools/install.cjs";
import { isAlive } from "../../lib/machine/process-identity.cjs";
import { REPOSITORY } from "../../lib/machine/repository";
import { run, runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

describe("bundles", () => {
  const directory = temporaryDirectory();
  const entries = { "src/main.ts": "dist/main.js", "src/worker.ts": "dist/worker.js" };
  const path = (name: string) => join(directory(), name);
  const build = () => ensureBuilt({ root: directory(), entries, ifStale: true });

  beforeEach(() => {
    mkdirSync(path("src"));
    writeFileSync(path("package-lock.json"), "{}");
    writeFileSync(path("src/main.ts"), 'import { word } from "./word";\nconsole.log(word as string);\n');
    writeFileSync(path("src/word.ts"), 'export const word = "one";\n');
    writeFileSync(path("src/worker.ts"), 'console.log("worker");\n');
  });

  it("are built, run, and then are fresh", async () => {
    assert.deepEqual(await build(), ["src/main.ts", "src/worker.ts"]);
    assert.equal(execFileSync(process.execPath, [path("dist/main.js")], { encoding: "utf8" }), "one\n");
    assert.deepEqual(await build(), []);
    const map = JSON.parse(readFileSync(path("dist/main.js.map"), "utf8")) as { sources: string[] };
    assert.deepEqual(map.sources, ["../src/word.ts", "../src/main.ts"]);
  });

  for (const [change, file, apply, stale] of [
    [
      "an imported file changed",
      "src/word.ts",
      (f: string) => writeFileSync(f, 'export const word = "two";\n'),
      true,
    ],
    ["an imported file is gone", "src/word.ts", (f: string) => rmSync(f), true],
    ["dependencies changed", "package-lock.json", (f: string) => writeFileSync(f, "{ }"), true],
    ["the bundle is gone", "dist/main.js", (f: string) => rmSync(f), true],
    ["the stamp is damaged", "dist/main.js.stamp", (f: string) => writeFileSync(f, "{"), true],
    ["a file was only touched", "src/word.ts", (f: string) => utimesSync(f, new Date(), new Date()), false],
    [
      "another bundle's file changed",
      "src/worker.ts",
      (f: string) => writeFileSync(f, "console.log(1);"),
      false,
    ],
    ["a file that is in no bundle is new", "src/other.ts", (f: string) => writeFileSync(f, ""), false],
  ] as const) {
    it(`${stale ? "are stale" : "stay fresh"}: ${change}`, async () => {
      await build();
      assert.ok(isFresh("src/main.ts", directory(), entries));
      await sleep(20);
      apply(path(file));
      assert.equal(isFresh("src/main.ts", directory(), entries), !stale);
    });
  }

  it("are checked in less than 50 ms", () => {
    const begun = performance.now();
    isFresh("tools/main.ts");
    const duration = performance.now() - begun;
    assert.ok(duration < 50, `${duration} ms`);
  });

  it("are built once by two runs at once", async () => {
    const code = `
      require("./tools/build.cjs")
        .ensureBuilt(${JSON.stringify({ root: directory(), entries, ifStale: true })})
        .then((built) => console.log(built.length));`;
    const results = await Promise.all([runSource(code), runSource(code)]);
    assert.deepEqual(results.map((result) => Number(result.stdout)).sort(), [0, 2], results[0].stderr);
  });

  it("that worked stay when a build fails", async () => {
    await build();
    writeFileSync(path("src/word.ts"), "export const = ;\n");
    const code = `
      require("./tools/build.cjs")
        .ensureBuilt(${JSON.stringify({ root: directory(), entries, ifStale: true })})
        .catch((error) => console.log("failed with", error.errors.length));`;
    assert.equal((await runSource(code)).stdout, "failed with 1\n");
    assert.equal(execFileSync(process.execPath, [path("dist/main.js")], { encoding: "utf8" }), "one\n");
    assert.equal(isFresh("src/main.ts", directory(), entries), false);
  });

  it("of entries that do not exist are passed over", async () => {
    rmSync(path("src/worker.ts"));
    assert.deepEqual(await build(), ["src/main.ts"]);
    assert.equal(existsSync(path("dist/worker.js")), false);
  });
});

describe("installation", () => {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory(), name);
  const packages = {
    "": { name: "p" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/o": { version: "1.0.0", optional: true },
  };
  const lock = (content: object) =>
    writeFileSync(path("package-lock.json"), JSON.stringify({ packages: content }));
  const installed = (content: object) => {
    mkdirSync(path("node_modules"), { recursive: true });
    writeFileSync(path("node_modules/.package-lock.json"), JSON.stringify({ packages: content }));
  };

  it("is missing without node_modules", () => {
    lock(packages);
    assert.equal(isInstalled(directory()), false);
  });

  for (const [title, present, expected] of [
    ["the same packages", { "node_modules/a": { version: "1.0.0" } }, true],
    ["another version", { "node_modules/a": { version: "1.0.1" } }, false],
    ["a missing package", {}, false],
  ] as const) {
    it(`by hand, with ${title}: ${expected ? "adopted" : "done again"}`, () => {
      lock(packages);
      installed(present);
      assert.equal(isInstalled(directory()), expected);
      assert.equal(existsSync(path("node_modules/.slipway-lock")), expected);
    });
  }

  it("is stale when package-lock.json names other packages", () => {
    lock(packages);
    installed({ "node_modules/a": { version: "1.0.0" } });
    assert.ok(isInstalled(directory()));
    lock({ ...packages, "node_modules/b": { version: "2.0.0" } });
    assert.equal(isInstalled(directory()), false);
  });

  it("runs npm ci, once for two runs at once", async () => {
    const manifest = { name: "p", version: "1.0.0" };
    writeFileSync(path("package.json"), JSON.stringify(manifest));
    const content = { ...manifest, lockfileVersion: 3, requires: true, packages: { "": manifest } };
    writeFileSync(path("package-lock.json"), JSON.stringify(content));
    const code = `require("./tools/install.cjs").ensureInstalled(${JSON.stringify(directory())});`;
    const results = await Promise.all([runSource(code), runSource(code)]);
    assert.deepEqual(
      results.map((result) => result.code),
      [0, 0],
      results.map((result) => result.stderr).join(""),
    );
    const told = results.filter((result) => result.stderr.includes("with `npm ci` (about 20 s"));
    assert.equal(told.length, 1);
    assert.ok(isInstalled(directory()));
  });

  it("says what to do when npm fails", async () => {
    writeFileSync(path("package.json"), '{"name":"p","version":"1.0.0","dependencies":{"a":"1.0.0"}}');
    const content = { name: "p", version: "1.0.0", lockfileVersion: 3, packages: { "": { name: "p" } } };
    writeFileSync(path("package-lock.json"), JSON.stringify(content));
    const code = `require("./tools/install.cjs").ensureInstalled(${JSON.stringify(directory())}).catch((e) => console.log(e.message));`;
    const { stdout } = await runSource(code);
    assert.match(
      stdout,
      /`npm ci` failed in .* \(exit code \d+\); its words are above\. .*npm config get registry/,
    );
  });

  it("says that npm is missing", async () => {
    lock({ "": {}, "node_modules/a": { version: "1.0.0" } });
    const code = `require("./tools/install.cjs").ensureInstalled(${JSON.stringify(directory())}).catch((e) => console.log(e.message));`;
    const { stdout } = await runSource(code, { PATH: "/nonexistent" });
    assert.match(stdout, /npm cannot be started .*It comes with Node/);
  });
});

describe("npm scripts", () => {
  const directory = temporaryDirectory();
  const bootstrap = join(REPOSITORY, "tools", "bootstrap.cjs");

  /**
   * A command line tool that plays the CLI: prints its arguments, then does what the first one
   * says.
   */
  function pretendCli(script: string): NodeJS.ProcessEnv {
    const tools = join(directory(), "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    writeFileSync(join(directory(), "Pulumi.yaml"), "name: hello\nruntime: nodejs\n");
    return { ...process.env, SLIPWAY_TOOLS: tools };
  }

  it("that do not exist are refused with the list of those that do", async () => {
    const result = await run(process.execPath, [bootstrap, "nope"], { cwd: REPOSITORY });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /no command "nope"\. There are: start, stop, clean, pulumi, slipway, test/);
  });

  it("outside a project say so, without a stack trace", async () => {
    const result = await run(process.execPath, [bootstrap, "stop"], { cwd: directory() });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^slipway: There is no Pulumi\.yaml in /);
    assert.doesNotMatch(result.stderr, /\n\s+at /);
  });

  for (const code of [0, 3, 255]) {
    it(`pass exit code ${code} of the CLI through, and leave its output alone`, async () => {
      const env = pretendCli(`echo "$@"; exit ${code}`);
      const result = await run(process.execPath, [bootstrap, "pulumi", "stack", "export", "a b"], {
        cwd: directory(),
        env,
      });
      assert.equal(result.code, code);
      assert.equal(result.stdout, "stack export a b\n");
    });
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`pass ${signal} on to the CLI, wait for it, and clean up`, async () => {
      const ready = join(directory(), "ready");
      const env = pretendCli(
        `trap 'echo stopped by ${signal}; exit 7' ${signal.slice(3)}; echo $$ > ${ready}.next; mv ${ready}.next ${ready}; while :; do sleep 0.05; done`,
      );
      let pid = 0;
      const running = run(process.execPath, [bootstrap, "pulumi", "up"], {
        cwd: directory(),
        env,
        onStart: (id) => (pid = id),
      });
      while (!existsSync(ready)) await sleep(20);
      process.kill(pid, signal);
      const result = await running;
      assert.equal(result.code, 7, result.stderr);
      assert.match(result.stdout, new RegExp(`stopped by ${signal}`));
      assert.equal(isAlive(Number(readFileSync(ready, "utf8"))), false);
    });
  }

  it("end by the signal that ended the CLI", async () => {
    const env = pretendCli("kill -TERM $$");
    const result = await run(process.execPath, [bootstrap, "pulumi", "up"], { cwd: directory(), env });
    assert.equal(result.signal, "SIGTERM");
  });

  it("clean removes what was made, and only that", async () => {
    // A repository of its own: the bundle finds it by its own place.
    const root = join(directory(), "repository");
    mkdirSync(join(root, "dist"), { recursive: true });
    mkdirSync(join(root, ".slipway", "state"), { recursive: true });
    mkdirSync(join(directory(), "cache", "tools"), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
    writeFileSync(join(root, "package.json"), "{}");
    writeFileSync(join(root, "Pulumi.yaml"), "name: hello\nruntime: nodejs\n");
    await ensureBuilt({ ifStale: true, only: ["tools/main.ts"] });
    writeFileSync(join(root, "dist", "tools.js"), readFileSync(join(REPOSITORY, "dist", "tools.js")));
    const env = { ...process.env, SLIPWAY_CACHE: join(directory(), "cache") };
    const clean = (...args: string[]) => {
      const code = `require("./dist/tools.js").main(${JSON.stringify(["clean", ...args])})`;
      return run(process.execPath, ["-e", code], { cwd: root, env });
    };
    const first = await clean();
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /removed .*repository\/\.slipway \(/);
    assert.match(first.stdout, /removed .*repository\/dist \(/);
    assert.deepEqual(
      [".slipway", "dist"].map((name) => existsSync(join(root, name))),
      [false, false],
    );
    assert.ok(existsSync(join(root, "Pulumi.yaml")) && existsSync(join(directory(), "cache")));
    mkdirSync(join(root, "dist"));
    writeFileSync(join(root, "dist", "tools.js"), readFileSync(join(REPOSITORY, "dist", "tools.js")));
    assert.match((await clean("--cache")).stdout, /removed .*cache \(/);
    assert.equal(existsSync(join(directory(), "cache")), false);
  });
});
