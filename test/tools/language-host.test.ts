import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { isAlive } from "../../lib/machine/process-identity.cjs";
import { LANGUAGE_HOST_DIRECTORY } from "../../tools/pulumi-cli";
import { REPOSITORY } from "../../lib/machine/repository";
import { requirement } from "../support/requirement";
import { toolPath } from "../support/tools";
import { type ProcessOutput, run } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

const HOST = join(LANGUAGE_HOST_DIRECTORY, "pulumi-language-nodejs");

describe("language host with the real CLI", () => {
  const directory = temporaryDirectory();
  let pulumi = "";

  before(() => {
    pulumi = toolPath("pulumi");
  });

  beforeEach(async () => {
    write("project/Pulumi.yaml", "name: hello\nruntime: nodejs\n");
    write("project/package.json", '{"name":"hello","main":"index.js","dependencies":{"@pulumi/pulumi":"*"}}');
    write("project/index.js", "");
    symlinkSync(join(REPOSITORY, "node_modules"), join(directory(), "node_modules"));
    mkdirSync(join(directory(), "state"));
    const { code, stderr } = await cli("stack", "init", "dev");
    assert.equal(code, 0, stderr);
  });

  function write(name: string, content: string): void {
    const file = join(directory(), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  function environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      // First, so that it is this host which is tested.
      PATH: `${LANGUAGE_HOST_DIRECTORY}:${process.env.PATH}`,
      PULUMI_HOME: join(directory(), "home"),
      PULUMI_BACKEND_URL: `file://${join(directory(), "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NO_COLOR: "1",
    };
  }

  function cli(...args: string[]): Promise<ProcessOutput> {
    return run(pulumi, [...args, "--non-interactive"], {
      cwd: join(directory(), "project"),
      env: environment(),
    });
  }

  it("runs a program with its configuration, secrets, stack, project and arguments of a preview", async () => {
    write(
      "project/index.js",
      `const pulumi = require("@pulumi/pulumi");
      const config = new pulumi.Config();
      exports.plain = config.require("plain");
      exports.token = config.requireSecret("token");
      exports.place = [pulumi.getProject(), pulumi.getStack(), process.cwd()].join(" ");
      exports.dryRun = pulumi.runtime.isDryRun();`,
    );
    await cli("config", "set", "plain", "a value");
    await cli("config", "set", "--secret", "token", "swordfish");
    const preview = await cli("preview");
    assert.match(preview.stdout, /dryRun: true/);
    const up = await cli("up", "--yes");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.doesNotMatch(up.stdout, /swordfish/);
    const outputs = JSON.parse((await cli("stack", "output", "--json")).stdout) as Record<string, unknown>;
    assert.deepEqual(outputs, {
      plain: "a value",
      token: "[secret]",
      place: `hello dev ${join(directory(), "project")}`,
      dryRun: false,
    });
  });

  it("runs a TypeScript program", async () => {
    write("project/package.json", '{"name":"hello","main":"index.ts"}');
    write(
      "project/tsconfig.json",
      '{"compilerOptions":{"module":"node16","moduleResolution":"node16"},"ts-node":{"transpileOnly":true}}',
    );
    write("project/index.ts", "export const length: number = ['a'].length;\n");
    const up = await cli("up", "--yes");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /length: 1/);
  });

  it("shows a program's error once, with its place", async () => {
    write("project/index.js", 'throw new Error("the program is wrong");');
    const up = await cli("up", "--yes");
    assert.notEqual(up.code, 0);
    assert.match(up.stdout + up.stderr, /the program is wrong/);
    assert.match(up.stdout + up.stderr, /index\.js:1/);
    assert.doesNotMatch(up.stdout + up.stderr, /ended with exit code/);
  });

  it("reports a program that ends with an exit code of its own", async () => {
    write("project/index.js", "process.exit(5);");
    const up = await cli("up", "--yes");
    assert.notEqual(up.code, 0);
    assert.match(up.stdout + up.stderr, /the program ended with exit code 5/);
  });

  it("runs a policy pack, which can stop a preview", async () => {
    write("project/policies/PulumiPolicy.yaml", "runtime: nodejs\nversion: 0.0.1\n");
    write("project/policies/package.json", '{"name":"rules","version":"0.0.1","main":"index.js"}');
    write(
      "project/policies/index.js",
      `const { cwd } = process; console.error("pack in " + cwd()); throw new Error("this pack refuses");`,
    );
    const preview = await cli("preview", "--policy-pack", "policies");
    const output = preview.stdout + preview.stderr;
    assert.notEqual(preview.code, 0);
    assert.ok(output.includes(`pack in ${join(directory(), "project", "policies")}`), output);
    assert.match(output, /this pack refuses/);
  });

  it("runs a provider written for Node, and ends it", async () => {
    const pidFile = join(directory(), "provider.pid");
    write(
      "project/Pulumi.yaml",
      "name: hello\nruntime: nodejs\nplugins:\n  providers:\n    - { name: counter, path: ./provider }\n",
    );
    write("project/provider/PulumiPlugin.yaml", "runtime: nodejs\n");
    write("project/provider/package.json", '{"name":"counter","version":"1.0.0","main":"index.js"}');
    write(
      "project/provider/index.js",
      `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
      const provider = require("@pulumi/pulumi/provider");
      provider.main({
        version: "1.0.0",
        async create(urn, inputs) { return { id: "one", outs: { twice: inputs.number * 2 } }; },
      }, process.argv.slice(2));`,
    );
    write(
      "project/index.js",
      `const pulumi = require("@pulumi/pulumi");
      class Counter extends pulumi.CustomResource {
        constructor(name, args) { super("counter:index:Counter", name, { twice: undefined, ...args }); }
      }
      exports.twice = new Counter("c", { number: 21 }).twice;`,
    );
    const up = await cli("up", "--yes");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /twice: 42/);
    const pid = Number(readFileSync(pidFile, "utf8"));
    for (let i = 0; isAlive(pid) && i < 200; i++) await sleep(50);
    assert.equal(isAlive(pid), false);
  });

  it("answers `pulumi about` with the program's dependencies and Node", async () => {
    const about = await cli("about", "--json");
    const answer = JSON.parse(about.stdout) as {
      dependencies: { name: string; version: string }[] | null;
      runtime: { executable: string; version: string };
    };
    assert.equal(answer.runtime.version, process.version);
    assert.deepEqual(
      answer.dependencies?.map((dependency) => dependency.name),
      ["@pulumi/pulumi"],
    );
  });

  it("installs a program's dependencies with npm", async () => {
    write("dependency/package.json", '{"name":"dependency","version":"1.0.0"}');
    write(
      "project/package.json",
      '{"name":"hello","main":"index.js","dependencies":{"dependency":"file:../dependency"}}',
    );
    const install = await cli("install");
    assert.equal(install.code, 0, install.stdout + install.stderr);
    const manifest = join(directory(), "project", "node_modules", "dependency", "package.json");
    assert.match(readFileSync(manifest, "utf8"), /"dependency"/);
  });

  it("works as a copy that lies elsewhere, with the project's own @pulumi/pulumi", async () => {
    mkdirSync(join(directory(), "bin"));
    for (const file of [HOST, join(REPOSITORY, "lib", "machine", "peer-user.cjs")])
      copyFileSync(file, join(directory(), "bin", basename(file)));
    const env = { ...environment(), PATH: `${join(directory(), "bin")}:${process.env.PATH}` };
    write("project/index.js", "exports.value = 7;");
    const up = await run(pulumi, ["up", "--yes", "--stack", "dev", "--non-interactive"], {
      cwd: join(directory(), "project"),
      env,
    });
    assert.match(up.stdout, /value: 7/, up.stderr);
  });

  it("ends with the process that started it", async function () {
    requirement(this, process.platform !== "win32", "there are no parent processes to lose on Windows");
    const pidFile = join(directory(), "host.pid");
    // The shell starts the host in the background and ends at once.
    const script = `'${HOST}' 127.0.0.1:1 >/dev/null 2>&1 & echo $! > '${pidFile}'; sleep 0.7`;
    await run("sh", ["-c", script], { cwd: directory() });
    const pid = Number(readFileSync(pidFile, "utf8"));
    for (let i = 0; isAlive(pid) && i < 200; i++) await sleep(50);
    assert.equal(isAlive(pid), false);
  });
});
