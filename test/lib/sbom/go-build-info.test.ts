import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  GoBuildInfoScanner,
  parseGoModuleInfo,
  type GoBuildInfo,
  type GoModule,
} from "../../../lib/sbom/go-build-info";
import { requireTools, toolPath } from "../../support/tools";

function scan(program: Buffer, chunkSize = 64 * 1024): GoBuildInfo | undefined {
  const scanner = new GoBuildInfoScanner();
  for (let start = 0; start < program.length; start += chunkSize) {
    scanner.push(program.subarray(start, start + chunkSize));
  }
  return scanner.finish();
}

/** The same as `go version -m` prints it. */
function printed(info: GoBuildInfo): string[] {
  const module = ({ path, version, sum }: GoModule) => `${path}\t${version ?? "(devel)"}\t${sum ?? ""}`;
  const lines = (kind: string, one: GoModule): string[] => [
    `${kind}\t${module(one)}`,
    ...(one.replace ? [`=>\t${module(one.replace)}`] : []),
  ];
  return [
    info.goVersion,
    `path\t${info.path ?? ""}`,
    ...(info.main ? lines("mod", info.main) : []),
    ...info.modules.flatMap((one) => lines("dep", one)),
    ...Object.entries(info.settings).map(
      ([key, value]) => `build\t${key}=${/\s/.test(value) ? JSON.stringify(value) : value}`,
    ),
  ];
}

function goVersion(file: string): string[] {
  const lines = execFileSync(toolPath("go"), ["version", "-m", file], { encoding: "utf8" })
    .trimEnd()
    .split("\n");
  return [lines[0]?.slice(file.length + 2) ?? "", ...lines.slice(1).map((line) => line.slice(1))];
}

