import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianArchitecture } from "../../../lib/channels/apt/architecture";
import { scriptsWithUnits } from "../../../lib/channels/apt/maintainer-scripts";
import type { DeclaredPackage } from "../../../lib/channels/apt/package";
import { debianVersion } from "../../../lib/channels/apt/version";
import { ChannelError } from "../../../lib/channels/artifact";
import { AptMachine, ended } from "../../support/apt";
import { helloPackage, writtenPackage } from "../../support/debian";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("Debian packages", () => {
  const folder = temporaryDirectory();
  const dist = () => join(folder(), "dist");
  const hello = helloPackage("1.0.0");

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  async function refused(change: Partial<DeclaredPackage>, field: string, reason: RegExp): Promise<void> {
    await assert.rejects(writtenPackage(dist(), { ...hello, ...change }), (error: unknown) => {
      assert.ok(error instanceof ChannelError, String(error));
      assert.equal(error.field, field);
      assert.match(error.reason, reason);
      assert.match(error.reason, /a valid example|dpkg keeps|begin it/);
      return true;
    });
  }

  it("are the same bytes from the same declaration, whatever the times and modes of the sources", async () => {
    const declared: DeclaredPackage = {
      ...hello,
      files: [...hello.files, { to: "/usr/share/hello", source: "share" }],
    };
    const digests: string[] = [];
    for (const name of ["one", "two"]) {
      const root = join(folder(), name);
      await mkdir(join(root, "share/deep"), { recursive: true });
      await writeFile(join(root, "share/deep/text"), "text");
      await chmod(join(root, "share/deep/text"), name === "one" ? 0o600 : 0o664);
      digests.push((await writtenPackage(dist(), declared, root)).stanza.digest);
    }
    assert.equal(digests[0], digests[1]);
    // A change of this digest is another package for everybody: raise the format's version.
    assert.equal(
      (await writtenPackage(dist(), hello)).stanza.digest,
      "sha256:17b5d62a9ae66406b90540551daf0d4f8b8d3f64fbd5350bc386b41fa8ad009f",
    );
  });

  it("have programs, configuration and what dpkg wants to know", async function () {
    requireTools(this, "dpkg-deb");
    const { file } = await writtenPackage(dist(), {
      ...hello,
      control: {
        ...hello.control,
        homepage: "https://acme.example",
        relations: {
          depends: ["libc6 (>= 2.34)", "curl | wget"],
          conflicts: ["hallo"],
          preDepends: ["dpkg (>= 1.17)"],
        },
      },
      scripts: { postinst: "#!/bin/sh\nset -e\n" },
    });
    assert.equal(
      await succeeds("dpkg-deb", "--field", file),
      "Package: hello\nVersion: 1.0.0\nArchitecture: amd64\nMaintainer: Acme <releases@acme.example>\n" +
        "Installed-Size: 6\nPre-Depends: dpkg (>= 1.17)\nDepends: libc6 (>= 2.34), curl | wget\nConflicts: hallo\n" +
        "Section: utils\nPriority: optional\nHomepage: https://acme.example\n" +
        "Description: Says hello\n It says so to the world.\n .\n And to nobody else.\n",
    );
    const lines = (await succeeds("dpkg-deb", "--contents", file))
      .split("\n")
      .map((line) => line.split(/\s+/));
    assert.deepEqual(
      lines.slice(0, -1).map(([mode, owner, , , , name]) => `${mode} ${owner} ${name}`),
      [
        "drwxr-xr-x 0/0 ./",
        "drwxr-xr-x 0/0 ./etc/",
        "drwxr-xr-x 0/0 ./etc/hello/",
        "-rw-r--r-- 0/0 ./etc/hello/hello.yaml",
        "drwxr-xr-x 0/0 ./usr/",
        "drwxr-xr-x 0/0 ./usr/bin/",
        "-rwxr-xr-x 0/0 ./usr/bin/hello",
      ],
    );
    const info = await succeeds("dpkg-deb", "--info", file, "conffiles");
    assert.equal(info, "/etc/hello/hello.yaml\n");
    assert.match(await succeeds("dpkg-deb", "--info", file), /\* +postinst +#!\/bin\/sh/);
  });

  it("install names longer than a header and in other scripts, and links; dpkg finds all as it was", async function () {
    requireTools(this, "dpkg", "dpkg-query");
    const long = `/usr/share/${"long/".repeat(30)}${"name".repeat(30)}`;
    const { file } = await writtenPackage(dist(), {
      ...hello,
      files: [
        { to: long, content: "long" },
        { to: "/usr/share/hello/grüße", content: "hallo" },
        { to: "/usr/share/hello/link", symlink: `..${long.slice("/usr/share".length)}` },
      ],
    });
    const { root } = await AptMachine.make(join(folder(), "machine"), "amd64");
    const dpkg = [`--root=${root}`, "--force-not-root", "--force-bad-path", "--force-architecture"];
    await succeeds("dpkg", ...dpkg, "--install", file);
    assert.equal(await readFile(join(root, "usr/share/hello/link"), "utf8"), "long");
    assert.equal(await readFile(join(root, "usr/share/hello/grüße"), "utf8"), "hallo");
    assert.equal(await succeeds("dpkg", ...dpkg, "--verify", "hello"), "");
    await writeFile(join(root, "usr/share/hello/grüße"), "other");
    assert.match(await succeeds("dpkg", ...dpkg, "--verify", "hello"), /^..5.* \/usr\/share\/hello\/grüße$/m);
  });

  it("keep the configuration that a user has changed through an upgrade", async function () {
    requireTools(this, "dpkg");
    const { root } = await AptMachine.make(join(folder(), "machine"), "amd64");
    const dpkg = [
      `--root=${root}`,
      "--force-not-root",
      "--force-bad-path",
      "--force-confold",
      "--force-architecture",
    ];
    await succeeds("dpkg", ...dpkg, "--install", (await writtenPackage(dist(), hello)).file);
    const file = join(root, "etc/hello/hello.yaml");
    await writeFile(file, "greeting: hi\n");
    const next = helloPackage("1.1.0");
    const changed = { to: "/etc/hello/hello.yaml", content: "greeting: good day\n" };
    const files = [...next.files.slice(0, 1), changed];
    await succeeds("dpkg", ...dpkg, "--install", (await writtenPackage(dist(), { ...next, files })).file);
    assert.equal(await readFile(file, "utf8"), "greeting: hi\n");
    assert.equal(await readFile(`${file}.dpkg-dist`, "utf8"), "greeting: good day\n");
  });

  it("start units of systemd as Debian's own packages do", async () => {
    const declared = {
      postinst: "#!/bin/sh\necho own postinst\nexit 0\n",
      prerm: "#!/bin/sh\necho own prerm\n",
    };
    const scripts = scriptsWithUnits(declared, [
      { name: "hello.service" },
      { name: "hello@.service", start: false },
    ]);
    const bin = join(folder(), "bin");
    await mkdir(bin);
    for (const name of ["deb-systemd-helper", "deb-systemd-invoke", "systemctl"]) {
      await writeFile(join(bin, name), `#!/bin/sh\necho ${name} "$@" >&2\n`, { mode: 0o755 });
    }
    const run = async (script: keyof typeof scripts, ...args: string[]) => {
      // Whether systemd runs is asked of this machine: the folder is one of the test.
      const text = (scripts[script] ?? "").replaceAll("/run/systemd/system", folder());
      const file = join(folder(), script);
      // What hides the output of the programs would hide what they were told.
      await writeFile(file, text.replaceAll(">/dev/null", ""), { mode: 0o755 });
      const { code, output } = await ended("/bin/sh", [file, ...args], {
        PATH: `${bin}:${process.env.PATH}`,
      });
      assert.equal(code, 0, output);
      return output.trimEnd().split("\n");
    };
    const enabling = ["hello.service", "hello@.service"].flatMap((unit) => [
      `deb-systemd-helper --quiet was-enabled ${unit}`,
      `deb-systemd-helper enable ${unit}`,
    ]);
    const helper = join(bin, "deb-systemd-helper");
    const reload = "systemctl --system daemon-reload";
    const installed = (await run("postinst", "configure", "")).filter((line) => line !== helper);
    assert.deepEqual(installed, [
      "own postinst",
      ...enabling,
      reload,
      "deb-systemd-invoke start hello.service",
    ]);
    const upgraded = await run("postinst", "configure", "1.0.0");
    assert.equal(upgraded.at(-1), "deb-systemd-invoke restart hello.service");
    assert.deepEqual(await run("prerm", "remove"), ["own prerm", "deb-systemd-invoke stop hello.service"]);
    assert.deepEqual(await run("prerm", "upgrade", "1.1.0"), ["own prerm"]);
    assert.deepEqual(
      (await run("postrm", "purge")).filter((line) => line !== helper),
      [reload, "deb-systemd-helper purge hello.service hello@.service"],
    );
  });

  it("refuse what Debian's rules refuse, before anything is written", async () => {
    const control = (change: Partial<DeclaredPackage["control"]>) => ({
      control: { ...hello.control, ...change },
    });
    await refused(control({ name: "Hello" }), "name", /not a name of a Debian package/);
    await refused(control({ maintainer: "Acme" }), "maintainer", /not a name with an address/);
    await refused(control({ description: "x".repeat(81) }), "description", /81 characters/);
    await refused(control({ architecture: "x86_64" }), "architecture", /none of all, amd64/);
    await refused(
      control({ relations: { depends: ["libc6", "libssl >= 3"] } }),
      "relations.depends[1]",
      /not a relation/,
    );
    await refused(
      control({ relations: { conflicts: ["a | b"] } }),
      "relations.conflicts[0]",
      /not a relation/,
    );
    await refused({ files: [{ to: "/bin/hello", content: "" }] }, "files[0].to", /"\/usr\/bin\/hello"/);
    await refused(
      { files: [{ to: "/usr/local/bin/hello", content: "" }] },
      "files[0].to",
      /packages put nothing/,
    );
    await refused(
      { files: [{ to: "/etc/x", symlink: "y", config: true }] },
      "files[0].config",
      /regular files/,
    );
    await refused({ units: [{ name: "hello.exe", content: "" }] }, "units[0].name", /not a name of a unit/);
    await refused({ scripts: { postinst: "echo" } }, "scripts.postinst", /"#!"/);
    const script = { postinst: "#!/usr/bin/python3\n" };
    await refused(
      { scripts: script, units: [{ name: "a.service", content: "" }] },
      "scripts.postinst",
      /\/bin\/sh/,
    );
  });

  it("leave a link in the sources a link", async function () {
    requireTools(this, "dpkg-deb");
    const root = join(folder(), "root");
    await mkdir(join(root, "tree"), { recursive: true });
    await writeFile(join(root, "tree/file"), "");
    await symlink("file", join(root, "tree/link"));
    const files = [{ to: "/usr/share/hello", source: "tree" }];
    const { file } = await writtenPackage(dist(), { ...hello, files }, root);
    assert.match(await succeeds("dpkg-deb", "--contents", file), /\.\/usr\/share\/hello\/link -> file$/m);
    await rm(root, { recursive: true });
  });
});

describe("versions of Debian packages", () => {
  it("follow those of the release, and dpkg orders them alike", async function () {
    requireTools(this, "dpkg");
    const ordered = [
      "v1.1.9",
      "1.2.0-alpha",
      "1.2.0-alpha.1",
      "1.2.0-alpha.beta",
      "1.2.0-beta.2",
      "1.2.0-beta.11",
      "1.2.0-rc.1",
      "1.2.0",
      "1.2.0+5",
      "1.2.1-rc.1",
      "1.10.0",
      "2026.04.1",
    ].map((version) => debianVersion(version));
    assert.deepEqual(ordered.slice(0, 3), ["1.1.9", "1.2.0~alpha", "1.2.0~alpha.1"]);
    for (const [index, version] of ordered.entries()) {
      const next = ordered[index + 1] ?? "9999";
      const { code } = await ended(toolPath("dpkg"), ["--compare-versions", version, "lt", next]);
      assert.equal(code, 0, `${version} < ${next}`);
    }
  });

  it("have a revision where the same version is packaged anew", async function () {
    requireTools(this, "dpkg");
    assert.equal(debianVersion("v1.2.0-rc-1", "2"), "1.2.0~rc.1-2");
    const newer = [debianVersion("1.2.0"), "lt", debianVersion("1.2.0", "2")];
    assert.equal((await ended(toolPath("dpkg"), ["--compare-versions", ...newer])).code, 0);
    assert.throws(() => debianVersion("1.2.0", "a-b"), /revision: "a-b" has other characters/);
    assert.throws(() => debianVersion("nightly"), /version: "nightly" is not a version/);
  });

  it("are for the architectures that Debian names", () => {
    const names = [
      "linux/amd64",
      "linux/arm64",
      "linux/arm/v7",
      "linux/arm/v6",
      "linux/386",
      "linux/ppc64le",
    ];
    const found = names.map((platform) => debianArchitecture(platform));
    assert.deepEqual(found, ["amd64", "arm64", "armhf", "armhf", "i386", "ppc64el"]);
    assert.throws(
      () => debianArchitecture("darwin/arm64"),
      /platform: "darwin\/arm64" is not an architecture of Debian/,
    );
    assert.throws(() => debianArchitecture("linux/mips"), /linux\/amd64/);
  });
});
