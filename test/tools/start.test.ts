import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { recordedAddress } from "../../lib/embedded/address";
import { builderStatus, removeBuilder } from "../../lib/embedded/builder";
import { status, stop } from "../../lib/embedded/registry";
import { ensureBuilt } from "../../tools/build.cjs";
import { missingImages, namedBases } from "../../tools/development-bases";
import { withExample } from "../../tools/examples";
import { REPOSITORY } from "../../lib/machine/repository";
import { requireBuildKit } from "../support/buildkit";
import { crane } from "../support/clients";
import { requireTools } from "../support/tools";
import { run } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

describe("npm start -- NAME", function () {
  this.timeout(240_000);
  const directory = temporaryDirectory(async (folder) => {
    await removeBuilder(join(folder, "examples"), environment(folder));
    await stop(join(folder, "examples"));
  });

  function environment(folder: string): NodeJS.ProcessEnv {
    const { PULUMI_BACKEND_URL: _, ...env } = process.env;
    return { ...env, DOCKER_CONFIG: join(folder, "docker"), DOCKER_HOST: `unix://${folder}/no-docker` };
  }

  /** A repository of its own: the bundle finds it by its own place. */
  function repository(): void {
    for (const name of ["lib", "provider", "tools", "package.json", "node_modules"]) {
      symlinkSync(join(REPOSITORY, name), join(directory(), name));
    }
    mkdirSync(join(directory(), "dist"));
    for (const name of ["tools.js", "components.js"]) {
      cpSync(join(REPOSITORY, "dist", name), join(directory(), "dist", name));
    }
    mkdirSync(join(directory(), "examples"));
    cpSync(join(REPOSITORY, "examples", ".slipway-shared"), join(directory(), "examples", ".slipway-shared"));
    cpSync(join(REPOSITORY, "test", "examples", "small"), join(directory(), "examples", "small"), {
      recursive: true,
    });
    writeFileSync(join(directory(), "Pulumi.yaml"), "name: root\nruntime: nodejs\n");
  }

  const npm = (...args: string[]) =>
    run(process.execPath, ["-e", `require("./dist/tools.js").main(${JSON.stringify(args)})`], {
      cwd: directory(),
      env: environment(directory()),
    });

  it("publishes an example with a builder and a registry of its own, which stop and clean see to", async function () {
    requireTools(this, "pulumi", "registry", "crane");
    requireBuildKit(this);
    await ensureBuilt({ ifStale: true });
    repository();
    const examples = join(directory(), "examples");
    const env = environment(directory());

    // Two at once: Pulumi's lock refuses one of them, or it comes later and changes nothing.
    const [one, two] = await Promise.all([npm("start", "small"), npm("start", "small")]);
    const failed = [one, two].filter(({ code }) => code !== 0);
    assert.ok(failed.length < 2, one.stdout + one.stderr);
    for (const { stdout, stderr } of failed) assert.match(stdout + stderr, /currently locked|lock/);
    const host = recordedAddress(examples) ?? "";
    const digest = await crane(["digest", `${host}/built:v1.0.0`]);
    assert.equal(existsSync(join(directory(), ".slipway", "registry")), false);
    assert.equal((await builderStatus(examples, env)).kind, "buildkitd");
    assert.equal((await builderStatus(examples, env)).running, true);

    for (const folder of [examples, join(examples, "small")])
      assert.equal(statSync(join(folder, ".slipway")).mode & 0o777, 0o700, folder);

    const again = await npm("start", "small");
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /\d+ unchanged/);
    assert.doesNotMatch(again.stdout, /\d+ (created|updated|replaced)/);
    assert.match(again.stdout, /npm start -- small +release it/);
    // 25 with npm's own four; seven are of the second image.
    const lines = (again.stdout + again.stderr).trim().split("\n");
    assert.ok(lines.length <= 25 - 4 + 7, `${lines.length} lines\n${lines.join("\n")}`);
    assert.equal(await crane(["digest", `${host}/built:v1.0.0`]), digest);

    const stopped = await npm("stop");
    assert.match(stopped.stdout, /builder of the examples is stopped[^]*registry of the examples is stopped/);
    assert.equal((await builderStatus(examples, env)).running, false);
    assert.equal((await status(examples)).running, false);
    const viaCli = await npm("pulumi", "--cwd", "examples/small", "preview", "--stack", "dev");
    assert.equal(viaCli.code, 0, viaCli.stdout + viaCli.stderr);
    assert.equal((await status(examples)).running, true);
    // A killed engine leaves those empty, and reads no state any more.
    const state = readdirSync(join(examples, "small", ".slipway/state"), { recursive: true }).map(String);
    assert.ok(state.some((name) => name.endsWith("dev.json")));
    assert.deepEqual(
      state.filter((name) => name.endsWith(".attrs")),
      [],
    );

    const single = await npm("clean", "small");
    assert.match(single.stdout, /stays, with what was published to it/);
    assert.equal(existsSync(join(examples, "small", ".slipway")), false);
    assert.equal(await crane(["digest", `${host}/built:v1.0.0`]), digest);
    const all = await npm("clean");
    assert.equal(all.code, 0, all.stderr);
    assert.equal(existsSync(join(examples, ".slipway")), false);
    assert.equal((await builderStatus(examples, env)).kind, undefined);
  });

  it("lists the examples where it knows none of that name", () => {
    for (const name of ["bases", "small"]) {
      mkdirSync(join(directory(), name));
      writeFileSync(join(directory(), name, "Pulumi.yaml"), `name: ${name}\n`);
    }
    mkdirSync(join(directory(), "no-project"));
    assert.throws(
      () => withExample(["nope"], directory()),
      /no example "nope"\.\nThe examples are: bases, small\./,
    );
    assert.throws(() => withExample(["no-project"], directory()), /no example/);
    const folder = join(directory(), "small");
    assert.deepEqual(withExample(["small", "--diff"], directory()), ["--cwd", folder, "--diff"]);
    assert.deepEqual(withExample(["--diff", "small"], directory()), ["--diff", "small"]);
    assert.deepEqual(withExample([], directory()), []);
  });

  for (const [text, expected] of [
    [
      "  a:pythonImage: bases/python:3.11\n  a:other: 'bases/debian:12'\n",
      ["bases/python:3.11", "bases/debian:12"],
    ],
    ["  a:x: bases/golang:latest # bases/golang:latest\n", ["bases/golang:latest"]],
    ["  # a:x: bases/debian:12\n", []],
    ["  a:x: docker.io/bases/debian:12\n", []],
  ] as const) {
    it(`base images that a configuration names: ${JSON.stringify(text)}`, () => {
      writeFileSync(join(directory(), "Pulumi.dev.yaml"), `config:\n${text}`);
      assert.deepEqual(namedBases(directory(), "dev"), expected);
      assert.deepEqual(namedBases(directory(), "prod"), []);
    });
  }

  it("asks a registry for nothing where no base image is named", async () => {
    assert.deepEqual(await missingImages("localhost:1", []), []);
  });
});