describe("build information of Go programs", function () {
  this.timeout(590_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-go-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function build(source: string, name: string, env: NodeJS.ProcessEnv, flags: string[] = []): string {
    const file = join(folder, name);
    execFileSync(toolPath("go"), ["build", "-C", source, "-p", "1", "-trimpath", ...flags, "-o", file, "."], {
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", ...env },
      stdio: "pipe",
    });
    return file;
  }

  /** The program of examples/hello for linux/amd64, built once. */
  let hello: Buffer | undefined;
  function helloProgram(): Buffer {
    const env = { GOOS: "linux", GOARCH: "amd64" };
    hello ??= readFileSync(build(resolve("examples/hello"), "hello", env));
    // A copy: some tests write into it.
    return Buffer.from(hello);
  }

  /**
   * A program without imports: the standard library takes minutes to be built for another platform.
   */
  function smallProgram(): string {
    const source = mkdtempSync(join(folder, "small-"));
    writeFileSync(join(source, "go.mod"), "module example.com/small\n\ngo 1.22\n");
    writeFileSync(join(source, "main.go"), 'package main\n\nfunc main() { println("small") }\n');
    return source;
  }

  /** ELF with both pointer sizes and both byte orders, PE and Mach-O; with and without symbols. */
  const targets: [program: "hello" | "small", os: string, architecture: string, flags?: string[]][] = [
    ["hello", "linux", "amd64"],
    ["hello", "linux", "arm64", ["-ldflags=-s -w -X main.version=1.2.3"]],
    ["small", "linux", "arm"],
    ["small", "linux", "s390x"],
    ["small", "windows", "amd64"],
    ["small", "darwin", "arm64"],
  ];
  for (const [name, os, architecture, flags] of targets) {
    it(`BLEU-33: a Go program for ${os}/${architecture}: as \`go version -m\` says`, function () {
      requireTools(this, "go");
      const source = name === "hello" ? resolve("examples/hello") : smallProgram();
      const file = build(source, `${name}-${os}-${architecture}`, { GOOS: os, GOARCH: architecture }, flags);
      const info = scan(readFileSync(file));
      assert.ok(info);
      assert.deepEqual(printed(info), goVersion(file));
      assert.equal(info.main?.path, `example.com/${name}`);
      assert.equal(info.settings.GOARCH, architecture);
    });
  }

  it("finds it however the program is cut into pieces", function () {
    requireTools(this, "go");
    const program = helloProgram();
    const whole = scan(program, program.length);
    assert.ok(whole);
    for (const size of [997, 4096, 65_536, 65_537, 1_000_000]) assert.deepEqual(scan(program, size), whole);
  });

  it("names the modules of a program that has some, and its own where it carries another program", function () {
    requireTools(this, "go");
    // The inner program is in the read-only data of the outer one, before the outer one's own
    // information.
    const inner = helloProgram();
    const source = mkdtempSync(join(folder, "outer-"));
    writeFileSync(join(source, "inner.bin"), inner);
    writeFileSync(
      join(source, "go.mod"),
      "module example.com/outer\n\ngo 1.22\n\nrequire example.com/lib v1.2.3\n\nreplace example.com/lib v1.2.3 => ./lib\n",
    );
    writeFileSync(
      join(source, "main.go"),
      'package main\n\nimport (\n\t_ "embed"\n\t"example.com/lib"\n)\n\n//go:embed inner.bin\nvar inner string\n\nfunc main() { println(len(inner), lib.Name) }\n',
    );
    execFileSync("mkdir", [join(source, "lib")]);
    writeFileSync(join(source, "lib", "go.mod"), "module example.com/lib\n\ngo 1.22\n");
    writeFileSync(join(source, "lib", "lib.go"), 'package lib\n\nvar Name = "lib"\n');
    const file = build(source, "outer", { GOOS: "linux", GOARCH: "amd64" });
    const info = scan(readFileSync(file));
    assert.ok(info);
    assert.equal(info.main?.path, "example.com/outer");
    assert.deepEqual(info.modules, [
      { path: "example.com/lib", version: "v1.2.3", replace: { path: "./lib" } },
    ]);
    assert.deepEqual(printed(info).slice(0, 3), goVersion(file).slice(0, 3));
  });

  it("agrees with `go version -m` about programs with many modules", function () {
    requireTools(this, "go", "crane");
    const file = toolPath("crane");
    const info = scan(readFileSync(file));
    assert.ok(info && info.modules.length > 5);
    assert.deepEqual(printed(info), goVersion(file));
  });

  it("finds nothing in what is not a Go program", function () {
    const decoy = Buffer.alloc(200_000);
    decoy.write("\xff Go buildinf:", 131_072, "latin1");
    assert.equal(scan(decoy), undefined);
    assert.equal(scan(Buffer.alloc(0)), undefined);
    assert.equal(scan(Buffer.from("\x7fELF")), undefined);
    assert.equal(scan(readFileSync(process.execPath)), undefined);
  });

  it("does not fail on headers that lie, and keeps no more than it may", function () {
    requireTools(this, "go");
    const program = helloProgram();
    const at = program.indexOf("\xff Go buildinf:", 0, "latin1");
    assert.ok(at > 0);
    const cut = program.subarray(0, at + 40);
    assert.equal(scan(cut), undefined);
    const endless = Buffer.from(program);
    endless.fill(0xff, at + 32, at + 48);
    assert.equal(scan(endless), undefined);
    const table = Buffer.from(program);
    table.writeBigUInt64LE(0xffff_ffff_ffff_fff0n, 32);
    assert.equal(scan(table), undefined);
  });

  it("says of a program of before Go 1.18 that it cannot be read", function () {
    requireTools(this, "go");
    const program = helloProgram();
    const at = program.indexOf("\xff Go buildinf:", 0, "latin1");
    program[at + 15] = 0;
    const scanner = new GoBuildInfoScanner();
    scanner.push(program);
    assert.equal(scanner.finish(), undefined);
    assert.equal(scanner.outdated, true);
  });

  const texts: [title: string, text: string, expected: Partial<GoBuildInfo>][] = [
    [
      "replacements, of a module by another and of the main module",
      "path\tcommand-line-arguments\nmod\ta\tv1.0.0\th1:x=\n=>\tb\tv2.0.0\t\ndep\tc\tv1.0.0\n=>\t../c\t\t\ndep\td\tv0.1.0\th1:y=\n",
      {
        path: "command-line-arguments",
        main: { path: "a", version: "v1.0.0", sum: "h1:x=", replace: { path: "b", version: "v2.0.0" } },
        modules: [
          { path: "c", version: "v1.0.0", replace: { path: "../c" } },
          { path: "d", version: "v0.1.0", sum: "h1:y=" },
        ],
      },
    ],
    ["a program without modules", "", { modules: [], settings: {} }],
    [
      "settings with blanks and equals signs",
      'build\t-ldflags="-X main.v=1 -s"\nbuild\tCGO_ENABLED=0\n',
      { settings: { "-ldflags": "-X main.v=1 -s", CGO_ENABLED: "0" } },
    ],
  ];
  for (const [title, text, expected] of texts) {
    it(title, () => {
      const info = parseGoModuleInfo("go1.22", text);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(info[key as keyof GoBuildInfo], value);
    });
  }
});
