import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { flakeVersionPattern, renderFlake, sriHash, type NixFlake } from "../../../lib/channels/nix/flake";
import { digestOf } from "../../../lib/oci/digest";
import { hasProgram } from "../../support/clients";
import type { ServerProcess } from "../../support/processes";
import { requirement } from "../../support/requirement";
import { startStaticServer } from "../../support/static-server";

const platforms = ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"];

function artifactFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const name = `hello_1.2.3_${platform.replace("/", "_")}.tar.gz`;
  return {
    name,
    platform,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${name}`,
    digest: digestOf(Buffer.from(platform)),
    format: "tar.gz",
    programs: ["hello"],
    contents: ["hello", "LICENSE"],
    ...more,
  };
}

const declared: NixFlake = {
  name: "hello",
  version: "v1.2.3",
  description: "Greets the world",
  homepage: "https://acme.example/hello",
  license: "MIT OR Apache-2.0",
  nixpkgs: "github:NixOS/nixpkgs/nixos-unstable",
};
const artifacts = platforms.map((platform) => artifactFor(platform));
const render = (more: Partial<NixFlake> = {}, files = artifacts) =>
  renderFlake({ ...declared, ...more }, files);

/** What is looked at of a package. */
interface Evaluated {
  pname: string;
  version: string;
  src: { url: string; hash: string };
  sourceRoot?: string;
  nativeBuildInputs?: string[];
  buildInputs?: string[];
  meta: Record<string, unknown>;
}

describe("a Nix flake", function () {
  this.timeout(180_000);
  let folder: string;
  let host: ServerProcess & { url: string };

  before(async function () {
    requirement(this, hasProgram("nix-instantiate"), "nix is not installed (apt-get install nix-bin)");
    requirement(this, hasProgram("python3"), "python3 is not installed (apt-get install python3)");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-nix-"));
    await mkdir(path.join(folder, "public"));
    host = await startStaticServer(path.join(folder, "public"));
  });
  after(async () => {
    await host?.stop();
    if (!folder) return;
    execFileSync("chmod", ["-R", "u+w", folder]);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Runs a program of Nix with a store of its own; no sandbox and no users who build. */
  function nix(program: string, ...args: string[]): string {
    const at = (name: string) => path.join(folder, name);
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      NIX_STORE_DIR: at("store"),
      NIX_STATE_DIR: at("state"),
      NIX_LOG_DIR: at("log"),
      NIX_CONFIG: "sandbox = false\nbuild-users-group =\nsubstituters =",
    };
    return execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  }

  async function flakeFile(text: string): Promise<string> {
    const at = path.join(await mkdtemp(path.join(folder, "flake-")), "flake.nix");
    await writeFile(at, text);
    return at;
  }

  const outputs = (file: string, nixpkgs: string) =>
    `(import ${file}).outputs { self = { }; nixpkgs = import ${path.join(__dirname, nixpkgs)}; }`;

  /** What Nix makes of a flake, by system. */
  async function evaluate(text: string): Promise<Record<string, Record<string, Evaluated>>> {
    const file = await flakeFile(text);
    nix("nix-instantiate", "--parse", file);
    const expression = `(${outputs(file, "nixpkgs.nix")}).packages`;
    return JSON.parse(nix("nix-instantiate", "--eval", "--strict", "--json", "-E", expression)) as Record<
      string,
      Record<string, Evaluated>
    >;
  }

  it("has a package for each system, with address and sum, and says what it is", async () => {
    const packages = await evaluate(render({}, [...artifacts, artifactFor("windows/amd64")]));
    const systems = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"];
    assert.deepEqual(Object.keys(packages), systems);
    const own = packages["aarch64-darwin"]?.hello;
    assert.deepEqual(packages["aarch64-darwin"]?.default, own);
    const [darwin] = artifacts.filter(({ platform }) => platform === "darwin/arm64");
    assert.deepEqual(own?.src, { url: darwin?.url, hash: sriHash(darwin?.digest ?? "") });
    assert.deepEqual([own?.pname, own?.version, own?.sourceRoot], ["hello", "1.2.3", "."]);
    assert.equal(own?.nativeBuildInputs, undefined);
    assert.deepEqual(own?.meta, {
      description: "Greets the world",
      homepage: "https://acme.example/hello",
      license: "MIT OR Apache-2.0",
      mainProgram: "hello",
      platforms: systems,
      sourceProvenance: ["binaryNativeCode"],
    });
  });

  it("has sums in the form that nix-hash gives them", () => {
    const digest = digestOf(Buffer.from("hello"));
    const base32 = nix("nix-hash", "--to-base32", "--type", "sha256", digest.slice("sha256:".length));
    const sri = nix(
      "nix",
      "--extra-experimental-features",
      "nix-command",
      "hash",
      "to-sri",
      "--type",
      "sha256",
      base32,
    );
    assert.equal(sriHash(digest), sri);
  });

  it("is a flake to Nix itself, with nixpkgs as its only input", async () => {
    const file = await flakeFile(render({ description: 'Says "${self}"' }));
    const input = await flakeFile("{ outputs = { self }: import ./nixpkgs.nix; }");
    await copyFile(path.join(__dirname, "nixpkgs.nix"), path.join(path.dirname(input), "nixpkgs.nix"));
    const flake = `path:${path.dirname(file)}#packages.aarch64-linux.default.pname`;
    const options = ["--no-write-lock-file", "--override-input", "nixpkgs", `path:${path.dirname(input)}`];
    const features = ["--extra-experimental-features", "nix-command flakes"];
    assert.equal(nix("nix", ...features, "eval", "--raw", flake, ...options), "hello");
  });

  it("has texts in which nothing is put in its place", async () => {
    const description = "Says \"${self}\" and \\ $HOME ''${x}";
    const packages = await evaluate(render({ description }));
    assert.equal(packages["x86_64-linux"]?.hello?.meta.description, description);
  });

  it("patches programs for Linux only where that is asked for", async () => {
    const packages = await evaluate(render({ autoPatchelf: true, libraries: ["openssl"] }));
    const [linux, darwin] = [packages["x86_64-linux"]?.hello, packages["x86_64-darwin"]?.hello];
    assert.deepEqual(linux?.nativeBuildInputs, ["autoPatchelfHook"]);
    assert.deepEqual(linux?.buildInputs, ["libstdc++", "openssl"]);
    assert.deepEqual([darwin?.nativeBuildInputs, darwin?.buildInputs], [[], []]);
  });

  it("unpacks what the standard environment does not with what does", async () => {
    const packages = await evaluate(render({}, [artifactFor("linux/amd64", { format: "tar.zst" })]));
    assert.deepEqual(packages["x86_64-linux"]?.hello?.nativeBuildInputs, ["zstd"]);
    const zip = await evaluate(render({}, [artifactFor("linux/amd64", { format: "zip" })]));
    assert.deepEqual(zip["x86_64-linux"]?.hello?.nativeBuildInputs, ["unzip"]);
  });

  for (const [what, root, format] of [
    ["a flat archive", undefined, "tar.gz"],
    ["an archive with a root", "hello-1.2.3", "tar.gz"],
    ["a bare program", undefined, "binary"],
  ] as const) {
    it(`is built by Nix of ${what}`, async function () {
      requirement(
        this,
        process.arch === "x64" && process.platform === "linux",
        "Nix builds for its own system",
      );
      const packed = await mkdtemp(path.join(folder, "packed-"));
      const inner = path.join(packed, root ?? "");
      const program = "bin/it's ''${hello}";
      const contents = [program, "hello.1", "_hello"];
      for (const file of contents) {
        await mkdir(path.dirname(path.join(inner, file)), { recursive: true });
        await writeFile(path.join(inner, file), "#!/bin/sh\necho hello\n");
      }
      const name = `hello-${root ?? "flat"}.${format}`;
      const archive = path.join(folder, "public", name);
      if (format === "binary") await writeFile(archive, "#!/bin/sh\necho hello\n");
      else execFileSync("tar", ["-czf", archive, ...(await readdir(packed))], { cwd: packed });
      const artifact: ChannelArtifact = {
        name,
        platform: "linux/amd64",
        url: `${host.url}/${name}`,
        digest: digestOf(await readFile(archive)),
        format,
        programs: [format === "binary" ? "hello" : program],
        contents: format === "binary" ? ["hello"] : contents,
        ...(root === undefined ? {} : { root }),
      };
      const extras = format === "binary" ? {} : { manPages: ["hello.1"], completions: { zsh: "_hello" } };
      const build = async (text: string) =>
        nix(
          "nix-build",
          "--no-out-link",
          "-E",
          `(${outputs(await flakeFile(text), "nixpkgs-build.nix")}).packages.x86_64-linux.default`,
        );
      const built = await build(render(extras, [artifact]));
      const [installed = ""] = await readdir(path.join(built, "bin"));
      assert.equal(installed, format === "binary" ? "hello" : "it's ''${hello}");
      assert.equal(execFileSync(path.join(built, "bin", installed), { encoding: "utf8" }), "hello\n");
      const shared = await readdir(built);
      assert.deepEqual(shared, format === "binary" ? ["bin"] : ["bin", "share"]);
      await assert.rejects(
        build(render(extras, [{ ...artifact, digest: digestOf(Buffer.from("other")) }])),
        /hash mismatch in fixed-output derivation/,
      );
    });
  }

  it("tells which version it is of", () => {
    const text = render({ version: "v2.0.0-rc.1" });
    assert.equal(new RegExp(flakeVersionPattern, "m").exec(text)?.[1], "2.0.0-rc.1");
  });

  for (const [what, more, files, finding] of [
    [
      "a name with a dot",
      { name: "hello.app" },
      artifacts,
      /name: "hello\.app" is not a name.*a valid example: "hello"/,
    ],
    ["a name that starts with a digit", { name: "0ad" }, artifacts, /name: .*a letter first/],
    ["a word of the language as its name", { name: "with" }, artifacts, /name: .*no word of the language/],
    ["an article at the beginning", { description: "A greeter" }, artifacts, /description: .*article/],
    [
      "a small letter at the beginning",
      { description: "greets" },
      artifacts,
      /description: .*capital letter/,
    ],
    ["a full stop", { description: "Greets the world." }, artifacts, /description: .*full stop/],
    [
      "no platform of Nix",
      {},
      [artifactFor("windows/amd64")],
      /archive: has none.*linux\/amd64.*darwin\/arm64/,
    ],
    ["no program", {}, [artifactFor("linux/amd64", { programs: [] })], /archive: hello_1.* has no program/],
    [
      "a program packed alone",
      {},
      [artifactFor("linux/amd64", { format: "gz" })],
      /archive: hello_1.*are expected/,
    ],
    [
      "programs at other paths for one platform",
      {},
      [artifactFor("linux/amd64"), artifactFor("linux/arm64", { programs: ["arm/hello"] })],
      /one way to install/,
    ],
    [
      "a man page that is not there",
      { manPages: ["hello.1"] },
      artifacts,
      /manPages\[0\]: "hello\.1" is not in/,
    ],
  ] as [string, Partial<NixFlake>, ChannelArtifact[], RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => render(more, files), finding);
    });
  }
});
