import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { engineEnvironment, repository } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { run } from "../tools/source-process";
import { notPrinted, readPage, type Block } from "./page";

/** Most lines that a command of the package prints in a log. */
const mostLines = { nothing: 12, other: 66 };

describe("docs/month.md, followed from the packed package", function () {
  this.timeout(300_000);
  let root: string;
  let project: string;
  let env: NodeJS.ProcessEnv;
  const registries: TestRegistry[] = [];

  before(async function () {
    requireTools(this, "pulumi", "registry", "cosign", "crane", "sha256sum", "go", "git");
    root = await mkdtemp(path.join(tmpdir(), "slipway-month-"));
    project = path.join(root, "project");
    env = engineEnvironment(root);
    for (const name of ["project", "state", "programs"]) await mkdir(path.join(root, name));
    for (const tool of ["cosign", "crane"]) await symlink(toolPath(tool), path.join(root, "programs", tool));
    registries.push(await startDistribution(), await startDistribution());
    const files = await readFile(path.join(repository, "docs", "package.md"), "utf8");
    const [, yaml = ""] = /^```yaml\n(.*?)^```/ms.exec(files) ?? [];
    const [, tsconfig = ""] = /^```json\n(.*?)^```/ms.exec(files) ?? [];
    await write("Pulumi.yaml", yaml);
    await write("tsconfig.json", tsconfig);
    const packed = await run("npm", ["pack", "--json", "--pack-destination", root], { cwd: repository });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    const install = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    await succeed("npm", "init", "--yes");
    await succeed("npm", ...install, path.join("..", filename));
  });

  after(async () => {
    for (const registry of registries) await registry.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  async function succeed(command: string, ...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await run(command, args, { cwd: project, env });
    assert.equal(code, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
  }

  async function write(name: string, text: string): Promise<void> {
    const file = path.join(project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** The page names registries of its own. */
  const here = (text: string) =>
    text.replaceAll(
      /localhost:560([12])/g,
      (_, number: string) => registries[Number(number) - 1]?.host ?? "",
    );
  const asOnThePage = (text: string) =>
    registries.reduce((all, { host }, index) => all.replaceAll(host, `localhost:560${index + 1}`), text);

  /** Runs commands in the reader's shell: what a block exports, the next one has. */
  async function shell(commands: string): Promise<{ code: number | null; printed: string }> {
    const exported = path.join(root, "exported");
    const script = `[ ! -e ${exported} ] || . ${exported}\nset -e\n{\n${here(commands)}\n} 2>&1\nexport -p > ${exported}\n`;
    const { code, stdout } = await run("bash", ["-c", script], { cwd: project, env });
    // The language host of the tests is not the one that the CLI expects, and it says so.
    const lines = stdout.split("\n").filter((line) => !line.includes("pulumi-language-nodejs"));
    return { code, printed: asOnThePage(lines.join("\n")) };
  }

  async function follow(block: Block): Promise<void> {
    if (block.kind === "file") return write(block.file, block.text);
    if (block.kind === "diff") {
      const text = await readFile(path.join(project, block.file), "utf8");
      assert.equal(text.split(block.from).length, 2, `${block.file} has once\n${block.from}`);
      return write(
        block.file,
        text.replace(block.from, () => block.to),
      );
    }
    const { code, printed } = await shell(block.text);
    const told = `${block.text}\nexit code ${code}\n${printed}`;
    assert.equal(code !== 0, block.fails, told);
    assert.deepEqual(notPrinted(block.prints, printed), [], told);
    if (/npm run -s (preview|up)/.test(block.text)) {
      const most = /--expect-no-changes/.test(block.text) ? mostLines.nothing : mostLines.other;
      const count = printed.trimEnd().split("\n").length;
      assert.ok(count <= most * (block.text.match(/npm run/g) ?? []).length, `${count} lines\n${told}`);
    }
  }

  const page = readPage(readFileSync(path.join(repository, "docs", "month.md"), "utf8"));
  let broken: string | undefined;
  for (const { title, blocks } of page) {
    it(title, async () => {
      // What comes next starts from what this leaves.
      assert.equal(broken, undefined, `${JSON.stringify(broken)}, a section before this one, went wrong`);
      broken = title;
      for (const block of blocks) await follow(block);
      broken = undefined;
    });
  }
});
