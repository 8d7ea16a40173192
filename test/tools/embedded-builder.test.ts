import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { moveAddress } from "../../lib/embedded/address";
import { builderStatus, ensureBuilder, removeBuilder, stopBuilder } from "../../lib/embedded/builder";
import { embeddedBuilderName } from "../../lib/embedded/builder-name";
import { embeddedHome } from "../../lib/embedded/home";
import { isAlive } from "../../lib/machine/process-identity.cjs";
import { requireBuildKit } from "../support/buildkit";
import { runClient } from "../support/clients";
import { runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

describe("embedded builder", function () {
  this.timeout(120_000);
  const directory = temporaryDirectory((folder) => removeBuilder(folder, environment(folder)));

  /** Nobody's own builders take part. */
  function environment(folder: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DOCKER_CONFIG: join(folder, "docker"),
      DOCKER_HOST: `unix://${folder}/no-docker`,
    };
  }
  const env = () => environment(directory());
  const status = () => builderStatus(directory(), env());
  const mounts = () =>
    readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(directory()));

  before(function () {
    requireBuildKit(this);
  });

  it("is none before it is needed, and stopping or removing it says so", async () => {
    assert.equal(await stopBuilder(directory(), env()), false);
    assert.equal(await removeBuilder(directory(), env()), false);
    const { kind, running, pid } = await status();
    assert.deepEqual({ kind, running, pid }, { kind: undefined, running: false, pid: undefined });
    assert.equal(existsSync(join(directory(), ".slipway")), false);
  });

  it("is started once for all that ask at once, and builds", async () => {
    const code = `const folder = ${JSON.stringify(directory())};
      require("./lib/embedded/builder").ensureBuilder(folder).then(console.log)`;
    const answers = await Promise.all([1, 2, 3].map(() => runSource(code, env())));
    const name = embeddedBuilderName(directory());
    assert.deepEqual(
      answers.map(({ stdout }) => stdout.trim()),
      [name, name, name],
      answers.map(({ stderr }) => stderr).join(""),
    );
    const { kind, running, pid = 0 } = await status();
    assert.deepEqual(
      { kind, running, alive: isAlive(pid) },
      { kind: "buildkitd", running: true, alive: true },
    );

    mkdirSync(join(directory(), "context"));
    writeFileSync(join(directory(), "context", "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    const output = ["--output", `type=local,dest=${join(directory(), "built")}`];
    await runClient(
      "docker-buildx",
      ["build", "--builder", name, ...output, join(directory(), "context")],
      env(),
    );
    assert.match(readFileSync(join(directory(), "built", "Dockerfile"), "utf8"), /^FROM scratch/);

    assert.equal(await stopBuilder(directory(), env()), true);
    assert.equal(isAlive(pid), false);
    assert.equal((await status()).running, false);
    assert.equal(await stopBuilder(directory(), env()), false);

    assert.equal(await ensureBuilder(directory(), { env: env() }), name);
    assert.equal((await status()).running, true);
    assert.equal(await removeBuilder(directory(), env()), true);
    assert.deepEqual(mounts(), []);
    assert.equal(existsSync(join(directory(), ".slipway", "builder")), false);
    assert.doesNotMatch(await runClient("docker-buildx", ["ls"], env()), new RegExp(name));
  });

  it("removes what a killed daemon has left, its mounts too", async () => {
    await ensureBuilder(directory(), { env: env() });
    const { pid = 0 } = await status();
    process.kill(pid, "SIGKILL");
    const root = join(directory(), ".slipway", "builder", "root");
    mkdirSync(join(root, "left"));
    await runClient("mount", ["-t", "tmpfs", "tmpfs", join(root, "left")]);
    assert.equal(await removeBuilder(directory(), env()), true);
    assert.deepEqual(mounts(), []);
    assert.equal(existsSync(root), false);
  });

  it("starts anew where the registry moved, which it knows as plain HTTP", async () => {
    await ensureBuilder(directory(), { env: env() });
    const { pid } = await status();
    await ensureBuilder(directory(), { env: env() });
    assert.equal((await status()).pid, pid);
    const host = moveAddress(directory(), 20_001);
    await ensureBuilder(directory(), { env: env() });
    assert.notEqual((await status()).pid, pid);
    const config = readFileSync(join(directory(), ".slipway", "builder", "buildkitd.toml"), "utf8");
    assert.equal(config, `[registry."${host}"]\n  http = true\n`);
  });

  it("says what to install where it cannot be", async () => {
    const bare = { ...env(), PATH: [join(directory(), "empty")].join(delimiter) };
    await assert.rejects(ensureBuilder(directory(), { env: bare }), (error: Error) => {
      assert.match(error.message, /Docker with buildx is not there .*runc, .* is not on PATH/);
      assert.match(error.message, /apt-get install runc/);
      return error.name === "SetupError";
    });
  });

  it("shows the daemon's own words where it ends at its start", async () => {
    const tools = join(directory(), "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "buildkitd"), "#!/bin/sh\necho no such snapshotter >&2\nexit 3\n", {
      mode: 0o755,
    });
    const options = { env: { ...env(), SLIPWAY_TOOLS: tools } };
    await assert.rejects(ensureBuilder(directory(), options), (error: Error) => {
      assert.match(error.message, /The embedded builder did not start on unix:.*\(exit code 3\)/);
      return error.message.includes("no such snapshotter");
    });
  });

  it("is that of the nearest folder above that is shared", () => {
    const project = join(directory(), "examples", "one");
    mkdirSync(project, { recursive: true });
    assert.equal(embeddedHome(project), project);
    writeFileSync(join(directory(), "examples", ".slipway-shared"), "");
    assert.equal(embeddedHome(project), join(directory(), "examples"));
    assert.equal(embeddedBuilderName(project), embeddedBuilderName(join(directory(), "examples")));
    assert.notEqual(embeddedBuilderName(project), embeddedBuilderName(directory()));
  });
});
