import assert from "node:assert/strict";
import { access, cp, mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ChannelError } from "../../../lib/channels/artifact";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { rpmArchitecture } from "../../../lib/channels/rpm/architecture";
import type { DeclaredRpm } from "../../../lib/channels/rpm/declared-package";
import { parseRange, readRange } from "../../../lib/channels/rpm/range";
import { rpmRelease, rpmVersion } from "../../../lib/channels/rpm/version";
import { ended } from "../../support/apt";
import { openPgpKey } from "../../support/openpgp";
import { helloRpm, writtenRpm } from "../../support/rpm";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("RPM packages, judged by rpm", () => {
  const folder = temporaryDirectory();
  const dist = () => join(folder(), "dist");
  let ed25519: SigningKey;

  before(async function () {
    requireTools(this, "rpm", "rpmkeys");
    ed25519 = await SigningKey.read(await openPgpKey("ed25519"), undefined);
  });

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  const written = async (declared: DeclaredRpm, key = ed25519, root?: string) =>
    (await writtenRpm(dist(), declared, key, root)).file;

  for (const kind of ["ed25519", "rsa-4096"] as const) {
    it(`${kind}: are the same bytes each time, signed, whole, and installed`, async () => {
      const key = await SigningKey.read(await openPgpKey(kind), undefined);
      const declared = helloRpm("1.0.0-rc.1", { relations: { requires: ["/bin/sh"] } });
      const one = await written(declared, key);
      assert.deepEqual(await readFile(await written(declared, key)), await readFile(one));
      const database = ["--dbpath", join(folder(), "db")];
      const level = ["--define", "_pkgverify_level all"];
      await writeFile(join(folder(), "key.asc"), key.publicKey);
      const unknown = await ended(toolPath("rpmkeys"), [...database, ...level, "--checksig", one]);
      assert.equal(unknown.code, 1, unknown.output);
      await succeeds("rpmkeys", ...database, "--import", join(folder(), "key.asc"));
      assert.match(
        await succeeds("rpmkeys", ...database, ...level, "--checksig", one),
        /\.rpm: digests signatures OK/,
      );
      const query = "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{SUMMARY}|%{DESCRIPTION}";
      assert.equal(
        await succeeds("rpm", ...database, "-qp", "--queryformat", query, one),
        "hello 1.0.0~rc.1 1 x86_64 Apache-2.0 Says hello & <more>|It says so to the world.",
      );
      const root = join(folder(), "root");
      await succeeds("rpm", "--root", root, "--nodeps", "--ignorearch", "-i", one);
      assert.equal(await readFile(join(root, "usr/bin/hi"), "utf8"), "#!/bin/sh\necho hello 1.0.0-rc.1\n");
      assert.equal(await succeeds("rpm", "--root", root, "--nodeps", "-V", "hello"), "");
      assert.match(await succeeds("rpm", "--root", root, "-qc", "hello"), /^\/etc\/hello\.yaml$/m);
      const bytes = await readFile(one);
      bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
      await writeFile(one, bytes);
      const changed = await ended(toolPath("rpmkeys"), [...database, ...level, "--checksig", one]);
      assert.equal(changed.code, 1, changed.output);
      assert.match(changed.output, /DIGESTS/);
    });
  }

  it("say their relations as they were declared", async () => {
    const relations = {
      requires: ["glibc >= 1:2.34-1", "libc.so.6(GLIBC_2.34)(64bit)"],
      recommends: ["bash-completion"],
      suggests: ["man-db > 2"],
      supplements: ["systemd"],
      enhances: ["make"],
      conflicts: ["hallo < 2"],
      obsoletes: ["greeter <= 1.0"],
      provides: ["greeting = 1.0.0"],
    };
    const file = await written(helloRpm("1.0.0", { relations }));
    for (const [kind, texts] of Object.entries(relations)) {
      const lines = (await succeeds("rpm", "-qp", `--${kind}`, "--nosignature", file)).split("\n");
      for (const text of texts) assert.ok(lines.includes(text), `${kind}: ${lines.join(", ")}`);
    }
  });

  it("take their own folders with them when they are removed, and leave the configuration that was changed", async () => {
    const root = join(folder(), "root");
    await mkdir(join(folder(), "share/deep"), { recursive: true });
    await writeFile(join(folder(), "share/deep/text"), "text");
    const files = [
      { to: "/usr/share/hello", source: "share" },
      { to: "/etc/hello/hello.yaml", content: "greeting: hello\n" },
    ];
    const rpm = ["--root", root, "--nodeps", "--nosignature", "--ignorearch"];
    await succeeds("rpm", ...rpm, "-i", await written(helloRpm("1.0.0", { files }), ed25519, folder()));
    assert.equal(await readFile(join(root, "usr/share/hello/deep/text"), "utf8"), "text");
    const configuration = join(root, "etc/hello/hello.yaml");
    await writeFile(configuration, "greeting: hi\n");
    const next = [{ to: "/etc/hello/hello.yaml", content: "greeting: good day\n" }];
    await succeeds("rpm", ...rpm, "-U", await written(helloRpm("1.1.0", { files: next })));
    assert.equal(await readFile(configuration, "utf8"), "greeting: hi\n");
    assert.equal(await readFile(`${configuration}.rpmnew`, "utf8"), "greeting: good day\n");
    await assert.rejects(access(join(root, "usr/share/hello")), /ENOENT/);
    await access(join(root, "usr/share"));
    await succeeds("rpm", "--root", root, "-e", "--nodeps", "hello");
    assert.equal(await readFile(`${configuration}.rpmsave`, "utf8"), "greeting: hi\n");
  });

  /** A system with a shell, and a `systemctl` that notes what it is asked, in a folder. */
  async function systemWithShell(): Promise<{ root: string; log: () => Promise<string[]> }> {
    const root = join(folder(), "system");
    const shell = await realpath("/bin/sh");
    const libraries = (await succeeds("ldd", shell)).match(/\/\S+/g) ?? [];
    for (const file of libraries) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await cp(await realpath(file), join(root, file));
    }
    for (const directory of ["bin", "usr/bin", "run/systemd/system", "dev", "tmp"])
      await mkdir(join(root, directory), { recursive: true });
    await cp(shell, join(root, "bin/sh"));
    await writeFile(join(root, "dev/null"), "");
    const systemctl = join(root, "usr/bin/systemctl");
    await writeFile(systemctl, '#!/bin/sh\necho "systemctl $*" >> /log\nexit 1\n', { mode: 0o755 });
    const log = async () => {
      const text = await readFile(join(root, "log"), "utf8").catch(() => "");
      await rm(join(root, "log"), { force: true });
      return text.trim().split("\n");
    };
    return { root, log };
  }

  it("run their scripts, and start, restart and stop their units, whatever systemd answers", async () => {
    const { root, log } = await systemWithShell();
    const says = (name: string) => `#!/bin/sh\necho "${name} $1" >> /log\nexit 0\n`;
    const scripts = { pre: says("pre"), post: says("post"), preun: says("preun"), postun: says("postun") };
    const units = [
      { name: "hello.service", content: "[Service]\nExecStart=/usr/bin/hello\n" },
      { name: "hello.timer", content: "[Timer]\n", enable: false, start: false },
    ];
    const rpm = ["--root", root, "--nodeps", "--nosignature", "--ignorearch"];
    const one = await written(helloRpm("1.0.0", { scripts, units }));
    assert.match(
      await succeeds("rpm", "-qp", "--scripts", "--nosignature", one),
      /^postuninstall scriptlet \(using \/bin\/sh\):/m,
    );
    assert.match(await succeeds("rpm", "-qp", "--requires", "--nosignature", one), /^\/bin\/sh$/m);
    await succeeds("rpm", ...rpm, "-i", one);
    await access(join(root, "usr/lib/systemd/system/hello.timer"));
    assert.deepEqual(await log(), [
      "pre 1",
      "post 1",
      "systemctl --no-reload enable hello.service",
      "systemctl daemon-reload",
      "systemctl start hello.service",
    ]);
    await succeeds("rpm", ...rpm, "-U", await written(helloRpm("1.1.0", { scripts, units })));
    assert.deepEqual(await log(), [
      "pre 2",
      "post 2",
      "systemctl daemon-reload",
      "preun 1",
      "postun 1",
      "systemctl daemon-reload",
      "systemctl try-restart hello.service",
    ]);
    await succeeds("rpm", "--root", root, "-e", "--nodeps", "hello");
    assert.deepEqual(await log(), [
      "systemctl --no-reload disable hello.service hello.timer",
      "systemctl stop hello.service hello.timer",
      "preun 0",
      "postun 0",
      "systemctl daemon-reload",
    ]);
    // One that fails before anything is installed keeps the package away, as rpm has it.
    const failing = { pre: "#!/bin/sh\nexit 3\n" };
    const kept = await ended(toolPath("rpm"), [
      ...rpm,
      "-i",
      await written(helloRpm("1.2.0", { scripts: failing, units })),
    ]);
    assert.notEqual(kept.code, 0);
    await assert.rejects(access(join(root, "usr/bin/hello")), /ENOENT/);
  });

  it("refuse a script that is none, one of another shell with units, and a unit that is none", async () => {
    const unit = [{ name: "hello.service", content: "" }];
    for (const [change, reason] of [
      [{ scripts: { post: "echo" } }, /^scripts\.post: does not begin with "#!"/],
      [{ scripts: { post: "#!/usr/bin/lua -x\n" } }, /interpreter without arguments/],
      [
        { scripts: { post: "#!/usr/bin/lua\n" }, units: unit },
        /^scripts\.post: is not a script of \/bin\/sh/,
      ],
      [
        { units: [{ name: "../hello.service", content: "" }] },
        /^units\[0\]\.name: .*is not a name of a unit/,
      ],
    ] as [Partial<DeclaredRpm>, RegExp][]) {
      await assert.rejects(written(helloRpm("1.0.0", change)), (error) => {
        assert.ok(error instanceof ChannelError);
        assert.match(error.message, reason);
        return true;
      });
    }
  });

  it("are for every architecture where their platform says so", async () => {
    const file = await written(helloRpm("1.0.0", { platform: "all" }));
    const query = ["-qp", "--nosignature", "--queryformat", "%{ARCH}", file];
    assert.equal(await succeeds("rpm", ...query), "noarch");
  });

  it("say where their header is, which is where rpm's own begins and ends", async () => {
    const file = await written(helloRpm("1.0.0"));
    const { headerStart, headerEnd, payloadSize } = await readRange(file);
    const bytes = await readFile(file);
    assert.deepEqual([...bytes.subarray(headerStart, headerStart + 3)], [0x8e, 0xad, 0xe8]);
    // What follows it is the compressed payload.
    assert.deepEqual([...bytes.subarray(headerEnd, headerEnd + 2)], [0x1f, 0x8b]);
    const query = ["-qp", "--nosignature", "--queryformat", "%{ARCHIVESIZE}", file];
    assert.equal(Number(await succeeds("rpm", ...query)), payloadSize);
    assert.throws(() => parseRange(bytes.subarray(8)), /is no package of rpm/);
    assert.throws(() => parseRange(bytes.subarray(0, headerStart + 8)), /has no header at byte/);
  });

  it("are signed by keys whose own signature is younger than they are", async () => {
    const { readPrivateKey, reformatKey } = await import("openpgp");
    const made = await readPrivateKey({ armoredKey: await openPgpKey("ed25519") });
    const date = new Date(Date.now() - 60_000);
    const { privateKey } = await reformatKey({
      privateKey: made,
      userIDs: [{ name: "Acme", email: "releases@acme.example" }],
      date,
      format: "armored",
    });
    const key = await SigningKey.read(privateKey, undefined);
    assert.equal((await key.earliest()).getTime(), Math.floor(date.getTime() / 1000) * 1000);
    const file = await written(helloRpm("1.0.0"), key);
    const database = ["--dbpath", join(folder(), "db")];
    await writeFile(join(folder(), "key.asc"), key.publicKey);
    await succeeds("rpmkeys", ...database, "--import", join(folder(), "key.asc"));
    await succeeds("rpmkeys", ...database, "--define", "_pkgverify_level all", "--checksig", file);
  });

  it("refuse what rpm's rules refuse, before anything is written", async () => {
    for (const [change, field, reason] of [
      [{ name: "hello world" }, "name", /not a name of a package of rpm/],
      [{ version: "next" }, "version", /not a version of a package of rpm/],
      [{ revision: "1-2" }, "revision", /other characters/],
      [{ platform: "darwin/arm64" }, "platform", /not an architecture of RPM/],
      [{ maintainer: "Acme" }, "maintainer", /not a name with an address/],
      [{ description: "x".repeat(81) }, "description", /81 characters/],
      [{ homepage: "acme.example" }, "homepage", /not an address/],
      [{ license: "\n" }, "license", /not an SPDX expression/],
      [{ relations: { requires: ["glibc", "openssl (>= 3)"] } }, "relations.requires[1]", /not a relation/],
      [{ relations: { requires: ["(a or b)"] } }, "relations.requires[0]", /not a relation/],
      [{ relations: { provides: ["a > 1"] } }, "relations.provides[0]", /"hello-server = 1\.2\.0"/],
      [
        { files: [{ to: "/bin/hello", content: "" }] },
        "files[0].to",
        /a link of Fedora.*"\/usr\/bin\/hello"/,
      ],
      [{ files: [{ to: "/usr/local/bin/hello", content: "" }] }, "files[0].to", /packages put nothing/],
      [{ files: [{ to: "/etc/x", symlink: "y", config: true }] }, "files[0].config", /rpm keeps changes/],
    ] as const) {
      await assert.rejects(written(helloRpm("1.0.0", change)), (error: unknown) => {
        assert.ok(error instanceof ChannelError, String(error));
        assert.equal(error.field, field);
        assert.match(error.reason, reason);
        return true;
      });
    }
  });

  it("refuse a name in their sources that no list can have", async () => {
    await mkdir(join(folder(), "share"));
    await writeFile(join(folder(), "share/a\u0001b"), "");
    const files = [{ to: "/usr/share/hello", source: "share" }];
    await assert.rejects(
      written(helloRpm("1.0.0", { files }), ed25519, folder()),
      /files: .*lists cannot have/,
    );
  });
});

