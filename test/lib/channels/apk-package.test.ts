import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apkArchitecture } from "../../../lib/channels/apk/architecture";
import type { DeclaredApk } from "../../../lib/channels/apk/declared-package";
import { ApkKey, ApkKeyError } from "../../../lib/channels/apk/key";
import type { ApkSigner } from "../../../lib/channels/apk/package";
import { firstMember } from "../../../lib/channels/apk/segment";
import { apkRevision, apkVersion } from "../../../lib/channels/apk/version";
import { ChannelError } from "../../../lib/channels/artifact";
import { apkKey, helloApk, writtenApk } from "../../support/apk";
import { ended } from "../../support/apt";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("packages of Alpine, judged by openssl and tar", () => {
  const folder = temporaryDirectory();
  let pem: string;
  let signer: ApkSigner;

  before(async function () {
    requireTools(this, "openssl", "tar", "busybox");
    pem = await apkKey();
    signer = { key: ApkKey.read(pem, undefined), keyName: "releases@acme.example-1" };
  });

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  /** Its segments, each as a file. */
  async function segments(file: string): Promise<[signature: string, control: string, data: string]> {
    let rest = await readFile(file);
    const found: string[] = [];
    while (rest.length > 0) {
      const { end } = firstMember(rest, 64 * 1024 * 1024);
      found.push(join(folder(), `segment-${found.length}`));
      await writeFile(found.at(-1) ?? "", rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    const [signature = "", control = "", data = ""] = found;
    assert.equal(found.length, 3);
    return [signature, control, data];
  }

  const written = (declared: DeclaredApk) => writtenApk(join(folder(), "dist"), declared, signer, folder());

  it("are the same bytes each time, signed, with the digest of their data", async () => {
    const declared = helloApk("1.0.0-rc.1", { homepage: "https://acme.example", revision: "2" });
    const { file, entry } = await written(declared);
    assert.deepEqual(await readFile((await written(declared)).file), await readFile(file));
    const [signature, control, data] = await segments(file);
    await writeFile(join(folder(), "key"), signer.key.publicKey);
    await succeeds("tar", "-xzf", signature, "-C", folder());
    const own = join(folder(), ".SIGN.RSA256.releases@acme.example-1.rsa.pub");
    await succeeds(
      "openssl",
      "dgst",
      "-sha256",
      "-verify",
      join(folder(), "key"),
      "-signature",
      own,
      control,
    );
    const sha = (name: string, bytes: Buffer) => createHash(name).update(bytes);
    const hash = sha("sha256", await readFile(data)).digest("hex");
    assert.deepEqual((await succeeds("tar", "-xzOf", control, ".PKGINFO")).trim().split("\n"), [
      "pkgname = hello",
      "pkgver = 1.0.0_rc1-r2",
      "pkgdesc = Says hello & <more>",
      "url = https://acme.example",
      "size = 48",
      "arch = x86_64",
      "origin = hello",
      "maintainer = Acme <releases@acme.example>",
      "license = Apache-2.0",
      "provides = cmd:hello=1.0.0_rc1-r2",
      "provides = cmd:hi=1.0.0_rc1-r2",
      `datahash = ${hash}`,
    ]);
    assert.equal(entry.identity, `Q1${sha("sha1", await readFile(control)).digest("base64")}`);
    // The whole is one archive, which any tar reads.
    const listed = await succeeds("tar", "--warning=no-unknown-keyword", "-tvzf", file);
    assert.match(listed, /lrwxrwxrwx 0\/0 +0 1970-01-01 00:00 usr\/bin\/hi -> hello/);
    assert.match(listed, /-rwxr-xr-x 0\/0 +\d+ 1970-01-01 00:00 usr\/bin\/hello/);
  });

  it("have data of several pieces in one segment", async () => {
    const text = Array.from({ length: 400_000 }, (_, index) => `${(index * 7919) % 10_007}\n`).join("");
    const { file } = await written(
      helloApk("1.0.0", { files: [{ to: "/usr/share/hello/long", content: text }] }),
    );
    const [, , data] = await segments(file);
    await mkdir(join(folder(), "root"));
    await succeeds("tar", "--warning=no-unknown-keyword", "-xzf", data, "-C", join(folder(), "root"));
    assert.equal(await readFile(join(folder(), "root/usr/share/hello/long"), "utf8"), text);
  });

  it("say their relations as apk writes them", async () => {
    const relations = {
      depends: ["so:libc.musl-x86_64.so.1", "openssl>=3.1.0-r2", "/bin/sh", "hello-data~1.2"],
      conflicts: ["hallo<2"],
      provides: ["greeting=1.0.0"],
      replaces: ["greeter"],
      installIf: ["hello-base=1.0.0-r0", "docs"],
    };
    const { entry, file } = await written(helloApk("1.0.0", { files: [], relations }));
    assert.match(
      entry.text,
      /^D:so:libc\.musl-x86_64\.so\.1 openssl>=3\.1\.0-r2 \/bin\/sh hello-data~1\.2 !hallo<2\np:greeting=1\.0\.0\ni:hello-base=1\.0\.0-r0 docs$/m,
    );
    const [, control] = await segments(file);
    const information = await succeeds("tar", "-xzOf", control, ".PKGINFO");
    assert.match(information, /^depend = !hallo<2$/m);
    assert.match(information, /^replaces = greeter$/m);
    assert.match(information, /^install_if = hello-base=1\.0\.0-r0 docs$/m);
  });

  it("run what is declared before services start, and after they have stopped, also where a script exits early", async () => {
    const service = { name: "hello", content: "#!/sbin/openrc-run\ncommand=/usr/bin/hello\n" };
    const own = "#!/bin/sh\necho own >>$LOG\nexit 0\n";
    const { file } = await written(
      helloApk("1.0.0", {
        services: [{ ...service, enable: true, start: true }],
        scripts: { postInstall: own, preDeinstall: own },
      }),
    );
    const [, control] = await segments(file);
    const bin = join(folder(), "bin");
    await mkdir(bin);
    for (const name of ["rc-update", "rc-service"])
      await writeFile(join(bin, name), `#!/bin/sh\necho ${name} "$@" >>$LOG\nexit 1\n`, { mode: 0o755 });
    const log = join(folder(), "log");
    for (const script of [".post-install", ".post-upgrade", ".pre-deinstall"]) {
      const text = await succeeds("tar", "-xzOf", control, script);
      // There is an OpenRC that has started something.
      await writeFile(join(folder(), "script"), text.replaceAll("/run/openrc", folder()));
      const environment = { PATH: bin, LOG: log };
      const { code } = await ended(
        toolPath("busybox"),
        ["sh", join(folder(), "script"), "1.0.0-r0"],
        environment,
      );
      assert.equal(code, 0);
    }
    assert.deepEqual((await readFile(log, "utf8")).trim().split("\n"), [
      "own",
      "rc-update --quiet add hello default",
      "rc-service hello start",
      "rc-service --quiet --ifstarted hello restart",
      "rc-service --quiet --ifstarted hello stop",
      "rc-update --quiet --all delete hello",
      "own",
    ]);
    const quiet = await written(helloApk("1.0.0", { services: [service] }));
    const listed = await succeeds("tar", "-tzf", (await segments(quiet.file))[1]);
    assert.deepEqual(listed.trim().split("\n"), [".PKGINFO", ".pre-deinstall"]);
    assert.match(
      await succeeds("tar", "--warning=no-unknown-keyword", "-tzf", quiet.file),
      /^etc\/init\.d\/hello$/m,
    );
  });

  it("have versions that apk can order, or are refused", () => {
    for (const [version, expected] of [
      ["v1.2.0", "1.2.0"],
      ["1.2.0-alpha", "1.2.0_alpha"],
      ["1.2.0-beta.2", "1.2.0_beta2"],
      ["1.2.0-rc1", "1.2.0_rc1"],
      ["1.2.0-pre-3", "1.2.0_pre3"],
      ["2026.04", "2026.04"],
    ] as const)
      assert.equal(apkVersion(version), expected);
    for (const [version, reason] of [
      ["1.2.0+abc", /build metadata/],
      ["1.2.0-rc.1.2", /alpha, beta, pre and rc with one number/],
      ["1.2.0-dev.3", /alpha, beta, pre and rc with one number/],
      ["next", /not a version that apk can order/],
    ] as const)
      assert.throws(() => apkVersion(version), reason);
    assert.equal(apkRevision(), "r0");
    assert.throws(() => apkRevision("1a"), ChannelError);
    assert.equal(apkArchitecture("linux/arm/v7"), "armv7");
    assert.throws(() => apkArchitecture("linux/mips64le"), ChannelError);
  });

  const refused: [title: string, Partial<DeclaredApk>, RegExp][] = [
    ["names with capital letters", { name: "Hello" }, /name of a package of Alpine/],
    [
      "relations of Debian",
      { relations: { depends: ["libc6 (>= 2)"] } },
      /relations\.depends\[0\].*as apk writes it/,
    ],
    ["what it provides in a range", { relations: { provides: ["a>1"] } }, /relations\.provides\[0\]/],
    ["configuration elsewhere", { files: [{ to: "/usr/x", content: "", config: true }] }, /below \/etc/],
    ["files of the root that apk leaves out", { files: [{ to: "/.x", content: "" }] }, /begins with a dot/],
    ["units of systemd", { services: [{ name: "a.service", content: "[Unit]" }] }, /openrc-run/],
    ["scripts of none", { scripts: { postInstall: "echo" } }, /scripts\.postInstall/],
    [
      "steps in a script of another shell",
      {
        services: [{ name: "a", content: "#!/sbin/openrc-run\n" }],
        scripts: { preDeinstall: "#!/bin/bash\n" },
      },
      /scripts\.preDeinstall.*is not a script of \/bin\/sh/,
    ],
  ];
  for (const [title, change, reason] of refused) {
    it(`refuse ${title}`, () => assert.rejects(written(helloApk("1.0.0", change)), reason));
  }

  it("take RSA keys that are strong enough, and tell none", async () => {
    const at = join(folder(), "pem");
    const encrypted = await succeeds("openssl", "genrsa", "-aes256", "-passout", "pass:open sesame", "2048");
    const locked = encrypted.slice(encrypted.indexOf("-----BEGIN"));
    assert.equal(ApkKey.read(locked, "open sesame").fingerprint.length, 64);
    await writeFile(at, "");
    await succeeds("openssl", "genpkey", "-algorithm", "ed25519", "-out", at);
    const cases: [string, string | undefined, RegExp][] = [
      [await readFile(at, "utf8"), undefined, /apk knows RSA/],
      [await apkKey(1024), undefined, /1024 bits/],
      [locked, undefined, /protected by a passphrase/],
      [locked, "wrong", /passphrase is another one/],
      ["open sesame", undefined, /is not a private key/],
    ];
    for (const [key, passphrase, reason] of cases) {
      assert.throws(
        () => ApkKey.read(key, passphrase),
        (error: unknown) => {
          assert.ok(error instanceof ApkKeyError, String(error));
          assert.match(error.message, reason);
          assert.doesNotMatch(error.message, /open sesame|wrong|PRIVATE/);
          return true;
        },
      );
    }
  });
});
