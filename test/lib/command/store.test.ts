import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, utimes, writeFile, mkdir, chmod } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { BuildError, type CommandSpec } from "../../../lib/command/command-spec";
import { inputsDigest } from "../../../lib/command/inputs-digest";
import { BuildStore } from "../../../lib/command/store";
import { hashFile } from "../../../lib/oci/layer/file-content";

const fileDigest = async (file: string) => (await hashFile(file)).digest;

describe("the store of command results", () => {
  let project: string;
  let store: BuildStore;
  const observer = { onLine: () => undefined };

  beforeEach(async () => {
    project = await mkdtemp(path.join(os.tmpdir(), "slipway-build-"));
    await writeFile(path.join(project, "source.txt"), "one");
    store = newStore();
  });
  afterEach(() => rm(project, { recursive: true, force: true }));

  function newStore(): BuildStore {
    return new BuildStore(project, path.join(project, ".slipway", "cache", "builds"), fileDigest);
  }

  function spec(overrides: Partial<CommandSpec> = {}): CommandSpec {
    return {
      directory: project,
      command: `echo run >> runs.log; cat source.txt > "$SLIPWAY_OUTPUT/result"`,
      env: {},
      sources: ["source.txt"],
      outputs: ["result"],
      timeoutSeconds: 20,
      ...overrides,
    };
  }

  async function runs(): Promise<number> {
    const log = await readFile(path.join(project, "runs.log"), "utf8").catch(() => "");
    return log.split("\n").length - 1;
  }

  it("runs a command once for the same inputs, also in another process", async () => {
    const digest = await inputsDigest(spec(), fileDigest);
    const files = await store.build(digest, spec(), observer);
    assert.equal(await readFile(path.join(project, files.result?.path ?? ""), "utf8"), "one");
    assert.equal(files.result?.size, 3);
    assert.deepEqual(await newStore().build(digest, spec(), observer), files);
    assert.equal(await runs(), 1);
  });

  it("runs once where two ask at the same time", async () => {
    const digest = await inputsDigest(spec(), fileDigest);
    const [a, b] = await Promise.all([
      store.build(digest, spec(), observer),
      store.build(digest, spec(), observer),
    ]);
    assert.deepEqual(a, b);
    assert.equal(await runs(), 1);
  });

  const changes: [string, () => Promise<Partial<CommandSpec>>][] = [
    ["a source file", async () => (await writeFile(path.join(project, "source.txt"), "two"), {})],
    [
      "a new file that a pattern matches",
      async () => (await writeFile(path.join(project, "more.txt"), ""), { sources: ["*.txt"] }),
    ],
    ["the mode of a source file", async () => (await chmod(path.join(project, "source.txt"), 0o755), {})],
    ["the environment", async () => ({ env: { A: "b" } })],
    ["the command", async () => ({ command: ["true"] })],
  ];
  for (const [what, change] of changes) {
    it(`has another digest of the inputs when it is another: ${what}`, async () => {
      const before = await inputsDigest(spec(), fileDigest);
      assert.notEqual(await inputsDigest(spec(await change()), fileDigest), before);
    });
  }

  it("has the same digest whatever the time of the source files", async () => {
    const before = await inputsDigest(spec(), fileDigest);
    await writeFile(path.join(project, "source.txt"), "one");
    assert.equal(await inputsDigest(spec(), fileDigest), before);
  });

  it("makes a result again that was changed by hand", async () => {
    const digest = await inputsDigest(spec(), fileDigest);
    const { result } = await store.build(digest, spec(), observer);
    await writeFile(path.join(project, result?.path ?? ""), "tampered");
    assert.equal(await store.lookup(digest), undefined);
    await store.build(digest, spec(), observer);
    assert.equal(await readFile(path.join(project, result?.path ?? ""), "utf8"), "one");
  });

  it("makes a result when its content is asked for and another machine made it", async () => {
    const digest = await inputsDigest(spec(), fileDigest);
    const { result } = await store.build(digest, spec(), observer);
    await rm(path.join(project, ".slipway"), { recursive: true });
    const other = newStore();
    await assert.rejects(
      other.ensure(result?.path ?? "", observer),
      /output of a command that is no longer declared/,
    );
    other.register(digest, spec());
    await other.ensure(result?.path ?? "", observer);
    assert.equal(await readFile(path.join(project, result?.path ?? ""), "utf8"), "one");
  });

  it("removes what a run that was killed left behind, and not what is at work", async () => {
    const builds = path.join(project, ".slipway", "cache", "builds");
    const [old, recent] = [path.join(builds, ".building-old"), path.join(builds, ".building-recent")];
    await mkdir(old, { recursive: true });
    await mkdir(recent);
    const days = new Date(Date.now() - 3 * 86_400_000);
    await utimes(old, days, days);
    await store.build(await inputsDigest(spec(), fileDigest), spec(), observer);
    await assert.rejects(stat(old), /ENOENT/);
    assert.ok((await stat(recent)).isDirectory());
  });

  it("leaves files alone that are not results", () => store.ensure("source.txt", observer));

  it("replaces {output} in arguments and passes no shell where there is none", async () => {
    const listed = spec({ command: ["cp", "source.txt", "{output}/result"] });
    const files = await store.build(await inputsDigest(listed, fileDigest), listed, observer);
    assert.ok((await stat(path.join(project, files.result?.path ?? ""))).isFile());
  });

  const failures: [string, Partial<CommandSpec>, RegExp][] = [
    [
      "a command that fails",
      { command: "echo first; echo broken >&2; exit 3" },
      /command failed: echo first[^]*exit code 3, in [^]* {2}broken/,
    ],
    [
      "a program that is missing",
      { command: ["no-such-program-here"] },
      /there is no program "no-such-program-here" on this machine/,
    ],
    [
      "an output that was not made",
      { command: "true" },
      /left no file "result" in its output folder; it has to write there: \{output\}\/result/,
    ],
    [
      "a command that takes too long",
      { command: "sleep 30", timeoutSeconds: 0.2 },
      /ended after 0\.2 s \(timeoutSeconds\)/,
    ],
  ];
  for (const [title, overrides, message] of failures) {
    it(`says what went wrong: ${title}`, async () => {
      const failing = spec(overrides);
      const digest = await inputsDigest(failing, fileDigest);
      await assert.rejects(store.build(digest, failing, observer), (error: Error) => {
        assert.ok(error instanceof BuildError);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(await store.lookup(digest), undefined, "a failed command has no result");
    });
  }

  it("refuses a pattern without files", async () => {
    await assert.rejects(
      inputsDigest(spec({ sources: ["*.go"] }), fileDigest),
      /sources: no file matches "\*\.go" in .*a valid example/,
    );
  });

  it("refuses a folder that is not there", async () => {
    await assert.rejects(
      inputsDigest(spec({ directory: path.join(project, "none") }), fileDigest),
      /directory: there is no folder/,
    );
  });

  it("ends what a canceled command started", async () => {
    const abort = new AbortController();
    const running = spec({ command: `sleep 60 & echo $! > "$SLIPWAY_OUTPUT/../pid"; wait` });
    await mkdir(path.join(project, ".slipway", "cache", "builds"), { recursive: true });
    const digest = await inputsDigest(running, fileDigest);
    const build = store.build(digest, running, { ...observer, signal: abort.signal });
    const pidFile = path.join(project, ".slipway", "cache", "builds", "pid");
    let pid = 0;
    while (pid === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = Number(await readFile(pidFile, "utf8").catch(() => "0"));
    }
    abort.abort();
    await assert.rejects(build, /ended because the run was canceled/);
    // A process that ended may stay as a zombie until its new parent takes notice.
    const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    assert.match(stdout.trim(), /^(Z.*)?$/, "the child of the command still runs");
  });
});
