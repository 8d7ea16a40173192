import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { isFileFormat } from "../../../lib/archive/format";
import { checkPrereleaseOrder, packageVersion } from "../../../lib/channels/arch/names";
import {
  packageVersionPattern,
  renderArchPackage,
  type ArchPackage,
} from "../../../lib/channels/arch/package";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { digestOf } from "../../../lib/oci/digest";
import { hasProgram } from "../../support/clients";
import type { ServerProcess } from "../../support/processes";
import { requirement } from "../../support/requirement";
import { startStaticServer } from "../../support/static-server";

const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

/** A user who is not root, whom makepkg asks for. */
const nobody = 65534;

function artifactFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const name = `hello_1.2.3_${platform.replaceAll("/", "_")}.tar.gz`;
  return {
    name,
    platform,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${name}`,
    digest: `sha256:${String(platforms.indexOf(platform) + 1).repeat(64)}`,
    format: "tar.gz",
    programs: ["hello"],
    contents: ["hello", "LICENSE"],
    ...more,
  };
}

const declared: ArchPackage = {
  name: "hello-bin",
  provides: "hello",
  version: "v1.2.3",
  description: "Greets the world",
  homepage: "https://acme.example/hello",
  license: "MIT OR Apache-2.0",
  maintainer: { name: "Acme releases", email: "releases@acme.example" },
};
const artifacts = platforms.map((platform) => artifactFor(platform));
const render = (more: Partial<ArchPackage> = {}, files = artifacts) =>
  renderArchPackage({ ...declared, ...more }, files);

describe("a package for Arch Linux", function () {
  this.timeout(180_000);
  let folder: string;
  let host: ServerProcess & { url: string };

  before(async function () {
    const needed: [program: string, debianPackage: string][] = [
      ["makepkg", "makepkg"],
      ["pacman", "pacman-package-manager"],
      ["bsdtar", "libarchive-tools"],
      ["fakeroot", "fakeroot"],
      ["zip", "zip"],
      ["python3", "python3"],
    ];
    for (const [program, debianPackage] of needed) {
      requirement(
        this,
        hasProgram(program),
        `${program} is not installed (apt-get install ${debianPackage})`,
      );
    }
    folder = await mkdtemp(path.join(tmpdir(), "slipway-arch-"));
    await chmod(folder, 0o755);
    await mkdir(path.join(folder, "public"));
    host = await startStaticServer(path.join(folder, "public"));
  });
  after(async () => {
    await host?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** A folder with the files of a package, of a user who is not root. */
  async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
    const at = await mkdtemp(path.join(folder, "package-"));
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(at, name), text);
    if (process.getuid?.() === 0) await chown(at, nobody, nobody);
    return at;
  }

  function makepkg(at: string, args: readonly string[], architecture = "x86_64"): string {
    const configuration = path.join(at, "makepkg.conf");
    execFileSync("sh", [
      "-c",
      `sed 's/^CARCH=.*/CARCH=${architecture}/' /etc/makepkg.conf > "$0"`,
      configuration,
    ]);
    const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    return execFileSync("makepkg", ["--config", configuration, ...args], {
      ...user,
      cwd: at,
      env: { PATH: process.env.PATH, HOME: at, LC_ALL: "C" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Packs files, with what is in them and their modes, and serves the archive. */
  async function released(
    platform: string,
    format: ChannelArtifact["format"],
    root: string | undefined,
  ): Promise<ChannelArtifact> {
    const packed = await mkdtemp(path.join(folder, "packed-"));
    const inner = path.join(packed, root ?? "");
    const contents = [
      "bin/hello",
      "LICENSE",
      "man/hello.1",
      "hello.bash",
      "_hello",
      "hello.fish",
      "hello.service",
    ];
    for (const file of contents) {
      await mkdir(path.dirname(path.join(inner, file)), { recursive: true });
      await writeFile(path.join(inner, file), `#!/bin/sh\necho ${file} of ${platform}\n`, { mode: 0o644 });
    }
    const name = `hello_${platform.replaceAll("/", "_")}.${format}`;
    const archive = path.join(folder, "public", name);
    const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: packed });
    const isAlone = isFileFormat(format);
    const program = `#!/bin/sh\necho hello of ${platform}\n`;
    if (format === "zip") run("zip", "-qr", archive, ".");
    else if (isAlone) await writeFile(archive, format === "gz" ? gzipSync(program) : program);
    else run("bsdtar", "-a", "-cf", archive, ...(await readdir(packed)));
    const own = {
      name,
      platform,
      format,
      url: `${host.url}/${name}`,
      digest: digestOf(await readFile(archive)),
    };
    return {
      ...own,
      programs: [isAlone ? "hello" : "bin/hello"],
      contents: isAlone ? ["hello"] : contents,
      ...(root === undefined ? {} : { root }),
    };
  }

  it("says in .SRCINFO what makepkg reads in its PKGBUILD, to the byte, whatever signs are in it", async () => {
    for (const more of [
      { name: "0ad+x.y_z-bin" },
      {
        version: "v2.0.0-rc.1+build-5",
        description: `Says "it's" $HOME and \`date\` \\ for ${"x".repeat(100)} – ü`,
        dependencies: ["glibc>=2.38", "openssl"],
        optionalDependencies: ["git: for private repositories"],
        conflicts: ["hello-git"],
        maintainer: { name: "O'Neil $(id)", email: "a@b.example" },
        homepage: "https://acme.example/?a=1&b='2'",
      },
    ]) {
      const files = render(more);
      const at = await checkout(files);
      assert.equal(makepkg(at, ["--printsrcinfo"]), files[".SRCINFO"]);
    }
    assert.deepEqual(render().PKGBUILD.match(/sha256sums_\w+=\('\d{64}'\)/g)?.length, 3);
    assert.doesNotMatch(render().PKGBUILD, /SKIP|install=/);
  });

  for (const [what, format, root] of [
    ["a flat archive", "tar.gz", undefined],
    ["a zip with a folder that names the platform", "zip", "hello-PLATFORM"],
    ["an archive of another compression", "tar.zst", "hello-1.2.3"],
    ["a bare program", "binary", undefined],
    ["a program packed alone", "gz", undefined],
  ] as const) {
    it(`is built by makepkg of ${what}, and installed by pacman`, async () => {
      const files = await Promise.all(
        ["linux/amd64", "linux/arm64"].map((platform) =>
          released(platform, format, root?.replace("PLATFORM", platform.replace("/", "-"))),
        ),
      );
      const extras: Partial<ArchPackage> = isFileFormat(format)
        ? {}
        : {
            completions: { bash: "hello.bash", zsh: "_hello", fish: "hello.fish" },
            manPages: ["man/hello.1"],
            systemdUnits: ["hello.service"],
            licenseFiles: ["LICENSE"],
          };
      const both = [
        ["x86_64", "linux/amd64"],
        ["aarch64", "linux/arm64"],
      ] as const;
      // What differs is the archive; another architecture is another one where its paths are.
      for (const [architecture, platform] of format === "zip" ? both : both.slice(0, 1)) {
        const at = await checkout(render(extras, files));
        makepkg(at, ["--nodeps", "--noconfirm"], architecture);
        const made = (await readdir(at)).filter((file) => file.includes(".pkg.tar"));
        assert.deepEqual(made, [`hello-bin-1.2.3-1-${architecture}.pkg.tar.gz`]);
        const root = path.join(at, "root");
        await mkdir(path.join(root, "var/lib/pacman"), { recursive: true });
        const settings = path.join(at, "pacman.conf");
        await writeFile(settings, `[options]\nArchitecture = ${architecture}\nSigLevel = Never\n`);
        const pacman = (...args: string[]) =>
          execFileSync("pacman", [...args, "--config", settings, "--root", root], { encoding: "utf8" });
        pacman("-U", "--noconfirm", path.join(at, made[0] ?? ""));
        assert.equal(
          execFileSync("sh", [path.join(root, "usr/bin/hello")], { encoding: "utf8" }),
          `${isFileFormat(format) ? "hello" : "bin/hello"} of ${platform}\n`,
        );
        const installed = pacman("-Qlq", "hello-bin")
          .split("\n")
          .filter((file) => file !== "" && !file.endsWith("/"))
          .map((file) => file.slice(root.length + 1));
        const others = [
          "usr/lib/systemd/system/hello.service",
          "usr/share/bash-completion/completions/hello",
          "usr/share/fish/vendor_completions.d/hello.fish",
          "usr/share/licenses/hello-bin/LICENSE",
          "usr/share/man/man1/hello.1.gz",
          "usr/share/zsh/site-functions/_hello",
        ];
        assert.deepEqual(installed.sort(), ["usr/bin/hello", ...(isFileFormat(format) ? [] : others)]);
        assert.match(
          execFileSync("sh", ["-c", 'stat -c %a "$0"', path.join(root, "usr/bin/hello")], {
            encoding: "utf8",
          }),
          /755/,
        );
      }
    });
  }

  it("is not built of a download that was changed", async () => {
    const artifact = await released("linux/amd64", "tar.gz", "changed");
    await writeFile(path.join(folder, "public", artifact.name), "other bytes");
    const at = await checkout(render({}, [artifact]));
    assert.throws(
      () => makepkg(at, ["--nodeps", "--noconfirm"]),
      /hello-bin-1\.2\.3-x86_64\.tar\.gz \.\.\. FAILED/,
    );
  });

  it("has versions that pacman orders as semantic versioning does", function () {
    const versions = [
      "1.2.0-alpha",
      "1.2.0-alpha.1",
      "1.2.0-alpha.1.2",
      "1.2.0-alpha.10",
      "1.2.0-beta.2",
      "v1.2.0-rc.1",
      "1.2.0-rc.2",
      "1.2.0-rc.10",
      "v1.2.0",
      "1.2.1-rc.1",
      "1.2.1",
      "1.10.0",
    ];
    for (const version of versions) checkPrereleaseOrder(version);
    for (const [index, version] of versions.entries()) {
      const next = versions[index + 1];
      if (next === undefined) continue;
      const [one, other] = [packageVersion(version), packageVersion(next)];
      assert.equal(
        execFileSync("vercmp", [one, other], { encoding: "utf8" }).trim(),
        "-1",
        `${one} ${other}`,
      );
    }
    // Of others at least this holds: they are older than the release, and no `-` is in them.
    for (const version of ["1.2.0-1", "1.2.0-20260131.abc-def", "1.2.0-x-y-z.1", "1.2.0-0a.b"]) {
      assert.match(packageVersion(version), /^[\w.+]+$/);
      assert.equal(
        execFileSync("vercmp", [packageVersion(version), "1.2.0"], { encoding: "utf8" }).trim(),
        "-1",
      );
      assert.throws(
        () => checkPrereleaseOrder(version),
        /prereleases: 1\.2\.0-.*a valid example: 1\.2\.0-rc\.1/,
      );
    }
    assert.equal(packageVersion("v1.2.0-rc.1"), "1.2.0rc1");
  });

  it("tells which version it is of, also where somebody else has written it", () => {
    const found = (text: string) => new RegExp(packageVersionPattern, "m").exec(text)?.[1];
    assert.equal(found(render({ version: "v1.2.0-rc.1" }).PKGBUILD), "1.2.0-rc.1");
    assert.equal(found('pkgname=hello-bin\npkgver="1.2.0"\npkgrel=2\n'), "1.2.0");
  });

  for (const [what, more, files, finding] of [
    [
      "a name in capitals",
      { name: "Hello-bin" },
      artifacts,
      /name: "Hello-bin": the AUR's rule: small letters/,
    ],
    ["a name with a dash first", { name: "-hello-bin" }, artifacts, /name: .*a letter or a digit first/],
    [
      "a name of sources",
      { name: "hello" },
      artifacts,
      /name: .*ends with -bin \(a valid example: "hello-bin"/,
    ],
    [
      "a long description",
      { description: "x".repeat(256) },
      artifacts,
      /description: .*at most 255 characters, not 256/,
    ],
    ["a description with spaces around", { description: " Greets" }, artifacts, /description: .*no space/],
    [
      "no platform of Arch",
      {},
      [artifactFor("darwin/arm64")],
      /archive: has none.*linux\/amd64, linux\/arm64, linux\/arm\/v7/,
    ],
    ["no program", {}, [artifactFor("linux/amd64", { programs: [] })], /archive: hello_1.* has no program/],
    ["a man page without a section", { manPages: ["LICENSE"] }, artifacts, /manPages\[0\].*section/],
    [
      "a completion that is not there",
      { completions: { zsh: "_hello" } },
      artifacts,
      /completions\.zsh: "_hello" is not in hello_1/,
    ],
    [
      "a license that is not there",
      { licenseFiles: ["COPYING"] },
      artifacts,
      /licenseFiles\[0\]: "COPYING" is not in/,
    ],
    [
      "what is no unit",
      { systemdUnits: ["LICENSE"] },
      artifacts,
      /systemdUnits\[0\]: "LICENSE" is no unit of systemd/,
    ],
  ] as [string, Partial<ArchPackage>, ChannelArtifact[], RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => render(more, files), finding);
    });
  }
});