describe("versions of RPM packages", () => {
  it("follow those of the release, and rpm orders them alike", async function () {
    requireTools(this, "rpm");
    const ordered = [
      "v1.1.9",
      "1.2.0-alpha",
      "1.2.0-alpha.1",
      "1.2.0-beta.2",
      "1.2.0-beta.11",
      "1.2.0-rc.1",
      "1.2.0",
      "1.2.0+5",
      "1.2.1-rc.1",
      "1.10.0",
      "2026.04.1",
    ].map((version) => rpmVersion(version));
    assert.deepEqual(ordered.slice(0, 3), ["1.1.9", "1.2.0~alpha", "1.2.0~alpha.1"]);
    for (const [index, version] of ordered.entries()) {
      const next = ordered[index + 1] ?? "9999";
      const { output } = await ended(toolPath("rpm"), [
        "--eval",
        `%{lua: print(rpm.vercmp('${version}', '${next}'))}`,
      ]);
      assert.equal(output.trim(), "-1", `${version} < ${next}`);
    }
    assert.equal(rpmVersion("v1.2.0-rc-1"), "1.2.0~rc.1");
    assert.deepEqual([rpmRelease(), rpmRelease("2")], ["1", "2"]);
  });

  it("are for the architectures that rpm names", () => {
    const names = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "all"];
    const found = names.map((platform) => rpmArchitecture(platform));
    assert.deepEqual(found, ["x86_64", "aarch64", "armv7hl", "i686", "ppc64le", "noarch"]);
    assert.throws(() => rpmArchitecture("linux/mips"), /linux\/amd64/);
  });
});
