import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../../lib/machine/repository";
import { privateFolder } from "../../lib/machine/private-folder.cjs";
import { cliEnvironment } from "../../tools/environment";
import { privateDirectory, type Project } from "../../tools/project";
import {
  PUBLIC_PASSPHRASE,
  PUBLIC_SALT,
  refusePublicSecrets,
  requirePublicState,
} from "../../tools/public-stack";
import { stackName } from "../../tools/stack-name";
import { encryptionKey } from "../support/encryption";
import { toolPath } from "../support/tools";
import { type ProcessOutput, run } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

const DEV = `# Settings of the dev stack
config:
    hello:b:   "1"   # trailing comment
# the end
encryptionsalt: ${PUBLIC_SALT}
`;

describe("public stacks", () => {
  const directory = temporaryDirectory();
  const project = (): Project => ({ directory: directory(), name: "hello", namesBackend: false });
  const read = (name: string) => readFileSync(join(directory(), name), "utf8");

  beforeEach(() => {
    writeFileSync(join(directory(), "Pulumi.yaml"), "name: hello\nruntime: nodejs\n");
    writeFileSync(join(directory(), "Pulumi.dev.yaml"), DEV);
    writeFileSync(join(directory(), "Pulumi.mine.yaml"), "config:\n  hello:token:\n    secure: v1:x\n");
  });

  it("are the dev stacks of this repository, all of them", () => {
    const files = execFileSync("git", ["ls-files", "*Pulumi.*.yaml"], { cwd: REPOSITORY, encoding: "utf8" });
    const salted = files
      .trim()
      .split("\n")
      .filter((file) => readFileSync(join(REPOSITORY, file), "utf8").includes(PUBLIC_SALT));
    assert.ok(salted.includes("Pulumi.dev.yaml"));
    assert.deepEqual(
      salted,
      files.split("\n").filter((file) => file.endsWith(".dev.yaml")),
    );
  });

  it("have a salt of the public passphrase", async () => {
    const [, salt = "", , nonce = "", sealed = ""] = PUBLIC_SALT.split(":");
    const key = encryptionKey(PUBLIC_PASSPHRASE, Buffer.from(salt, "base64"));
    const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    const text = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: Buffer.from(nonce, "base64") },
      imported,
      Buffer.from(sealed, "base64"),
    );
    assert.equal(Buffer.from(text).toString(), "pulumi");
  });

  for (const [args, refused] of [
    [["config", "set", "--secret", "token", "swordfish", "--stack", "dev"], true],
    [["config", "set", "token", "swordfish", "--secret=true", "-s", "dev"], true],
    [["--cwd", ".", "config", "set-all", "--secret", "token=swordfish", "--stack=dev"], true],
    [["config", "cp", "--stack", "mine", "--dest", "dev"], true],
    [["config", "cp", "token", "--stack", "mine", "-d", "org/hello/dev"], true],
    [["config", "cp", "--stack", "dev", "--dest", "mine"], false],
    [["config", "set", "--secret", "token", "swordfish", "--stack", "mine"], false],
    [["config", "set", "--secret", "token", "swordfish", "--stack", "none"], false],
    [["config", "set", "version", "v1", "--stack", "dev"], false],
    [["config", "set", "token", "--secret=false", "--stack", "dev"], false],
    [["up", "--stack", "dev"], false],
  ] as const) {
    it(`${refused ? "refuse" : "are not concerned by"} ${args.join(" ")}`, () => {
      const refuse = () => refusePublicSecrets(project(), args, stackName(project(), args, {}));
      if (!refused) return assert.doesNotThrow(refuse);
      assert.throws(refuse, (error: Error) => {
        assert.match(error.message, /Pulumi\.dev\.yaml takes no secrets[^]*stack init mine/);
        assert.doesNotMatch(error.message, /swordfish/);
        return true;
      });
    });
  }

  it("say that a state of an earlier version, under a passphrase of its own, has to go", () => {
    const own = privateFolder(privateDirectory(directory()));
    const stacks = join(own, "state", ".pulumi", "stacks", "hello");
    execFileSync("mkdir", ["-p", stacks]);
    const write = (salt: string) =>
      writeFileSync(join(stacks, "dev.json"), JSON.stringify({ checkpoint: { latest: { salt } } }));
    write("v1:other");
    assert.doesNotThrow(() => requirePublicState(project(), "dev"));
    writeFileSync(join(own, "passphrase"), "x\n");
    assert.throws(() => requirePublicState(project(), "dev"), /earlier version[^]*npm run clean/);
    assert.doesNotThrow(() => requirePublicState(project(), "mine"));
    write(PUBLIC_SALT);
    assert.doesNotThrow(() => requirePublicState(project(), "dev"));
  });

  describe("with the real CLI", function () {
    this.timeout(120_000);
    const hiddenValue = "the hidden value";

    beforeEach(() => {
      writeFileSync(join(directory(), "package.json"), '{"name":"hello","main":"index.js"}');
      writeFileSync(
        join(directory(), "index.js"),
        `exports.hidden = require("@pulumi/pulumi").secret(${JSON.stringify(hiddenValue)});`,
      );
      symlinkSync(join(REPOSITORY, "node_modules"), join(directory(), "node_modules"));
    });

    /** For a user who has set nothing but what other projects need. */
    function cli(...args: string[]): Promise<ProcessOutput> {
      const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
      const user = { ...Object.fromEntries(entries), NO_COLOR: "1" };
      const pulumi = toolPath("pulumi");
      const { variables } = cliEnvironment(project(), pulumi, args, user);
      return run(pulumi, [...args, "--non-interactive"], { cwd: directory(), env: variables });
    }

    async function succeed(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await cli(...args);
      assert.equal(code, 0, `pulumi ${args.join(" ")}\n${stdout}${stderr}`);
      return stdout;
    }

    it("their files stay the same to the byte, and the selected one needs no name", async () => {
      await succeed("stack", "select", "--create", "dev");
      await succeed("up", "--yes", "--stack", "dev");
      assert.match(await succeed("up", "--yes"), /1 unchanged/);
      assert.equal(read("Pulumi.dev.yaml"), DEV);
      assert.equal((await succeed("stack", "output", "hidden", "--show-secrets")).trim(), hiddenValue);
      assert.doesNotMatch(await succeed("stack", "export"), new RegExp(hiddenValue));
      await succeed("config", "set", "b", "2");
      const changed = read("Pulumi.dev.yaml");
      assert.match(changed, /hello:b: "2" # trailing comment\n/);
      assert.ok(changed.endsWith(DEV.slice(DEV.indexOf("# the end"))));
    });

    it("other stacks are asked for a passphrase of their own", async () => {
      writeFileSync(join(directory(), "Pulumi.prod.yaml"), "config: {}\n");
      const { code, stderr } = await cli("stack", "init", "prod");
      assert.notEqual(code, 0);
      assert.match(stderr, /passphrase must be set/);
      assert.equal(read("Pulumi.prod.yaml"), "config: {}\n");
    });
  });
});
