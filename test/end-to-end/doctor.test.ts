import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Finding } from "../../lib/doctor/finding";
import { crane } from "../support/clients";
import { EngineProject, repository } from "../support/engine";
import { writeKeyPair } from "../support/key-pair";
import { htpasswdUser, startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { appProgram } from "./app-program";

const password = "correct horse battery staple";

describe("npx slipway doctor", () => {
  let first: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;

  const program = () =>
    appProgram({ registry: first.host, version: "v1.0.0" })
      .replace("registries: [", "registries: mirrored([")
      .replace(/\)\],\n {2}platforms/, ")]),\n  platforms")
      .replace("images: {", "trust: { sign: cosignKey(), sbom: false, provenance: false },\n  images: {")
      .replace("{ Distribution,", "{ cosignKey, Distribution,")
      .replace(
        "const config =",
        `const mirrored = (own: ReturnType<typeof ociRegistry>[]) => [...own, ociRegistry({ host: "${mirror.host}", ` +
          `namespace: "copies", username: "${htpasswdUser.username}", ` +
          'password: new (require("@pulumi/pulumi").Config)().requireSecret("mirrorPassword") })];\nconst config =',
      );

  const doctor = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      execFile(
        process.execPath,
        [path.join(repository, "cli/slipway.cjs"), "doctor", "--stack", "dev", ...args],
        { cwd: project.directory, env: project.env },
        (error, stdout, stderr) =>
          done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    });
  const findings = async (...args: string[]) => {
    const { stdout } = await doctor("--json", ...args);
    return (JSON.parse(stdout) as { findings: Finding[] }).findings;
  };

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    [first, mirror] = await Promise.all([startDistribution(), startDistribution({ auth: "htpasswd" })]);
    project = await EngineProject.create({
      program: program(),
      files: { "app.txt": "one\n" },
      secrets: { mirrorPassword: htpasswdUser.password },
    });
    await writeKeyPair(project.directory, "cosign", password);
    project.env.COSIGN_PASSWORD = password;
  });
  after(async () => {
    await project?.remove();
    await first?.stop();
    await mirror?.stop();
  });

  it("asks about all that a program declares on a stack of which nothing was published, and leaves nothing", async () => {
    const before = await project.state();
    const { code, stdout, stderr } = await doctor();
    assert.equal(code, 0, stdout + stderr);
    const found = (pattern: RegExp) => assert.match(stdout, pattern);
    found(/^ok +program +dev +is read/m);
    found(/^ok +signing +cosign\.key +opens and signs, as key sha256:/m);
    found(
      new RegExp(
        `^ok +registry +${first.host}/app +may be pushed to: an upload was started and canceled$`,
        "m",
      ),
    );
    found(new RegExp(`^ok +registry +${mirror.host}/copies/app +may be pushed to`, "m"));
    found(new RegExp(`^ok +tag +${first.host}/app:v1\\.0\\.0 +is free$`, "m"));
    found(/^(ok|warn) +disk +.*GB are free/m);
    found(/^\d+ not asked, \d+ ok$|^.*\d+ ok$/m);
    assert.doesNotMatch(stdout, new RegExp(`${htpasswdUser.password}|${password}`));
    assert.equal(await project.state(), before);
    assert.equal(await crane(["catalog", first.host]), "");
    assert.equal(first.requests().filter(({ method }) => method === "PUT" || method === "PATCH").length, 0);
  });

  it("says what is wrong with credentials that the configuration has, without them", async () => {
    await project.setSecret("mirrorPassword", "not the one of alice");
    try {
      const { code, stdout } = await doctor();
      assert.equal(code, 1);
      assert.match(
        stdout,
        new RegExp(`^FAIL +registry +${mirror.host} +.*HTTP 401[^\\n]*\\n +→ .*were refused`, "m"),
      );
      assert.doesNotMatch(stdout, /not the one of alice/);
      assert.match(stdout, new RegExp(`^ok +registry +${first.host}/app `, "m"));
      assert.equal((await doctor("--format", "markdown")).stdout.split("\n")[0], "### Before a release");
    } finally {
      await project.setSecret("mirrorPassword", htpasswdUser.password);
    }
  });

  it("needs no lock, and asks about what a program that fails has declared until then", async () => {
    const locks = path.join(
      project.directory,
      "..",
      "state",
      ".pulumi",
      "locks",
      "organization",
      "test",
      "dev",
    );
    await mkdir(locks, { recursive: true });
    const lock = { pid: 1, username: "somebody", hostname: "elsewhere", timestamp: new Date().toISOString() };
    await writeFile(path.join(locks, "0c9e6d5e-3f1e-4d51-8d2f-000000000000.json"), JSON.stringify(lock));
    assert.match(await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]), /lock/);
    await project.program(`${program()}\nthrow new Error("the program says no");\n`);
    try {
      const all = await findings();
      assert.match(all[0]?.text ?? "", /^is not read to its end: .*the program says no/);
      assert.equal(all[0]?.status, "failure");
      assert.ok(all.some(({ check }) => check === "tool"));
      assert.equal((await readdir(locks)).length, 1);
    } finally {
      await project.program(program());
      await rm(locks, { recursive: true });
    }
  });

  it("tells its own from others' once there is a release, and counts warnings where it is told to", async () => {
    await project.upWithoutPreview();
    const state = await project.state();
    const own = (await findings()).filter(({ check }) => check === "tag");
    assert.deepEqual(
      own.map(({ text }) => text),
      ["is this stack's"],
    );
    assert.equal(await project.state(), state);
    const elsewhere = await findings("--stack", "other");
    assert.match(elsewhere[0]?.text ?? "", /^is not read to its end: no stack named 'other' found/);
    await crane(["copy", `${first.host}/app:v1.0.0`, `${first.host}/app:v2.0.0`]);
    await project.program(program().replace('"v1.0.0"', '"v2.0.0"'));
    assert.equal((await doctor()).code, 0);
    const { code, stdout } = await doctor("--fail-on", "warning");
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`^warn +tag +${first.host}/app:v2\\.0\\.0 +is there`, "m"));
  });

  it("refuses options that it does not know", async () => {
    assert.equal((await doctor("--fail-on", "anything")).code, 2);
    assert.match((await doctor("--timeout", "soon")).stderr, /--timeout soon: seconds are expected/);
    assert.match((await doctor("--format", "yaml")).stderr, /one of text, markdown, json is expected/);
  });
});
