import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ts from "typescript";
import { askedOptions } from "../../cli/init-questions";
import { planDistribution } from "../../lib/init/plan";
import { readProject } from "../../lib/init/project";
import { readFound } from "../../lib/init/reading";
import { ensureBuilt } from "../../tools/build.cjs";
import { sampleRepositories, writeSample } from "../support/sample-repositories";
import { temporaryDirectory } from "../tools/temporary-directory";

const program = resolve(__dirname, "..", "..", "cli", "slipway.cjs");

describe("npx slipway init", function () {
  this.timeout(30_000);
  const directory = temporaryDirectory();

  before(() => ensureBuilt({ ifStale: true, only: ["cli/main.ts"] }));

  function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((done) => {
      execFile(process.execPath, [program, "init", ...args], { cwd: directory() }, (error, stdout, stderr) =>
        done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
      );
    });
  }
  const sample = (name: string) => {
    const found = sampleRepositories[name];
    assert.ok(found, name);
    return writeSample(directory(), found);
  };
  const text = (name: string) => readFileSync(join(directory(), name), "utf8");

  it("writes a declaration with the place of each entry, and says what to do next", async () => {
    await sample("go-service");
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    const declared = text("index.ts");
    assert.match(
      declared,
      /\/\/ \.github\/workflows\/publish\.yml:19, Dockerfile:1\n {4}service: \{ dockerfile: "Dockerfile" \}/,
    );
    assert.match(
      declared,
      /semverTags\(\{ prefix: "", aliases: \["minor", "latest"\] \}\), branchTags\(\), pullRequestTags\(\)/,
    );
    assert.match(text("Pulumi.yaml"), /^name: service\n[^]*path: \.\/node_modules\/slipway\/provider\n$/);
    assert.match(text("Pulumi.dev.yaml"), /service:version: v2\.0\.1\n[^]*service:registry: embedded/);
    assert.match(
      text("Pulumi.prod.yaml"),
      /service:registry: ghcr\.io\n[^]*service:namespace: acme\n[^]*service:mirrors: \["docker\.io\/acme"\]/,
    );
    assert.match(stdout, /Not read, or left to you:\n[^]*publish\.yml:25: cache-from: type=gha/);
    assert.match(
      stdout,
      /Next:\n {2}npm install --save-dev .*\n {2}pulumi stack init dev && npx slipway preview --stack dev\n$/,
    );
  });

  it("prints a diff that git applies, of the same files", async () => {
    await sample("node-service");
    execFileSync("git", ["-C", directory(), "init", "--quiet"]);
    const { stdout } = await run("--dry-run", "--out", "elsewhere");
    assert.match(stdout, /^diff --git a\/Pulumi\.yaml/);
    const before = readdirSync(directory()).sort();
    const dry = await run("--dry-run");
    assert.deepEqual(readdirSync(directory()).sort(), before);
    const patch = dry.stdout.slice(0, dry.stdout.indexOf("\nNot read, or left to you"));
    const applied = spawnSync("git", ["-C", directory(), "apply", "-"], { input: patch, encoding: "utf8" });
    assert.equal(applied.status, 0, applied.stderr);
    assert.equal(text(".gitignore"), "node_modules\n*.log\n.slipway/\n");
    // Its own index.ts and tsconfig.json stay what they are.
    assert.match(text("Pulumi.yaml"), /main: release\.ts/);
    assert.equal(text("tsconfig.json"), "{}\n");
    assert.equal(text("index.ts"), "export {};\n");
    const names = ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "release.ts", ".gitignore"];
    const patched = Object.fromEntries(names.map((name) => [name, text(name)]));
    assert.equal((await run("--out", "out")).code, 0);
    for (const name of names.slice(0, 3))
      assert.equal(
        readFileSync(join(directory(), "out", name), "utf8"),
        patched[name]?.replace("release.ts", "index.ts"),
      );
  });

  it("overwrites nothing, and names what is there", async () => {
    await sample("no-release-yet");
    writeFileSync(join(directory(), "Pulumi.yaml"), "name: mine\n");
    const refused = await run("--yes");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Pulumi\.yaml in .*: there already, and not overwritten\. Nothing was written\.[^]*--out DIRECTORY/,
    );
    assert.equal(text("Pulumi.yaml"), "name: mine\n");
    assert.equal(existsSync(join(directory(), "index.ts")), false);
    const elsewhere = await run("--yes", "--out", "proposal");
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
    assert.match(elsewhere.stdout, /Its paths are those of .*: copy it there/);
    assert.ok(existsSync(join(directory(), "proposal", "index.ts")));
  });

  it("takes what is given by options, and refuses what is none", async () => {
    await sample("go-service");
    const given = await run(
      "--json",
      "--dry-run",
      "--name",
      "other",
      "--registry",
      "r.example:5000/team",
      "--ship",
      "images",
      "--from",
      "docker,go",
    );
    const shown = JSON.parse(given.stdout) as {
      name: string;
      written: boolean;
      files: { path: string; content: string }[];
    };
    assert.deepEqual([shown.name, shown.written], ["other", false]);
    const content = shown.files.map((file) => file.content).join("");
    assert.match(content, /other:registry: r\.example:5000\n[^]*other:namespace: team/);
    assert.doesNotMatch(content, /goBinary|publish\.yml/);
    for (const [args, message] of [
      [["--name", "No Name"], /--name "No Name": lower-case letters/],
      [["--registry", "http://x"], /--registry http:\/\/x: a host and a path/],
      [["--ship", "all"], /--ship all: images or programs/],
      [["--from", "docker,x"], /--from x: of actions, .*bake/],
      [["-C", "nowhere"], /--cwd .*nowhere: a folder is expected/],
    ] as const) {
      const { code, stderr } = await run(...args);
      assert.ok(code > 0);
      assert.match(stderr, message);
    }
  });

  it("refuses a project from which no image can be made", async () => {
    writeFileSync(join(directory(), "notes.txt"), "");
    const { code, stderr } = await run("--yes");
    assert.equal(code, 1);
    assert.match(stderr, /There is no Dockerfile and no program for Linux from which an image could be made/);
  });

  it("names what it cannot read, and goes on", async () => {
    await sample("odd");
    const { code, stdout } = await run("--dry-run");
    assert.equal(code, 0);
    const left = stdout.slice(stdout.indexOf("Not read"));
    for (const file of [
      ".github/workflows/a.yml:3",
      "CHANGELOG.md",
      "LICENSE",
      "package.json",
      "pyproject.toml:1",
    ])
      assert.ok(left.includes(`  ${file}: `), `${file} in ${left}`);
  });

  it("writes nothing that a file's name or text could add to the program", async () => {
    const name = "a\n} evil(); \u2028 {";
    mkdirSync(join(directory(), name));
    writeFileSync(
      join(directory(), name, "Dockerfile"),
      'FROM scratch\nLABEL org.opencontainers.image.source="https://x/\\"+evil()+\\""\n',
    );
    const { code, stdout } = await run("--yes", "--json", "--dry-run");
    assert.equal(code, 0);
    const { files } = JSON.parse(stdout) as { files: { path: string; content: string }[] };
    const declared = files.find(({ path }) => path === "index.ts")?.content ?? "";
    assert.match(declared, /evil/);
    const names: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) names.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile("index.ts", declared, ts.ScriptTarget.ES2022));
    assert.deepEqual(
      names.filter((one) => one.includes("evil")),
      [],
    );
  });

  it("asks for name, registry and what is shipped, and proposes what files say", async () => {
    await sample("go-service");
    const project = readProject(directory());
    const all = readFound(project);
    const plan = planDistribution(all, project, {});
    const asked: string[] = [];
    const answers = ["", "r.example/x", "images"];
    const options = await askedOptions(plan, {}, (question) => {
      asked.push(question);
      return Promise.resolve(answers.shift() ?? "");
    });
    assert.deepEqual(asked, [
      "Name [service]: ",
      "Registry of releases [ghcr.io/acme]: ",
      "Ship images, programs or all [all]: ",
    ]);
    assert.deepEqual(options, { name: "service", registry: "r.example/x", ship: "images" });
    const same = await askedOptions(plan, { name: "n" }, () => Promise.resolve(""));
    assert.deepEqual(same, { name: "n", registry: undefined, ship: undefined });
  });

  it("reads a repository of 20,000 files in less than two seconds", async () => {
    for (let folder = 0; folder < 100; folder++) {
      const place = join(directory(), folder % 2 === 0 ? "src" : "node_modules", String(folder));
      mkdirSync(place, { recursive: true });
      for (let file = 0; file < 200; file++) writeFileSync(join(place, `${file}.txt`), "");
    }
    writeFileSync(join(directory(), "Dockerfile"), "FROM scratch\nCOPY src /\n");
    execFileSync("git", ["-C", directory(), "init", "--quiet"]);
    // Processor time, which hardly depends on what else the machine does.
    const before = process.cpuUsage();
    const project = readProject(directory());
    const found = readFound(project);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    assert.equal(project.files.size, 10_001);
    assert.ok(found.some((one) => one.found.images?.length === 1));
    assert.equal((await run("--json", "--dry-run")).code, 0);
    assert.ok(seconds < 2, `${seconds} s`);
  });
});
