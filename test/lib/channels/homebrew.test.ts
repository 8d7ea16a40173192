import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { renderFormula, type FormulaDeclaration } from "../../../lib/channels/homebrew/formula";
import { formulaClass, rubyLicense } from "../../../lib/channels/homebrew/names";
import { rubyString } from "../../../lib/channels/homebrew/ruby";
import { hasProgram } from "../../support/clients";
import { requirement } from "../../support/requirement";

const platforms = ["darwin/arm64", "darwin/amd64", "linux/arm64", "linux/amd64"];

function artifactFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const name = `hello_1.2.3_${platform.replace("/", "_")}.tar.gz`;
  return {
    name,
    platform,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${name}`,
    digest: `sha256:${String(platforms.indexOf(platform) + 1).repeat(64)}`,
    format: "tar.gz",
    programs: ["hello"],
    contents: ["hello", "README.md"],
    ...more,
  };
}

const declared: FormulaDeclaration = {
  name: "hello",
  version: "v1.2.3",
  description: "Greets the world",
  homepage: "https://acme.example/hello",
  license: "Apache-2.0",
};
const artifacts = platforms.map((platform) => artifactFor(platform));
const render = (more: Partial<FormulaDeclaration> = {}, files = artifacts) =>
  renderFormula({ ...declared, ...more }, files);

interface Loaded {
  url?: string;
  sha256?: string;
  installed: Record<string, string[]>;
  [name: string]: unknown;
}

describe("a Homebrew formula", () => {
  let folder: string;

  before(async function () {
    requirement(this, hasProgram("ruby"), "ruby is not installed (apt-get install ruby)");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-formula-"));
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** What Ruby makes of a formula on a platform. */
  async function load(text: string, name: string, platform: string, installed?: string): Promise<Loaded> {
    const file = path.join(folder, `${name}.rb`);
    await writeFile(file, text);
    execFileSync("ruby", ["-wc", file], { stdio: ["ignore", "ignore", "pipe"] });
    const [os = "", architecture] = platform.split("/");
    const system = os === "darwin" ? "macos" : os;
    const processor = architecture === "arm64" ? "arm" : "intel";
    const paths = installed === undefined ? [] : [installed, path.join(folder, "prefix")];
    const args = [path.join(__dirname, "formula.rb"), file, formulaClass(name), system, processor, ...paths];
    return JSON.parse(execFileSync("ruby", args, { encoding: "utf8" })) as Loaded;
  }

  it("has the address and the sum of each platform, and says what it is", async () => {
    for (const artifact of artifacts) {
      const loaded = await load(render(), "hello", artifact.platform);
      assert.equal(loaded.url, artifact.url);
      assert.equal(`sha256:${loaded.sha256}`, artifact.digest);
      assert.equal(loaded.version, "1.2.3");
      assert.equal(loaded.license, "Apache-2.0");
      assert.deepEqual(loaded.blocks, ["livecheck"]);
    }
  });

  it("leaves out what Homebrew does not run on, and has no livecheck where nobody tells the latest release", async () => {
    const own = artifactFor("linux/amd64", { url: "https://downloads.acme.example/hello.tar.gz" });
    const text = render({}, [own, artifactFor("windows/amd64"), artifactFor("linux/riscv64")]);
    assert.doesNotMatch(text, /windows|riscv64|livecheck|on_macos|on_arm/);
    assert.equal((await load(text, "hello", "linux/amd64")).url, own.url);
    assert.equal((await load(text, "hello", "darwin/arm64")).url, undefined);
  });

  for (const [what, root, top] of [
    ["a flat archive", undefined, ""],
    ["an archive with a root", "hello-1.2.3", ""],
    ["an archive with everything in one folder", undefined, "dist/"],
  ] as const) {
    it(`installs programs, completions and man pages of ${what}, and its test runs them`, async () => {
      const contents = ["bin/hello", "completions", "man/hello.1"].map((file) => `${top}${file}`);
      const files = platforms.map((platform) =>
        artifactFor(platform, { programs: [`${top}bin/hello`], contents, ...(root ? { root } : {}) }),
      );
      const text = render(
        {
          completions: { bash: `${top}completions/hello.bash`, fish: `${top}completions/hello.fish` },
          manPages: [`${top}man/hello.1`],
          test: { run: ["hello", "it's $HOME #{1+1}"], prints: "it's $HOME #{1+1}" },
        },
        files,
      );
      // Homebrew unpacks and enters the only folder that there is.
      const unpacked = await mkdtemp(path.join(folder, "unpacked-"));
      for (const file of ["bin/hello", "completions/hello.bash", "completions/hello.fish", "man/hello.1"]) {
        await mkdir(path.dirname(path.join(unpacked, file)), { recursive: true });
        await writeFile(path.join(unpacked, file), '#!/bin/sh\nprintf %s "$1"\n');
      }
      await chmod(path.join(unpacked, "bin/hello"), 0o755);
      const loaded = await load(text, "hello", "linux/amd64", unpacked);
      assert.deepEqual(loaded.installed, {
        bin: ["hello"],
        bash_completion: ["hello.bash"],
        fish_completion: ["hello.fish"],
        man1: ["hello.1"],
      });
      assert.deepEqual(await readdir(path.join(folder, "prefix", "bin")), ["hello"]);
    });
  }

  it("has dependencies, conflicts, a service and caveats, whatever signs are in them", async () => {
    const caveats = 'Say "hello" to #{Dir.pwd}\n\\ and `date`';
    const text = render({
      dependencies: ["git", "acme/tap/base"],
      conflicts: ["hello-beta"],
      service: { run: ["hello", "--serve", 'a "b"'], keepAlive: true },
      caveats,
      homepage: "https://acme.example/#{hello}",
    });
    const loaded = await load(text, "hello", "darwin/arm64");
    assert.deepEqual(loaded.dependencies, ["git", "acme/tap/base"]);
    assert.deepEqual(loaded.conflicts, [["hello-beta", "both install the same programs"]]);
    assert.deepEqual(loaded.service, ["/opt/homebrew/opt/it/bin/hello", "--serve", 'a "b"']);
    assert.equal(loaded.keep_alive, true);
    assert.equal(loaded.caveats, caveats);
    assert.equal(loaded.homepage, "https://acme.example/#{hello}");
  });

  for (const [name, expected] of [
    ["hello", "Hello"],
    ["mcp-mesh", "McpMesh"],
    ["a_b.c", "ABC"],
    ["hello@1.2", "HelloAT12"],
    ["libc++", "Libcxx"],
  ] as const) {
    it(`of the name ${name} is the class ${expected}`, async () => {
      assert.equal(formulaClass(name), expected);
      await load(render({ name }), name, "linux/amd64");
    });
  }

  for (const [expression, ruby] of [
    ["MIT", '"MIT"'],
    ["MIT OR Apache-2.0", 'any_of: ["MIT", "Apache-2.0"]'],
    ["MIT AND BSD-3-Clause", 'all_of: ["MIT", "BSD-3-Clause"]'],
    ["GPL-2.0-only WITH Classpath-exception-2.0", '"GPL-2.0-only" => { with: "Classpath-exception-2.0" }'],
    [
      "MIT OR GPL-2.0-only WITH Classpath-exception-2.0",
      'any_of: ["MIT", { "GPL-2.0-only" => { with: "Classpath-exception-2.0" } }]',
    ],
  ] as const) {
    it(`says the license ${expression}`, async () => {
      assert.equal(rubyLicense(expression), ruby);
      await load(render({ license: expression }), "hello", "linux/amd64");
    });
  }

  it("has strings in which nothing runs", () => {
    assert.equal(rubyString('a"b\\c#{d}'), '"a\\"b\\\\c\\#{d}"');
  });

  for (const [what, more, files, finding] of [
    ["a name in capitals", { name: "Hello" }, artifacts, /name: "Hello" is no name.*small letters/],
    ["a name that is no class", { name: "1password" }, artifacts, /name: .*would be the class 1password/],
    [
      "a long description",
      { description: `Greets ${"x".repeat(80)}` },
      artifacts,
      /at most 80 characters, not 87/,
    ],
    [
      "an article at the beginning",
      { description: "A greeter" },
      artifacts,
      /does not start with an article/,
    ],
    ["a small letter at the beginning", { description: "greets" }, artifacts, /capital letter/],
    ["the name at the beginning", { description: "Hello greets" }, artifacts, /formula's name/],
    ["a full stop", { description: "Greets the world." }, artifacts, /full stop/],
    [
      "licenses of several levels",
      { license: "(MIT OR ISC) AND Zlib" },
      artifacts,
      /license: .*joined by AND or by OR/,
    ],
    ["no platform of Homebrew", {}, [artifactFor("windows/amd64")], /archive: has none of the platforms/],
    ["a bare program", {}, [artifactFor("linux/amd64", { format: "binary" })], /is no archive/],
    [
      "programs at other paths for one platform",
      {},
      [
        artifactFor("linux/amd64"),
        artifactFor("linux/arm64", { programs: ["arm/hello"], contents: ["arm/hello", "x"] }),
      ],
      /one way to install/,
    ],
    ["a man page without a section", { manPages: ["README.md"] }, artifacts, /manPages\[0\].*section/],
    [
      "a man page that is not there",
      { manPages: ["hello.1"] },
      artifacts,
      /manPages\[0\].*is not in hello_1/,
    ],
    [
      "a test of another program",
      { test: { run: ["other"] } },
      artifacts,
      /test\.run: there is no program "other"/,
    ],
    [
      "a service of another program",
      { service: { run: ["other"] } },
      artifacts,
      /service\.run: there is no program/,
    ],
  ] as [string, Partial<FormulaDeclaration>, ChannelArtifact[], RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => render(more, files), finding);
    });
  }
});
