import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ChannelError, type ChannelArtifact } from "../../../lib/channels/artifact";
import { renderCask, type CaskDeclaration } from "../../../lib/channels/homebrew/cask";
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
    programs: ["bin/hello", "bin/hellod"],
    contents: ["bin/hello", "bin/hellod", "man", "completions"],
    ...more,
  };
}

const declared: CaskDeclaration = {
  name: "hello",
  version: "v1.2.3",
  description: "Greets the world",
  homepage: "https://acme.example/hello",
};
const artifacts = platforms.map((platform) => artifactFor(platform));
const render = (more: Partial<CaskDeclaration> = {}, files = artifacts) =>
  renderCask({ ...declared, ...more }, files);

describe("a Homebrew cask", () => {
  let folder: string;

  before(async function () {
    requirement(this, hasProgram("ruby"), "ruby is not installed (apt-get install ruby)");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-cask-"));
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** What Ruby makes of a cask on a processor. */
  async function load(text: string, processor: "arm" | "intel"): Promise<Record<string, unknown>> {
    const file = path.join(folder, "hello.rb");
    await writeFile(file, text);
    execFileSync("ruby", ["-wc", file], { stdio: ["ignore", "ignore", "pipe"] });
    const args = [path.join(__dirname, "cask.rb"), file, processor];
    return JSON.parse(execFileSync("ruby", args, { encoding: "utf8" })) as Record<string, unknown>;
  }

  it("has address and sum of each processor of macOS, and of no other system", async () => {
    for (const [processor, artifact] of [
      ["arm", artifacts[0]],
      ["intel", artifacts[1]],
    ] as const) {
      const loaded = await load(render(), processor);
      assert.deepEqual(loaded, {
        token: "hello",
        version: "1.2.3",
        url: artifact?.url,
        sha256: artifact?.digest.slice("sha256:".length),
        name: "hello",
        desc: "Greets the world",
        homepage: "https://acme.example/hello",
        livecheck: ["url", "github_latest"],
        depends_on: ["macos"],
        linked: [
          ["binary", "bin/hello"],
          ["binary", "bin/hellod"],
        ],
      });
    }
    assert.doesNotMatch(render(), /linux/);
  });

  it("for one processor depends on it", async () => {
    const loaded = await load(render({}, [artifactFor("darwin/arm64")]), "intel");
    assert.deepEqual(loaded.depends_on, [{ arch: "arm64" }, "macos"]);
    assert.equal(loaded.url, artifacts[0]?.url);
  });

  it("links what the archive has below its folder, and says what is to be known as it is written", async () => {
    const files = artifacts.map(({ platform }) => artifactFor(platform, { root: "hello-1.2.3" }));
    const caveats = 'Run "hello #{1+1}"\nand `echo`\n';
    const text = render(
      { caveats, manPages: ["man/hello.1"], completions: { zsh: "completions/_hello" } },
      files,
    );
    const loaded = await load(text, "arm");
    assert.deepEqual(loaded.linked, [
      ["binary", "hello-1.2.3/bin/hello"],
      ["binary", "hello-1.2.3/bin/hellod"],
      ["manpage", "hello-1.2.3/man/hello.1"],
      ["zsh_completion", "hello-1.2.3/completions/_hello"],
    ]);
    assert.equal(loaded.caveats, caveats.trimEnd());
  });

  for (const [what, more, files, field] of [
    ["a name that is none", { name: "Hello" }, artifacts, "name"],
    ["a description that Homebrew refuses", { description: "A greeter" }, artifacts, "description"],
    ["no platform of macOS", {}, [artifactFor("linux/amd64")], "archive"],
    ["a format that it does not unpack", {}, [artifactFor("darwin/arm64", { format: "gz" })], "archive"],
    ["a file that is not there", { manPages: ["doc/hello.1"] }, artifacts, "manPages[0]"],
    [
      "programs at different places",
      {},
      [
        artifactFor("darwin/arm64", { root: "hello-arm64" }),
        artifactFor("darwin/amd64", { root: "hello-amd64" }),
      ],
      "archive",
    ],
  ] as [string, Partial<CaskDeclaration>, ChannelArtifact[], string][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => render(more, files),
        (error: unknown) => error instanceof ChannelError && error.field === field,
      );
    });
  }
});
