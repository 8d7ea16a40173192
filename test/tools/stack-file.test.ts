import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cliEnvironment } from "../../tools/environment";
import { newEncryptionSalt } from "../../tools/encryption-salt";
import { privateDirectory, type Project } from "../../tools/project";
import { REPOSITORY } from "../../lib/machine/repository";
import { holdsSecrets, insertSalt, removeSalt, withdrawSalts, withSalts } from "../../tools/stack-file";
import { toolPath } from "../support/tools";
import { type ProcessOutput, run, runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

const STACK_FILE = `# Settings of the dev stack
config:
    hello:b:   "1"   # trailing comment

    hello:list: [1,
      2]
# the end
`;

describe("salt of a stack file", () => {
  for (const [title, content] of [
    ["a file with comments", STACK_FILE],
    ["no line break at the end", "config:\n  a:b: 1"],
    ["blank lines at the end", "config:\n  a:b: 1\n\n\n"],
    ["Windows line breaks", "config:\r\n  a:b: 1\r\n"],
    ["Windows line breaks, none at the end", "config:\r\n  a:b: 1"],
    ["an empty file", ""],
    ["only a comment", "# nothing yet\n"],
  ] as const) {
    it(`goes in and out without a trace: ${title}`, () => {
      const inserted = insertSalt(content, "v1:abc=:v1:d/e+f=:g==");
      assert.match(inserted, /^encryptionsalt: v1:abc=:v1:d\/e\+f=:g==$/m);
      assert.equal(removeSalt(inserted), content);
    });
  }

  it("is taken out of the middle too", () => {
    assert.equal(removeSalt("config: {}\nencryptionsalt: v1:x\n# end\n"), "config: {}\n# end\n");
  });

  it("leaves a file without one as it is", () => assert.equal(removeSalt(STACK_FILE), STACK_FILE));

  for (const [content, expected] of [
    ["config:\n  a:b:\n    secure: v1:x\n", true],
    ["config:\n  a:b: {secure: v1:x}\n", true],
    ["config:\n  a:list:\n    - secure: v1:x\n", true],
    ['config:\n  a:b:\n    "secure": v1:x\n', true],
    ["config:\n  a:b: 1 # secure: no\n", false],
    ["# secure: v1:x\n", false],
    ["config:\n  a:insecure: true\n", false],
    ["", false],
  ] as const) {
    it(`secret values in ${JSON.stringify(content)}: ${expected}`, () => {
      assert.equal(holdsSecrets(content), expected);
    });
  }

  it("is another one each time", () => assert.notEqual(newEncryptionSalt("x"), newEncryptionSalt("x")));
});

describe("stack files with the real CLI", () => {
  const directory = temporaryDirectory();
  let pulumi = "";
  let project: Project;
  const file = () => join(directory(), "Pulumi.dev.yaml");
  const saltFile = () => join(privateDirectory(directory()), "salt", "dev.json");
  const stackFile = () => readFileSync(file(), "utf8");

  before(() => {
    pulumi = toolPath("pulumi");
  });

  beforeEach(() => {
    writeFileSync(join(directory(), "Pulumi.yaml"), "name: hello\nruntime: nodejs\n");
    writeFileSync(join(directory(), "package.json"), '{"name":"hello","main":"index.js"}');
    const program = `
      const pulumi = require("@pulumi/pulumi");
      exports.hidden = pulumi.secret("the hidden value");
      exports.token = new pulumi.Config().getSecret("token");`;
    writeFileSync(join(directory(), "index.js"), program);
    symlinkSync(join(REPOSITORY, "node_modules"), join(directory(), "node_modules"));
    writeFileSync(file(), STACK_FILE);
    project = { directory: directory(), name: "hello", namesBackend: false };
  });

  /** The environment of a user who has set nothing. */
  function userEnvironment(): NodeJS.ProcessEnv {
    const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
    return { ...Object.fromEntries(entries), NO_COLOR: "1" };
  }

  async function cli(...args: string[]): Promise<ProcessOutput> {
    const { variables, throwAway } = cliEnvironment(project, pulumi, userEnvironment());
    assert.ok(throwAway);
    const result = await withSalts(project, args, () =>
      run(pulumi, [...args, "--non-interactive"], { cwd: directory(), env: variables }),
    );
    assert.equal(result.code, 0, `pulumi ${args.join(" ")}\n${result.stdout}${result.stderr}`);
    return result;
  }

  const hidden = async () =>
    (await cli("stack", "output", "hidden", "--show-secrets", "--stack", "dev")).stdout.trim();

  it("are the same to the byte after init and two ups, and the state can be decrypted", async () => {
    await cli("stack", "select", "--create", "dev");
    assert.equal(stackFile(), STACK_FILE);
    await cli("up", "--yes", "--stack", "dev");
    assert.equal(stackFile(), STACK_FILE);
    const salt = readFileSync(saltFile(), "utf8");
    const second = await cli("up", "--yes", "--stack", "dev");
    assert.match(second.stdout, /1 unchanged/);
    assert.equal(stackFile(), STACK_FILE);
    assert.equal(readFileSync(saltFile(), "utf8"), salt);
    assert.equal(await hidden(), "the hidden value");
    const exported = (await cli("stack", "export", "--stack", "dev")).stdout;
    assert.doesNotMatch(exported, /the hidden value/);
    assert.ok(exported.includes((JSON.parse(salt) as { salt: string }).salt));
  });

  it("take a changed plain value, and nothing else", async () => {
    await cli("stack", "init", "dev");
    await cli("config", "set", "added", "2", "--stack", "dev");
    assert.match(stackFile(), /hello:added: "?2"?/);
    assert.match(stackFile(), /# trailing comment/);
    assert.doesNotMatch(stackFile(), /encryptionsalt/);
  });

  it("keep the salt while they hold a secret value", async () => {
    await cli("stack", "init", "dev");
    await cli("config", "set", "--secret", "token", "swordfish", "--stack", "dev");
    assert.match(stackFile(), /secure:/);
    assert.match(stackFile(), /^encryptionsalt:/m);
    await cli("up", "--yes", "--stack", "dev");
    const value = await cli("stack", "output", "token", "--show-secrets", "--stack", "dev");
    assert.equal(value.stdout.trim(), "swordfish");
    await cli("config", "rm", "token", "--stack", "dev");
    assert.doesNotMatch(stackFile(), /encryptionsalt/);
    assert.equal(await hidden(), "the hidden value");
  });

  it("are cleaned up by the next run after a kill, and the state stays readable", async () => {
    await cli("stack", "init", "dev");
    await cli("up", "--yes", "--stack", "dev");
    const code = `
      const { withSalts } = require("./tools/stack-file");
      withSalts(${JSON.stringify(project)}, [], () => process.kill(process.pid, "SIGKILL"));`;
    assert.equal((await runSource(code)).signal, "SIGKILL");
    assert.match(stackFile(), /^encryptionsalt:/m);
    assert.equal(await hidden(), "the hidden value");
    assert.equal(stackFile(), STACK_FILE);
  });

  it("are cleaned up by `clean` after a kill", async () => {
    await cli("stack", "init", "dev");
    const code = `
      const { withSalts } = require("./tools/stack-file");
      withSalts(${JSON.stringify(project)}, [], () => process.kill(process.pid, "SIGKILL"));`;
    await runSource(code);
    await withdrawSalts(project);
    assert.equal(stackFile(), STACK_FILE);
  });

  it("keep the salt until the last of several runs has ended", async () => {
    await cli("stack", "init", "dev");
    const release = join(directory(), "release");
    const code = `
      const { withSalts } = require("./tools/stack-file");
      const { existsSync } = require("node:fs");
      withSalts(${JSON.stringify(project)}, [], async () => {
        console.log("in");
        while (!existsSync(${JSON.stringify(release)})) await new Promise((resolve) => setTimeout(resolve, 10));
      });`;
    const other = runSource(code);
    while (!/^encryptionsalt:/m.test(stackFile())) await new Promise((resolve) => setTimeout(resolve, 10));
    await cli("stack", "ls");
    assert.match(stackFile(), /^encryptionsalt:/m);
    writeFileSync(release, "");
    await other;
    assert.equal(stackFile(), STACK_FILE);
  });

  it("get their salt from the state where the record of it was lost", async () => {
    await cli("stack", "init", "dev");
    await cli("up", "--yes", "--stack", "dev");
    rmSync(join(privateDirectory(directory()), "salt"), { recursive: true });
    assert.equal(await hidden(), "the hidden value");
    assert.equal(stackFile(), STACK_FILE);
  });

  it("are not left behind by a new stack without settings, nor is its record after `stack rm`", async () => {
    await cli("stack", "init", "other");
    assert.equal(existsSync(join(directory(), "Pulumi.other.yaml")), false);
    await cli("up", "--yes", "--stack", "other");
    const value = await cli("stack", "output", "hidden", "--show-secrets", "--stack", "other");
    assert.equal(value.stdout.trim(), "the hidden value");
    await cli("destroy", "--yes", "--stack", "other");
    await cli("stack", "rm", "--yes", "other");
    assert.deepEqual(
      readdirSync(directory()).filter((name) => name.startsWith("Pulumi.")),
      ["Pulumi.dev.yaml", "Pulumi.yaml"],
    );
    assert.equal(existsSync(join(privateDirectory(directory()), "salt", "other.json")), false);
  });

  it("of a stack that no argument names and no state has are not touched", async () => {
    await withSalts(project, ["version"], async () => assert.equal(stackFile(), STACK_FILE));
    assert.equal(existsSync(saltFile()), false);
  });

  it("with a salt that is not ours are not touched", async () => {
    const content = insertSalt(STACK_FILE, newEncryptionSalt("the user's own passphrase"));
    writeFileSync(file(), content);
    await withSalts(project, ["--stack", "dev"], async () => assert.equal(stackFile(), content));
    assert.equal(stackFile(), content);
    assert.equal(existsSync(saltFile()), false);
  });

  it("under another secrets provider get no salt", async () => {
    const content = `secretsprovider: awskms://alias/key\nencryptedkey: abc\n${STACK_FILE}`;
    writeFileSync(file(), content);
    await withSalts(project, ["--stack", "dev"], async () => assert.equal(stackFile(), content));
  });

  it("leave no change in a git checkout", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.test", ...args], {
        cwd: directory(),
        encoding: "utf8",
      });
    git("init", "-q");
    writeFileSync(join(directory(), ".gitignore"), ".slipway/\nnode_modules\n");
    git("add", "-A");
    git("commit", "-qm", "start");
    await cli("stack", "select", "--create", "dev");
    await cli("up", "--yes", "--stack", "dev");
    await cli("stack", "init", "other");
    assert.equal(git("status", "--porcelain"), "");
  });
});
