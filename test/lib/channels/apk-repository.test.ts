import assert from "node:assert/strict";
import { access, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeclaredApk } from "../../../lib/channels/apk/declared-package";
import { ApkKey } from "../../../lib/channels/apk/key";
import type { ApkSigner } from "../../../lib/channels/apk/package";
import {
  addToApkRepository,
  apksOfOthers,
  leftApkFiles,
  missingApks,
  noApkRecord,
  type AddedApk,
  type ApkRecord,
  type ApkRepository,
} from "../../../lib/channels/apk/repository";
import { PublishedFileError, removeFromSite, writeSite } from "../../../lib/channels/site/write-site";
import { isMissingFile } from "../../../lib/machine/atomic-file";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { apkKey, apkMachine, helloApk, writtenApk } from "../../support/apk";
import type { ApkMachine } from "../../support/apk-machine";
import { startStaticServer } from "../../support/static-server";
import { requireTools } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("repositories of Alpine", () => {
  let signer: ApkSigner;
  let other: ApkSigner;
  let server: Awaited<ReturnType<typeof startStaticServer>> | undefined;
  const folder = temporaryDirectory(async () => {
    await server?.stop();
    server = undefined;
  });
  const site = () => join(folder(), "site");
  const index = () => join(site(), "x86_64/APKINDEX.tar.gz");

  before(async function () {
    requireTools(this, "openssl", "python3", "tar");
    signer = { key: ApkKey.read(await apkKey(), undefined), keyName: "hello" };
    other = { key: ApkKey.read(await apkKey(), undefined), keyName: "hello" };
  });
  beforeEach(() => mkdir(join(folder(), "dist")));

  const hello = (version: string, change: Partial<DeclaredApk> = {}, signedBy = signer) =>
    writtenApk(join(folder(), "dist"), helloApk(version, change), signedBy);

  async function publish(
    added: readonly AddedApk[],
    left = noApkRecord,
    signedBy = signer,
    change: Partial<ApkRepository> = {},
  ): Promise<ApkRecord> {
    const declared = { label: "Acme tools", takeOver: false, ...change };
    const made = await addToApkRepository(site(), declared, added, signedBy, left);
    await writeSite(site(), made, digestAt);
    await removeFromSite(site(), made.outdated);
    return made.record;
  }

  async function machine(name = "machine", architecture = "x86_64"): Promise<ApkMachine> {
    server ??= await startStaticServer(site());
    const made = await apkMachine(join(folder(), name), architecture);
    await made.trust("hello.rsa.pub", await readFile(join(site(), "hello.rsa.pub"), "utf8"));
    await made.repository(server.url);
    return made;
  }

  async function succeeds(one: ApkMachine, ...args: string[]): Promise<void> {
    const { code, output } = await one.apk(...args);
    assert.equal(code, 0, output);
  }

  async function fails(one: ApkMachine, ...args: string[]): Promise<string> {
    const { code, output } = await one.apk(...args);
    assert.notEqual(code, 0, output);
    return output;
  }

  it("are installed from and upgraded from; former versions stay, and a patch of an old line moves nothing", async () => {
    const first = await publish([await hello("1.0.0")]);
    const one = await machine();
    await succeeds(one, "add", "hello");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.0\.0/);
    const second = await publish([await hello("1.2.0")], first);
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.2\.0/);
    await publish([await hello("1.1.10"), await hello("1.2.0-rc.1"), await hello("1.10.0-alpha")], second);
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.10\.0-alpha/);
    const former = await machine("former");
    await succeeds(former, "add", "hello=1.1.10-r0");
    assert.match(await former.file("usr/bin/hello"), /hello 1\.1\.10/);
  });

  it("have an index for each architecture", async () => {
    await publish([await hello("1.0.0"), await hello("1.0.0", { platform: "linux/arm64", files: [] })]);
    const one = await machine("other", "aarch64");
    await succeeds(one, "add", "hello");
    await assert.rejects(one.file("usr/bin/hello"), /ENOENT/);
  });

  it("are the same bytes from the same packages, whoever adds them", async () => {
    const first = await publish([await hello("1.0.0")]);
    await publish([await hello("1.1.0")], first);
    const bytes = await readFile(index());
    await rm(site(), { recursive: true });
    await publish([await hello("1.1.0"), await hello("1.0.0")]);
    assert.deepEqual(await readFile(index()), bytes);
  });

  it("a package or an index that was changed is refused", async () => {
    await publish([await hello("1.0.0")]);
    const one = await machine();
    const file = join(site(), "x86_64/hello-1.0.0-r0.apk");
    const whole = await readFile(file);
    const changed = Buffer.from(whole);
    changed[changed.length - 40] = (changed[changed.length - 40] ?? 0) ^ 1;
    await writeFile(file, changed);
    await fails(one, "add", "hello");
    await assert.rejects(one.file("etc/hello.yaml"), /ENOENT/);
    await writeFile(file, whole);
    const bytes = await readFile(index());
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    await writeFile(index(), bytes);
    await fails(await machine("second"), "add", "hello");
  });

  it("an index by another key is refused by clients, and by the next run unless it takes it over", async () => {
    await publish([await hello("1.0.0")]);
    const one = await machine();
    await rm(site(), { recursive: true });
    await publish([await hello("1.0.0", {}, other)], noApkRecord, other);
    await fails(one, "add", "hello");
    await assert.rejects(publish([await hello("1.1.0")]), /was not signed by the key that is given/);
    await publish([await hello("1.1.0")], noApkRecord, signer, { takeOver: true });
    const again = await machine("again");
    await succeeds(again, "add", "hello=1.0.0-r0");
    await succeeds(again, "add", "hello=1.1.0-r0");
  });

  it("clients of a former key and of the new one are served while both sign; a package brings the new key", async () => {
    const next = { key: other.key, keyName: "hello-2" };
    const both = { ...next, former: signer };
    const trusting = async (name: string, key: string) => {
      const one = await apkMachine(join(folder(), name));
      await one.trust(key, await readFile(join(site(), key), "utf8"));
      await one.repository(server?.url ?? "");
      return one;
    };
    const first = await publish([await hello("1.0.0")]);
    const [old, careless] = [await machine("old"), await machine("careless")];
    for (const one of [old, careless]) await succeeds(one, "add", "hello");

    const added = [await hello("1.1.0", {}, next)];
    const second = await publish(added, first, both);
    await succeeds(old, "upgrade");
    assert.match(await old.file("usr/bin/hello"), /hello 1\.1\.0/);
    const newcomer = await trusting("newcomer", "hello-2.rsa.pub");
    await succeeds(newcomer, "add", "hello=1.0.0-r0");
    const bytes = await readFile(index());
    assert.deepEqual(await publish(added, second, both), second);
    assert.deepEqual(await readFile(index()), bytes);

    const keyFile = { to: "/etc/apk/keys/hello-2.rsa.pub", content: next.key.publicKey };
    const { files = [] } = helloApk("1.2.0");
    const third = await publish([await hello("1.2.0", { files: [...files, keyFile] }, next)], second, both);
    await succeeds(old, "upgrade");
    await publish([await hello("1.3.0", {}, next)], third, next);
    await succeeds(old, "upgrade");
    assert.match(await old.file("usr/bin/hello"), /hello 1\.3\.0/);
    await fails(careless, "upgrade");
    assert.match(await careless.file("usr/bin/hello"), /hello 1\.0\.0/);
    // The index has what each package is, so that the key of a former version is not needed.
    await succeeds(await trusting("last", "hello-2.rsa.pub"), "add", "hello=1.0.0-r0");
  });

  it("a version keeps its bytes for good", async () => {
    const left = await publish([await hello("1.0.0")]);
    await assert.rejects(publish([await hello("1.0.0", { license: "MIT" })], left), PublishedFileError);
    await publish([await hello("1.0.0", { license: "MIT", revision: "1" })], left);
  });

  it("an index that was lost or damaged comes back from its copy, an old one does not take versions away", async () => {
    const first = await publish([await hello("1.0.0")]);
    const old = await readFile(index());
    const second = await publish([await hello("1.1.0")], first);
    const whole = await readFile(index());
    for (const damage of [() => rm(index()), () => writeFile(index(), "?"), () => writeFile(index(), old)]) {
      await damage();
      assert.equal(await apksOfOthers(site(), signer, second), undefined);
      await publish([await hello("1.1.0")], second);
      assert.deepEqual(await readFile(index()), whole);
    }
    await rm(join(site(), "x86_64/by-digest"), { recursive: true });
    await rm(index());
    await assert.rejects(publish([await hello("1.2.0")], second), /is gone, and there is no copy of it/);
    await publish([await hello("1.0.0")], first);
  });

  it("what another run has added to the same folder is known, and stays", async () => {
    const left = await publish([await hello("1.0.0")]);
    const both = await publish([await hello("1.0.0", { name: "other", files: [] })], left);
    const found = await apksOfOthers(site(), signer, left);
    assert.deepEqual(found?.architectures, both.architectures);
    const after = await publish([await hello("1.1.0")], left);
    assert.equal(after.architectures.x86_64?.packages, 3);
    assert.equal(await apksOfOthers(site(), other, left), undefined);
  });

  it("know what is missing, and which copies nobody needs", async () => {
    let left = await publish([await hello("1.0.0")]);
    for (const version of ["1.1.0", "1.2.0"]) left = await publish([await hello(version)], left);
    assert.equal((await readdir(join(site(), "x86_64/by-digest"))).length, 2);
    await rm(join(site(), "x86_64/hello-1.0.0-r0.apk"));
    assert.deepEqual(await missingApks(site(), left, signer), ["x86_64/hello-1.0.0-r0.apk"]);
    for (const file of Object.keys(leftApkFiles(left))) await access(join(site(), file));
  });
});

async function digestAt(file: string): Promise<string | undefined> {
  try {
    return (await hashFile(file)).digest;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
