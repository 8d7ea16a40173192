import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { status, stop } from "../../lib/embedded/registry";
import { ensureRunning } from "../../lib/embedded/registry";
import { ensureBuilt } from "../../tools/build.cjs";
import { requireTools } from "../support/tools";
import { temporaryDirectory } from "../tools/temporary-directory";

const program = resolve(__dirname, "..", "..", "cli", "slipway.cjs");

describe("npx slipway", () => {
  const directory = temporaryDirectory(stop);

  before(() => ensureBuilt({ ifStale: true, only: ["cli/main.ts", "lib/embedded/idle-watch.ts"] }));

  function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((done) => {
      execFile(process.execPath, [program, ...args], { cwd: directory() }, (error, stdout, stderr) =>
        done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    });
  }
  const project = () => writeFileSync(join(directory(), "Pulumi.yaml"), "name: hello\n");

  const lines: [args: string[], code: number, stdout: RegExp, stderr: RegExp][] = [
    [[], 2, /Usage: npx slipway COMMAND/, /^$/],
    [
      ["--help"],
      0,
      /init .*\n.*status .*\n.*services .*\n.*stop .*\n.*clean .*\n.*check-policies .*\n.*diff .*\n.*doctor .*\n.*build .*\n.*metrics .*\n.*refresh .*\n.*page .*\n.*preview .*\n.*up /,
      /^$/,
    ],
    [["--version"], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    [["stop", "--help"], 0, /Usage: npx slipway stop[^]*--dry-run/, /^$/],
    [["clean", "--help"], 0, /--yes/, /^$/],
    [
      ["stopp"],
      2,
      /^$/,
      /there is no command "stopp"\. There are: init, status, services, stop, clean, check-policies, diff, doctor, build, metrics, refresh, page, preview, up/,
    ],
    [["stop", "--all"], 2, /^$/, /'--all'[^]*Usage: npx slipway stop/],
    [["services", "more"], 2, /^$/, /'more'[^]*Usage: npx slipway services/],
    [["status", "--fail-on", "gone"], 2, /^$/, /--fail-on gone: states of failed, missing, drifted/],
    [["status", "--format", "xml"], 2, /^$/, /--format xml: one of text, markdown, json, junit, prometheus/],
    [["metrics", "--versions", "0"], 2, /^$/, /--versions 0: a number from 1 to 100 is expected/],
    [["metrics", "--keep", "5"], 2, /^$/, /--keep: is about a file of --history/],
    [["page", "--out", "site", "--install", "none.md"], 1, /^$/, /--install none\.md: ENOENT/],
    [["page"], 2, /^$/, /--out is missing, e\.g\. --out site/],
    [
      ["page", "--out", "site", "--versions", "no"],
      2,
      /^$/,
      /--versions no: a number from 1 to 200 is expected/,
    ],
    [
      ["page", "--out", "site", "--url", "javascript:1"],
      2,
      /^$/,
      /--url javascript:1: an https address is expected/,
    ],
    [["build", "--platform", "linux"], 2, /^$/, /--output is missing, e\.g\. --output parts\/arm64\.json/],
    [
      ["build", "--platform", "linux", "--output", "x.json"],
      2,
      /^$/,
      /--platform: .*linux[^]*Usage: npx slipway build/,
    ],
    [["check-policies"], 2, /^$/, /a file is missing, e\.g\. policies\.json/],
    [["services", "-C", "/"], 1, /^$/, /There is no project in \/ or above it[^]*-C DIRECTORY/],
  ];
  for (const [args, code, stdout, stderr] of lines) {
    it(`${args.join(" ") || "without a command"}: exit code ${code}`, async () => {
      const result = await run(...args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stdout, stdout);
      assert.match(result.stderr, stderr);
    });
  }

  it("check-policies says what is wrong with a file, each with its name", async () => {
    writeFileSync(join(directory(), "good.json"), '{ "all": "mandatory" }');
    writeFileSync(join(directory(), "bad.json"), '{ "size-budget": { "maximumByte": 1 } }');
    const good = await run("check-policies", "good.json");
    assert.deepEqual([good.code, good.stdout], [0, "good.json: no problem\n"]);
    const bad = await run("check-policies", "good.json", "bad.json", "none.json");
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /^bad\.json: .*did you mean "maximumBytes"\?.*\nnone\.json: cannot be read: /);
  });

  it("preview, up and status without pulumi on PATH say so and end", async () => {
    project();
    const env = { ...process.env, PATH: "/nowhere" };
    for (const command of ["preview", "up", "status"]) {
      const { status, stderr } = spawnSync(process.execPath, [program, command, "--stack", "dev"], {
        cwd: directory(),
        env,
        encoding: "utf8",
        timeout: 20_000,
      });
      assert.equal(status, 1, stderr);
      assert.match(stderr, /There is no pulumi on PATH/);
    }
  });

  it("services, stop and clean of a project where nothing was started say so", async () => {
    project();
    assert.match(
      (await run("services")).stdout,
      /registry +none was started yet\nbuilder +none was started yet/,
    );
    assert.match((await run("stop")).stdout, /Nothing runs/);
    assert.match((await run("clean", "--yes")).stdout, /There is nothing to remove/);
    assert.equal(existsSync(join(directory(), ".slipway")), false);
  });

  it("services names the process, stop ends it and keeps the data, clean removes it with --yes only", async function () {
    this.timeout(60_000);
    requireTools(this, "registry");
    project();
    const host = await ensureRunning(directory());
    const { pid } = await status(directory());
    const below = join(directory(), "below");
    mkdirSync(below);

    const told = await run("services", "-C", below);
    assert.match(told.stdout, new RegExp(`process ${pid} at ${host}, since \\d{4}-.*Z\n`));
    assert.match(
      told.stdout,
      new RegExp(`used +by process ${process.pid}; they end after 30 min without use`),
    );
    const json = JSON.parse((await run("services", "--json")).stdout) as {
      registry: { pid: number };
      usedBy: number[];
      idleExitSeconds: number;
    };
    assert.deepEqual([json.registry.pid, json.usedBy, json.idleExitSeconds], [pid, [process.pid], 1800]);

    assert.match((await run("stop", "--dry-run")).stdout, /would stop the embedded registry/);
    assert.equal((await status(directory())).running, true);
    const stopped = await run("stop");
    assert.deepEqual(
      [stopped.code, stopped.stdout],
      [0, "The embedded registry is stopped; its data stays.\n"],
    );
    assert.equal((await status(directory())).pid, undefined);

    const folder = join(directory(), ".slipway");
    const asked = await run("clean");
    assert.equal(asked.code, 1);
    assert.match(asked.stdout, /would remove .*\.slipway \(.*published to the embedded registry\)/);
    assert.match(asked.stderr, /Run it again with --yes/);
    assert.equal((await run("clean", "--yes", "--dry-run")).code, 0);
    assert.ok(existsSync(folder));
    assert.match((await run("clean", "--yes")).stdout, /removed .*\.slipway/);
    assert.ok(!existsSync(folder));
  });
});
