import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { cliEnvironment } from "../../tools/environment";
import { pluginDirectory } from "../../lib/machine/docker-build-plugin";
import { optionValue, type Project, projectOf } from "../../tools/project";
import { PUBLIC_PASSPHRASE, PUBLIC_SALT } from "../../tools/public-stack";
import { LANGUAGE_HOST_DIRECTORY, machinePulumi } from "../../tools/pulumi-cli";
import { temporaryDirectory } from "./temporary-directory";

describe("environment of the CLI", () => {
  const directory = temporaryDirectory();
  const project = (): Project => ({ directory: directory(), name: "hello", namesBackend: false });
  const own = (name: string) => join(directory(), ".slipway", name);

  function program(folder: string, name: string, script = "#!/bin/sh\n"): string {
    mkdirSync(join(directory(), folder), { recursive: true });
    const file = join(directory(), folder, name);
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  }

  it("is the project's own throw-away backend by default", () => {
    const { variables, ownBackend } = cliEnvironment(project(), program("bin", "pulumi"), [], {
      PATH: "/usr/bin",
    });
    assert.ok(ownBackend);
    assert.equal(variables.PULUMI_BACKEND_URL, `file://${own("state")}?metadata=skip`);
    assert.ok(existsSync(own("state")));
    assert.equal(variables.PULUMI_HOME, own("pulumi-home"));
    assert.equal(variables.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    assert.equal(variables.PULUMI_CONFIG_PASSPHRASE, undefined);
    assert.equal(variables.PULUMI_SKIP_UPDATE_CHECK, "true");
    assert.equal(
      variables.PATH,
      `/usr/bin:${LANGUAGE_HOST_DIRECTORY}:${pluginDirectory({ PATH: "/usr/bin" })}`,
    );
  });

  for (const [user, expected] of [
    [{ PULUMI_BACKEND_URL: "s3://bucket" }, { backend: "s3://bucket", home: undefined }],
    [{ PULUMI_ACCESS_TOKEN: "x" }, { backend: undefined, home: undefined }],
    [{ PULUMI_CONFIG_PASSPHRASE: "" }, { backend: "own", home: "own" }],
    [{ PULUMI_CONFIG_PASSPHRASE_FILE: "/p" }, { backend: "own", home: "own" }],
    [{ PULUMI_HOME: "/home" }, { backend: "own", home: "/home" }],
  ] as const) {
    it(`what the user set wins: ${JSON.stringify(user)}`, () => {
      const { variables, ownBackend } = cliEnvironment(project(), program("bin", "pulumi"), [], user);
      const value = (expectation: string | undefined, ours: string) =>
        expectation === "own" ? ours : expectation;
      assert.equal(
        variables.PULUMI_BACKEND_URL,
        value(expected.backend, `file://${own("state")}?metadata=skip`),
      );
      assert.equal(variables.PULUMI_HOME, value(expected.home, own("pulumi-home")));
      assert.equal(ownBackend, expected.backend === "own");
      for (const [name, set] of Object.entries(user)) assert.equal(variables[name], set);
    });
  }

  for (const user of [{}, { PULUMI_CONFIG_PASSPHRASE: "" }, { PULUMI_CONFIG_PASSPHRASE_FILE: "/p" }]) {
    it(`has the public passphrase where the stack file says so: ${JSON.stringify(user)}`, () => {
      writeFileSync(join(directory(), "Pulumi.dev.yaml"), `encryptionsalt: ${PUBLIC_SALT}\n`);
      writeFileSync(join(directory(), "Pulumi.prod.yaml"), "encryptionsalt: v1:AAAA:v1:BBBB:CCCC\n");
      const passphrase = (stack: string) => {
        const run = ["preview", "--stack", stack];
        const { variables } = cliEnvironment(project(), program("bin", "pulumi"), run, user);
        return [variables.PULUMI_CONFIG_PASSPHRASE, variables.PULUMI_CONFIG_PASSPHRASE_FILE];
      };
      assert.deepEqual(passphrase("dev"), [PUBLIC_PASSPHRASE, undefined]);
      const { PULUMI_CONFIG_PASSPHRASE: own, PULUMI_CONFIG_PASSPHRASE_FILE: file } =
        user as NodeJS.ProcessEnv;
      assert.deepEqual(passphrase("prod"), [own, file]);
      assert.deepEqual(passphrase("none"), [own, file]);
    });
  }

  it("leaves the backend to Pulumi.yaml where that names one", () => {
    const named = { ...project(), namesBackend: true };
    const { variables, ownBackend } = cliEnvironment(named, program("bin", "pulumi"), [], {});
    assert.equal(variables.PULUMI_BACKEND_URL, undefined);
    assert.equal(ownBackend, false);
  });

  it("leaves PATH alone where an installed plugin is found without it", () => {
    program("complete", "pulumi-language-nodejs");
    const cli = program("complete", "pulumi");
    const home = join(directory(), "home");
    mkdirSync(join(home, "plugins", "resource-docker-build-v0.0.22"), { recursive: true });
    const variables = { PATH: "/usr/bin", PULUMI_HOME: home };
    assert.equal(cliEnvironment(project(), cli, [], variables).variables.PATH, "/usr/bin");
  });

  it("leaves PATH alone where the CLI finds its language host and the plugin for Dockerfiles", () => {
    const cli = program("complete", "pulumi");
    program("complete", "pulumi-language-nodejs");
    const plugins = dirname(program("plugins", "pulumi-resource-docker-build"));
    assert.equal(cliEnvironment(project(), cli, [], { PATH: plugins }).variables.PATH, plugins);
    const path = `${join(directory(), "complete")}:${plugins}`;
    assert.equal(
      cliEnvironment(project(), program("bare", "pulumi"), [], { PATH: path }).variables.PATH,
      path,
    );
  });

  describe("the machine's own Pulumi", () => {
    const machine = (version: string, host: boolean) => {
      const file = program("machine", "pulumi", `#!/bin/sh\necho '${version}'\n`);
      if (host) program("machine", "pulumi-language-nodejs");
      const env = { PATH: `${join(directory(), "machine")}:/bin`, SLIPWAY_CACHE: join(directory(), "cache") };
      return { file, env };
    };

    for (const [version, host, used] of [
      ["v3.245.0", true, true],
      ["v3.300.1", true, true],
      ["v3.244.9", true, false],
      ["v3.259.0", false, false],
      ["no version", true, false],
      ["", true, false],
    ] as const) {
      it(`${JSON.stringify(version)} ${host ? "with" : "without"} a language host is ${used ? "used" : "passed by"}`, () => {
        const { file, env } = machine(version, host);
        assert.equal(machinePulumi(env), used ? file : undefined);
      });
    }

    it("is asked for its version again when it was replaced", () => {
      const { env } = machine("v3.100.0", true);
      assert.equal(machinePulumi(env), undefined);
      const { file } = machine("v3.259.0  ", true);
      assert.equal(machinePulumi(env), file);
    });

    it("is passed by where it does not run at all", () => {
      program("machine", "pulumi", "#!/bin/sh\nexit 1\n");
      program("machine", "pulumi-language-nodejs");
      const env = { PATH: `${join(directory(), "machine")}:/bin`, SLIPWAY_CACHE: join(directory(), "cache") };
      assert.equal(machinePulumi(env), undefined);
    });
  });
});

describe("project of a CLI run", () => {
  const directory = temporaryDirectory();

  beforeEach(() => {
    writeFileSync(
      join(directory(), "Pulumi.yaml"),
      '# a project\nname: "hello" # its name\nruntime: nodejs\n',
    );
    mkdirSync(join(directory(), "examples", "other", "src"), { recursive: true });
    const yaml = "name: other\nruntime: nodejs\nbackend:\n  url: file:///state\n";
    writeFileSync(join(directory(), "examples", "other", "Pulumi.yaml"), yaml);
  });

  for (const [args, from, name] of [
    [[], ".", "hello"],
    [["up"], "examples", "hello"],
    [["up"], "examples/other/src", "other"],
    [["-C", "examples/other", "up"], ".", "other"],
    [["up", "--cwd", "other"], "examples", "other"],
    [["up", "--cwd=examples/other"], ".", "other"],
  ] as const) {
    it(`pulumi ${args.join(" ")} in ${from} is about ${name}`, () => {
      const project = projectOf(args, join(directory(), from));
      assert.equal(project.name, name);
      assert.equal(project.namesBackend, name === "other");
    });
  }

  it("says where there is none", () => {
    assert.throws(
      () => projectOf(["-C", "/"], directory()),
      /There is no Pulumi\.yaml in \/ or above it\.\n.*--cwd/,
    );
  });

  it("says that a name is missing", () => {
    writeFileSync(join(directory(), "Pulumi.yaml"), "runtime: nodejs\n");
    assert.throws(() => projectOf([], directory()), /has no `name`/);
  });

  for (const [args, expected] of [
    [["--stack", "dev"], "dev"],
    [["-s", "dev"], "dev"],
    [["--stack=dev"], "dev"],
    [["-s", "a", "--stack=b"], "b"],
    [["--", "--stack", "dev"], undefined],
    [["--stacks", "dev"], undefined],
  ] as const) {
    it(`option in ${JSON.stringify(args)}: ${expected}`, () => {
      assert.equal(optionValue(args, ["-s", "--stack"]), expected);
    });
  }
});
