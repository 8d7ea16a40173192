import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { wheelFileName, wheelScript, wheelTexts, type ProgramWheel } from "../../lib/channels/pypi/wheel";
import { ProviderProcess } from "../support/provider-process";
import { CleanEnvironment, requirePythonTools, runPythonTool, twineCheck } from "../support/python-packages";

/** Says what is wrong with a wheel: RECORD, modes, times, and sizes behind the content. */
const judge = `
import base64, csv, hashlib, io, struct, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
assert wheel.testzip() is None
record = [name for name in wheel.namelist() if name.endswith(".dist-info/RECORD")][0]
assert wheel.namelist()[-1] == record
listed = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(record).decode()))}
assert set(listed) == set(wheel.namelist()), (listed, wheel.namelist())
for info in wheel.infolist():
    assert info.date_time == (1980, 1, 1, 0, 0, 0) and info.flag_bits & 8 == 0, info
    wheel.fp.seek(info.header_offset)
    fields = struct.unpack("<4s5H3L2H", wheel.fp.read(30))
    assert (fields[6], fields[7], fields[8]) == (info.CRC, info.compress_size, info.file_size), info
    if info.filename != record:
        content = wheel.read(info)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert listed[info.filename] == ["sha256=" + digest, str(len(content))], info
    print(oct(info.external_attr >> 16), info.filename)
`;

describe("a wheel of a program", () => {
  let root: string;
  let provider: ProviderProcess;

  before(async function () {
    requirePythonTools(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-wheel-test-"));
    provider = await ProviderProcess.start(root);
  });
  after(async () => {
    await provider?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const wheel: ProgramWheel = {
    project: "Hello.World",
    version: "1.2.0rc1",
    platform: "linux/amd64",
    summary: "Greets the world",
    license: "Apache-2.0",
    urls: { Source: "https://github.com/acme/hello" },
    description: "# Hello\n\nIt says *hällo*.\n",
  };
  const name =
    "hello_world-1.2.0rc1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl";

  it("is the same bytes every time, with a right RECORD, and pip installs the program", async function () {
    this.timeout(180_000);
    assert.equal(wheelFileName(wheel), name);
    // More than one piece, and more of what does not compress.
    const filler = Array.from({ length: 80_000 }, (_, line) => `# ${line * 7919}\n`).join("");
    await writeFile(path.join(root, "hello"), `#!/bin/sh\necho "hello $1"\nexit 0\n${filler}`);
    const texts = Object.entries(wheelTexts(wheel)).map(([file, content]) => ({
      path: file,
      content,
      mode: "0644",
    }));
    const entries = [...texts, { path: wheelScript(wheel, "hello"), source: "hello", mode: "0755" }];
    const digests = [];
    for (const folder of ["one", "other"]) {
      const inputs = { path: `${folder}/${name}`, entries };
      digests.push((await provider.create("slipway:build:Archive", inputs)).state.digest);
      await rm(path.join(root, ".slipway/cache"), { recursive: true });
    }
    assert.equal(digests[0], digests[1]);
    const file = path.join(root, "one", name);
    assert.deepEqual(await readFile(file), await readFile(path.join(root, "other", name)));
    assert.deepEqual((await runPythonTool("-c", judge, file)).split("\n"), [
      "0o100755 hello_world-1.2.0rc1.data/scripts/hello",
      "0o100644 hello_world-1.2.0rc1.dist-info/METADATA",
      "0o100644 hello_world-1.2.0rc1.dist-info/WHEEL",
      "0o100644 hello_world-1.2.0rc1.dist-info/RECORD",
    ]);
    await twineCheck([file]);
    const environment = await CleanEnvironment.make(path.join(root, "environment"));
    await environment.run("pip", ["install", "--no-index", "--disable-pip-version-check", file]);
    assert.equal(await environment.run("hello", ["world"]), "hello world");
    const shown = await environment.run("pip", ["show", "--files", "hello-world"]);
    assert.match(shown, /Version: 1\.2\.0rc1\nSummary: Greets the world/);
  });

  it("is not made of entries that are not those of a wheel", async () => {
    for (const [entries, reason] of [
      [[{ path: "a", content: "1" }], /has not one METADATA in a folder \*\.dist-info/],
      [
        ["METADATA", "RECORD"].map((file) => ({ path: `a-1.dist-info/${file}`, content: "1" })),
        /has a-1\.dist-info\/RECORD, which is written/,
      ],
    ] as const) {
      await assert.rejects(provider.check("slipway:build:Archive", { path: "a.whl", entries }), reason);
    }
  });
});

describe("wheels of programs", () => {
  const wheel = { project: "hello", version: "1.0", summary: "Greets" };

  it("are for each platform that PyPI has wheels for", () => {
    const names = ["darwin/arm64", "windows/386", "linux/arm/v7"].map((platform) =>
      wheelFileName({ ...wheel, platform }),
    );
    assert.deepEqual(names, [
      "hello-1.0-py3-none-macosx_12_0_arm64.whl",
      "hello-1.0-py3-none-win32.whl",
      "hello-1.0-py3-none-manylinux2014_armv7l.manylinux_2_17_armv7l.musllinux_1_1_armv7l.whl",
    ]);
    assert.throws(
      () => wheelFileName({ ...wheel, platform: "openbsd/amd64" }),
      /there are no wheels for openbsd\/amd64/,
    );
  });

  it("are refused with what their metadata cannot carry", () => {
    const platform = "linux/amd64";
    for (const [more, reason] of [
      [{ summary: "two\nlines" }, /summary: one line of text is expected/],
      [{ summary: "x".repeat(513) }, /has 513 characters, and PyPI takes 512/],
      [{ license: "MIT\nName: other" }, /license: one line/],
      [{ urls: { "a,b": "https://x.example" } }, /a label of at most 32 characters without a comma/],
    ] as const) {
      assert.throws(() => wheelTexts({ ...wheel, platform, ...more }), reason);
    }
  });
});
