import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  defaultEnvironment,
  type InstallerArtifact,
  type InstallerDeclaration,
} from "../../../lib/installers/installer";
import { renderShellInstaller } from "../../../lib/installers/shell-script";
import { hasProgram } from "../../support/clients";
import type { ServerProcess } from "../../support/processes";
import { requirement } from "../../support/requirement";
import { startStaticServer } from "../../support/static-server";
import { requireTools } from "../../support/tools";

const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicKey = key.publicKey.export({ type: "spki", format: "pem" }).toString();

/** What a run of the script came to. */
interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const shells: Readonly<Record<string, readonly string[]>> = {
  dash: ["dash"],
  bash: ["bash"],
  "bash --posix": ["bash", "--posix"],
  busybox: ["busybox", "sh"],
  mksh: ["mksh"],
  zsh: ["zsh"],
};

/** Programs that the script uses, for a machine that has no others. */
const usual =
  "uname getconf mktemp mkdir rm rmdir cp mv chmod cat cut sed tr tar gzip dirname find sort sha256sum openssl curl";

describe("an installer in POSIX shell", function () {
  this.timeout(60_000);
  let folder: string;
  let host: ServerProcess & { url: string };
  let homes = 0;

  /** Releases a version of `hello`, which says its version, with a sums file that is signed. */
  const release = async (version: string, signed = true): Promise<InstallerArtifact[]> => {
    const directory = path.join(folder, "public/releases/download", `v${version}`);
    await mkdir(directory, { recursive: true });
    const artifacts: InstallerArtifact[] = [];
    let list = "";
    for (const platform of ["linux/amd64", "linux/arm64", "darwin/arm64"]) {
      const root = `hello-${version}`;
      const content = path.join(folder, "content", platform, root);
      await mkdir(path.join(content, "bin"), { recursive: true });
      await mkdir(path.join(content, "config"), { recursive: true });
      await writeFile(
        path.join(content, "bin/hello"),
        `#!/bin/sh\necho "hello ${version} for ${platform}"\n`,
      );
      await writeFile(path.join(content, "config/hello.yaml"), `version: ${version}\n`);
      const name = `hello_${version}_${platform.replace("/", "_")}.tar.gz`;
      const file = path.join(directory, name);
      execFileSync("tar", ["-C", path.dirname(content), "-czf", file, root]);
      const digest = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
      list += `${digest}  ${name}\n`;
      artifacts.push({
        platform,
        name,
        digest: `sha256:${digest}`,
        format: "tar.gz",
        root,
        programs: ["bin/hello"],
      });
    }
    await writeFile(path.join(directory, "SHA256SUMS"), list);
    const signature = sign("sha256", Buffer.from(list), key.privateKey).toString("base64");
    const bundle = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      messageSignature: { messageDigest: { algorithm: "SHA2_256" }, signature },
    };
    if (signed) await writeFile(path.join(directory, "SHA256SUMS.sigstore.json"), JSON.stringify(bundle));
    return artifacts;
  };
  const setLatest = async (version: string) => {
    const latest = path.join(folder, "public/releases/latest");
    await mkdir(latest, { recursive: true });
    await rm(path.join(latest, "download"), { force: true });
    await symlink(`../download/v${version}`, path.join(latest, "download"));
  };

  let declared: InstallerDeclaration;
  before(async function () {
    requireTools(this, "python3");
    for (const program of ["busybox", "mksh", "zsh", "shellcheck", "wget", "curl"]) {
      requirement(this, hasProgram(program), `${program} is not installed (apt-get install ${program})`);
    }
    folder = await mkdtemp(path.join(tmpdir(), "slipway-installer-"));
    await mkdir(path.join(folder, "public"));
    host = await startStaticServer(path.join(folder, "public"));
    await release("1.0.0");
    const artifacts = await release("1.2.0");
    await release("1.3.0");
    await release("0.9.0", false);
    await setLatest("1.3.0");
    declared = {
      name: "hello",
      version: "1.2.0",
      methods: ["binary"],
      environment: defaultEnvironment("hello"),
      contents: "programs",
      keep: [],
      artifacts,
      hosts: [`${host.url}/releases/download/v1.2.0`],
      sumsFile: "SHA256SUMS",
      publicKey,
    };
  });
  after(async () => {
    await host?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Runs the script in an empty home, or that of an earlier run. */
  const run = async (
    args: readonly string[],
    {
      home = path.join(folder, `home-${homes++}`),
      shell = ["dash"],
      env = {},
      piped = false,
      more = {},
    }: {
      home?: string;
      shell?: readonly string[];
      env?: NodeJS.ProcessEnv;
      piped?: boolean;
      more?: Partial<InstallerDeclaration>;
    } = {},
  ): Promise<Outcome & { home: string }> => {
    await mkdir(home, { recursive: true });
    const script = path.join(home, "..", `install-${homes++}.sh`);
    await writeFile(script, renderShellInstaller({ directory: "$HOME/bin", ...declared, ...more }));
    const [program = "", ...before] = shell;
    const behind = piped ? ["-s", "--", ...args] : [script, ...args];
    return new Promise((resolve) => {
      const child = execFile(
        program,
        [...before, ...behind],
        { env: { PATH: process.env.PATH, HOME: home, TMPDIR: folder, ...env } },
        (error, stdout, stderr) => {
          const code = typeof error?.code === "number" ? error.code : error ? 1 : 0;
          resolve({ home, code, stdout, stderr });
        },
      );
      if (piped) void readFile(script).then((text) => child.stdin?.end(text));
      else child.stdin?.end();
    });
  };
  const installed = (home: string) => execFileSync(path.join(home, "bin/hello"), { encoding: "utf8" }).trim();
  const platform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
  const left = async () => (await readdir(folder)).filter((name) => name.startsWith("tmp."));
  /** A folder of programs as the only ones that a machine has. */
  const onlyPrograms = async (names: string, own: Readonly<Record<string, string>> = {}) => {
    const directory = path.join(folder, `path-${homes++}`);
    await mkdir(directory);
    for (const name of names.split(" ")) {
      if (name in own) continue;
      const found = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
      await symlink(found, path.join(directory, name));
    }
    for (const [name, text] of Object.entries(own)) {
      await writeFile(path.join(directory, name), `#!/bin/sh\n${text}\n`);
      await chmod(path.join(directory, name), 0o755);
    }
    return directory;
  };

  for (const [name, shell] of Object.entries(shells)) {
    it(`installs the latest version, another one, and removes it in ${name}`, async () => {
      const first = await run([], { shell, piped: true });
      assert.equal(first.code, 0, first.stderr);
      assert.equal(installed(first.home), `hello 1.3.0 for ${platform}`);
      assert.match(first.stdout, /^hello 1\.3\.0 is installed:\n {2}\S+\/bin\/hello\n.*export PATH=/m);
      for (const [asked, expected] of [
        [["--version", "v1.2.0"], "1.2.0"],
        [["--version=1.0.0"], "1.0.0"],
      ] as const) {
        const other = await run(asked, { shell, home: first.home });
        assert.equal(other.code, 0, other.stderr);
        assert.equal(installed(first.home), `hello ${expected} for ${platform}`);
      }
      const removed = await run(["--uninstall"], { shell, home: first.home });
      assert.equal(removed.code, 0, removed.stderr);
      assert.deepEqual(await readdir(path.join(first.home, "bin")), []);
      const again = await run(["--uninstall"], { shell, home: first.home });
      assert.equal(again.code, 1);
      assert.match(again.stderr, /hello is not installed in .*\/bin/);
      assert.deepEqual(await left(), []);
    });
  }

  it("passes shellcheck in every form", () => {
    const image = { repositories: ["ghcr.io/acme/hello", "docker.io/acme/hello"], tag: "v1.2.0" };
    const forms: Partial<InstallerDeclaration>[] = [
      {},
      { contents: "all", keep: ["config/hello.yaml"], directory: "/opt/it's hello" },
      { publicKey: undefined, hosts: ["https://downloads.example/v1.2.0"] },
      { methods: ["docker", "binary"], image: { ...image, latest: "latest" } },
      { methods: ["docker"], image },
    ];
    for (const form of forms) {
      const text = renderShellInstaller({ ...declared, ...form });
      const { stdout } = spawnSync("shellcheck", ["-s", "sh", "-"], { input: text, encoding: "utf8" });
      assert.equal(stdout, "");
      execFileSync("dash", ["-n"], { input: text });
    }
  });

  it("does nothing where the script itself was cut off", async () => {
    const text = renderShellInstaller(declared);
    for (const share of [0.3, 0.6, 0.9, 0.999]) {
      const home = path.join(folder, `home-${homes++}`);
      await mkdir(home);
      const input = text.slice(0, Math.floor(text.length * share));
      try {
        execFileSync("dash", [], { input, env: { PATH: process.env.PATH, HOME: home }, stdio: "pipe" });
      } catch {
        // A part of a function is no program.
      }
      assert.deepEqual(await readdir(home), []);
    }
  });

  it("takes its settings from the environment, and from options before", async () => {
    const env = { HELLO_VERSION: "v1.0.0", HELLO_INSTALL_DIR: path.join(folder, "elsewhere") };
    const { code, stderr } = await run([], { env });
    assert.equal(code, 0, stderr);
    assert.match(execFileSync(path.join(folder, "elsewhere/hello"), { encoding: "utf8" }), /^hello 1\.0\.0 /);
    const before = await run(["--version", "1.2.0", "--dry-run"], { env });
    assert.match(before.stdout, /^hello_1\.2\.0_\S+ \(hello 1\.2\.0\) would be installed in \S+elsewhere$/m);
  });

  it("installs everything, keeps the user's own files, and removes what a later version has not", async () => {
    const more: Partial<InstallerDeclaration> = {
      contents: "all",
      keep: ["config/hello.yaml"],
      directory: "$HOME/.hello",
    };
    const { home, code, stderr } = await run(["--version", "1.0.0"], { more });
    assert.equal(code, 0, stderr);
    const root = path.join(home, ".hello");
    const config = path.join(root, "config/hello.yaml");
    assert.equal(await readFile(config, "utf8"), "version: 1.0.0\n");
    await writeFile(config, "mine\n");
    await writeFile(path.join(root, ".hello.files"), "bin/hello\nold/gone\n");
    await mkdir(path.join(root, "old"));
    await writeFile(path.join(root, "old/gone"), "");
    const later = await run(["--version", "1.2.0"], { more, home });
    assert.equal(later.code, 0, later.stderr);
    assert.match(later.stderr, /config\/hello\.yaml is yours, and stays as it is/);
    assert.equal(await readFile(config, "utf8"), "mine\n");
    assert.deepEqual((await readdir(root)).sort(), [".hello.files", "bin", "config"]);
    assert.match(
      execFileSync(path.join(root, "bin/hello"), { encoding: "utf8" }),
      new RegExp(`1.2.0 for ${platform}`),
    );
    const removed = await run(["--uninstall"], { more, home });
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(await readdir(root), ["config"]);
  });

  const tampered = async (version: string, change: (text: Buffer) => Buffer) => {
    const artifacts = await release(version);
    const name = artifacts.find((one) => one.platform === platform)?.name ?? "";
    const file = path.join(folder, "public/releases/download", `v${version}`, name);
    await writeFile(file, change(await readFile(file)));
  };
  it("refuses a file that is not what was released", async () => {
    await tampered("1.1.0", (bytes) => Buffer.concat([bytes, Buffer.from("!")]));
    await tampered("1.1.1", (bytes) => bytes.subarray(0, bytes.length / 2));
    for (const version of ["1.1.0", "1.1.1"]) {
      const { code, stderr, home } = await run(["--version", version]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /is not what was released: its SHA-256 is [0-9a-f]{64}, and [0-9a-f]{64} is expected; nothing was installed/,
      );
      assert.deepEqual(await readdir(home), []);
    }
    assert.deepEqual(await left(), []);
  });

  it("refuses sums that are not signed by the key in it", async () => {
    await release("1.1.2");
    const list = path.join(folder, "public/releases/download/v1.1.2/SHA256SUMS");
    await writeFile(list, `${await readFile(list, "utf8")}\n`);
    const changed = await run(["--version", "1.1.2"]);
    assert.match(
      changed.stderr,
      /SHA256SUMS of 1\.1\.2 is not signed by the key of hello; nothing was installed/,
    );
    assert.equal(changed.code, 1);
    const none = await run(["--version", "0.9.0"]);
    assert.match(none.stderr, /the signature of SHA256SUMS could not be downloaded; nothing was installed/);
    assert.equal(none.code, 1);
  });

  it("does without openssl for its own version, and for another one where that is accepted", async () => {
    const PATH = await onlyPrograms(usual.replace(" openssl", ""));
    const env = { PATH };
    const shell = [execFileSync("sh", ["-c", "command -v dash"], { encoding: "utf8" }).trim()];
    const own = await run(["--version", "1.2.0"], { env, shell });
    assert.equal(own.code, 0, own.stderr);
    const other = await run(["--version", "1.0.0"], { env, shell });
    assert.equal(other.code, 1);
    assert.match(other.stderr, /cannot be checked without openssl/);
    const accepted = await run(["--version", "1.0.0", "--skip-signature"], { env, shell });
    assert.equal(accepted.code, 0, accepted.stderr);
  });

  it("downloads with wget where there is no curl, and says so where there is neither", async () => {
    const shell = [execFileSync("sh", ["-c", "command -v dash"], { encoding: "utf8" }).trim()];
    const withWget = await onlyPrograms(usual.replace("curl", "wget"));
    const found = await run([], { env: { PATH: withWget }, shell });
    assert.equal(found.code, 0, found.stderr);
    assert.equal(installed(found.home), `hello 1.3.0 for ${platform}`);
    const busybox = await onlyPrograms(`${usual.replace(" curl", "")} busybox`, {
      wget: 'exec busybox wget "$@"',
    });
    const small = await run([], { env: { PATH: busybox }, shell });
    assert.equal(small.code, 0, small.stderr);
    const without = await onlyPrograms(usual.replace(" curl", ""));
    const none = await run([], { env: { PATH: without }, shell });
    assert.equal(none.code, 1);
    assert.equal(
      none.stderr,
      "hello: neither curl nor wget is here: install one of them, and run this again\n",
    );
  });

  const machines: readonly [what: string, own: Record<string, string>, expected: RegExp][] = [
    [
      "an Intel shell under Rosetta",
      uname("Darwin", "x86_64", { sysctl: "echo 1" }),
      /hello_1\.3\.0_darwin_arm64/,
    ],
    ["an Arm machine", uname("Linux", "aarch64"), /hello_1\.3\.0_linux_arm64/],
    [
      "a 32-bit system",
      uname("Linux", "x86_64", { getconf: "echo 32" }),
      /no program for linux\/386: there are linux\/amd64, linux\/arm64, darwin\/arm64/,
    ],
    ["a system that nobody knows", uname("Plan9", "mips"), /no program for Plan9\/mips/],
    ["Git's shell on Windows", uname("MINGW64_NT-10.0", "x86_64"), /no program for windows\/amd64/],
  ];
  for (const [what, own, expected] of machines) {
    it(`finds out that it is on ${what}`, async () => {
      const PATH = await onlyPrograms(usual, own);
      const shell = [execFileSync("sh", ["-c", "command -v dash"], { encoding: "utf8" }).trim()];
      const { stdout, stderr } = await run(["--dry-run"], { env: { PATH }, shell });
      assert.match(stdout + stderr, expected);
    });
  }

  it("asks another host where one does not answer, or has not got it", async () => {
    const hosts = [
      "http://127.0.0.1:1/releases/download/v1.2.0",
      `${host.url}/mirror/v1.2.0`,
      `${host.url}/releases/download/v1.2.0`,
    ];
    const { code, stderr, home } = await run([], { more: { hosts } });
    assert.equal(code, 0, stderr);
    assert.equal(installed(home), `hello 1.3.0 for ${platform}`);
    assert.match(stderr, /mirror\/v1\.3\.0\/hello_1\.3\.0_\S+ could not be downloaded/);
    const none = await run(["--version", "7.7.7"], { more: { hosts } });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /hello 7\.7\.7 could not be found$/m);
  });

  it("changes nothing where there is no room, or no permission", async () => {
    const { home } = await run(["--version", "1.0.0"]);
    const script = path.join(folder, `install-${homes++}.sh`);
    // A program that is larger than what may be written.
    const big = path.join(folder, "content/big/hello-2.0.0/bin");
    await mkdir(big, { recursive: true });
    await writeFile(path.join(big, "hello"), Buffer.alloc(300_000));
    const name = `hello_2.0.0_${platform.replace("/", "_")}.tar.gz`;
    const directory = path.join(folder, "public/releases/download/v2.0.0");
    await mkdir(directory, { recursive: true });
    execFileSync("tar", [
      "-C",
      path.join(folder, "content/big"),
      "-czf",
      path.join(directory, name),
      "hello-2.0.0",
    ]);
    const digest = createHash("sha256")
      .update(await readFile(path.join(directory, name)))
      .digest("hex");
    const artifact = {
      platform,
      name,
      digest: `sha256:${digest}`,
      format: "tar.gz",
      root: "hello-2.0.0",
      programs: ["bin/hello"],
    } as const;
    const text = renderShellInstaller({
      ...declared,
      version: "2.0.0",
      directory: "$HOME/bin",
      artifacts: [artifact],
      hosts: [`${host.url}/releases/download/v2.0.0`],
    });
    await writeFile(script, text);
    const limited = () =>
      execFileSync("bash", ["-c", `trap '' XFSZ; ulimit -f 100; exec dash ${script} --version 2.0.0`], {
        env: { PATH: process.env.PATH, HOME: home, TMPDIR: folder },
        stdio: "pipe",
      });
    assert.throws(limited, /nothing was installed/);
    assert.equal(installed(home), `hello 1.0.0 for ${platform}`);
    assert.deepEqual(await readdir(path.join(home, "bin")), ["hello"]);
    const file = path.join(home, "file");
    await writeFile(file, "");
    const refused = await run(["--dir", `${file}/bin`, "--version", "1.2.0"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /file\/bin cannot be written to: choose another folder with --dir/);
    assert.deepEqual(await left(), []);
  });

  it("pulls an image with docker, or podman, from the first registry that has it", async () => {
    const engine = 'echo "${0##*/} $*" >>"$HOME/calls"; case "$2" in ghcr.io/*) exit 1;; esac';
    const image = {
      repositories: ["ghcr.io/acme/hello", "docker.io/acme/hello"],
      tag: "v1.2.0",
      latest: "latest",
    };
    const more: Partial<InstallerDeclaration> = { methods: ["docker", "binary"], image };
    const shell = [execFileSync("sh", ["-c", "command -v dash"], { encoding: "utf8" }).trim()];
    for (const program of ["docker", "podman"]) {
      const PATH = await onlyPrograms(usual, { [program]: engine });
      const { home, code, stdout, stderr } = await run([], { env: { PATH }, shell, more });
      assert.equal(code, 0, stderr);
      const version = await run(["--version", "v1.0.0"], { env: { PATH }, shell, more, home });
      assert.equal(version.code, 0, version.stderr);
      const calls = (await readFile(path.join(home, "calls"), "utf8")).trim().split("\n");
      assert.deepEqual(
        calls,
        [
          "ghcr.io/acme/hello:latest",
          "docker.io/acme/hello:latest",
          "ghcr.io/acme/hello:v1.0.0",
          "docker.io/acme/hello:v1.0.0",
        ].map((reference) => `${program} pull ${reference}`),
      );
      assert.match(stdout, new RegExp(`Run it: ${program} run --rm docker.io/acme/hello:latest`));
    }
    const none = await run([], { env: { PATH: await onlyPrograms(usual) }, shell, more });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /neither docker nor podman is here/);
  });

  const wrong: readonly [args: string[], expected: RegExp][] = [
    [["--method", "snap"], /there is no method snap: the methods are binary$/m],
    [["--version"], /--version needs a value/],
    [["--version", "1.0; rm"], /1\.0; rm is no version \(a valid example: 1\.2\.0\)/],
    [["--version", "../1.0.0"], /is no version/],
    [["--frobnicate"], /there is no option --frobnicate; --help tells/],
    [["now"], /there is no option now/],
  ];
  for (const [args, expected] of wrong) {
    it(`refuses ${args.join(" ")}`, async () => {
      const { code, stderr, home } = await run(args);
      assert.equal(code, 1);
      assert.match(stderr, expected);
      assert.deepEqual(await readdir(home), []);
    });
  }

  const unsayable: readonly [more: Partial<InstallerDeclaration>, expected: RegExp][] = [
    [{ version: "1.0.0+build" }, /version: "1\.0\.0\+build": an installer asks for versions of letters/],
    [{ artifacts: [] }, /archive: has no file for the method binary/],
    [{ methods: ["docker"] }, /image: the method docker pulls one/],
    [{ keep: ["../etc"] }, /keep: "\.\.\/etc": an installer takes paths/],
  ];
  for (const [more, expected] of unsayable) {
    it(`is not rendered where ${expected.source.slice(0, 40)}`, () => {
      assert.throws(() => renderShellInstaller({ ...declared, ...more }), expected);
    });
  }
});

/** Stand-ins for the programs that say which machine this is. */
function uname(system: string, machine: string, more: Record<string, string> = {}): Record<string, string> {
  return { uname: `case "$1" in -m) echo ${machine} ;; *) echo ${system} ;; esac`, ...more };
}
