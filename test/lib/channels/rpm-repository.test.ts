import assert from "node:assert/strict";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { addToRpmRepository, type AddedRpm, type RpmRecord } from "../../../lib/channels/rpm/repository";
import { PublishedFileError, writeSite } from "../../../lib/channels/site/write-site";
import { isMissingFile } from "../../../lib/machine/atomic-file";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { ended } from "../../support/apt";
import { openPgpKey } from "../../support/openpgp";
import { helloRpm, writtenRpm } from "../../support/rpm";
import { startStaticServer } from "../../support/static-server";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("RPM repositories, judged by dnf", () => {
  let key: SigningKey;
  let server: Awaited<ReturnType<typeof startStaticServer>> | undefined;
  const folder = temporaryDirectory(async () => {
    await server?.stop();
    server = undefined;
  });
  const site = () => join(folder(), "site");

  before(async function () {
    requireTools(this, "dnf", "rpm", "python3");
    key = await SigningKey.read(await openPgpKey("ed25519"), undefined);
  });
  beforeEach(() => mkdir(join(folder(), "dist")));

  const hello = async (version: string, text = "", signedBy = key) =>
    writtenRpm(join(folder(), "dist"), await helloRpm(version, "x86_64", text), signedBy);

  async function publish(added: readonly AddedRpm[], left?: RpmRecord, now = new Date(), signedBy = key) {
    const declared = { name: "hello", title: "Acme", url: "https://rpm.acme.example" };
    const made = await addToRpmRepository(site(), declared, added, signedBy, left, now);
    await writeSite(site(), made, digestAt);
    return made.record;
  }

  async function dnf(...args: string[]) {
    server ??= await startStaticServer(site());
    const root = join(folder(), "machine");
    for (const name of ["repos", "log"]) await mkdir(join(root, name), { recursive: true });
    const text = await readFile(join(site(), "hello.repo"), "utf8");
    await writeFile(join(root, "repos/hello.repo"), text.replaceAll("https://rpm.acme.example", server.url));
    await writeFile(join(root, "dnf.conf"), "[main]\nskip_if_unavailable=0\n");
    const options = {
      reposdir: join(root, "repos"),
      cachedir: join(root, "cache"),
      logdir: join(root, "log"),
      plugins: "0",
    };
    return ended(toolPath("dnf"), [
      `--config=${join(root, "dnf.conf")}`,
      `--installroot=${join(root, "root")}`,
      "--releasever=1",
      "--forcearch=x86_64",
      "--refresh",
      "-y",
      ...Object.entries(options).map(([name, value]) => `--setopt=${name}=${value}`),
      ...args,
    ]);
  }

  async function succeeds(...args: string[]): Promise<void> {
    const { code, output } = await dnf(...args);
    assert.equal(code, 0, output);
  }

  const installed = () => readFile(join(folder(), "machine/root/usr/bin/hello"), "utf8");

  it("are installed from and upgraded from; former versions stay, and a patch of an old line moves nothing", async () => {
    const first = await publish([await hello("1.0.0")]);
    await succeeds("install", "hello");
    assert.match(await installed(), /hello 1\.0\.0/);
    const second = await publish([await hello("1.2.0")], first);
    await succeeds("upgrade");
    assert.match(await installed(), /hello 1\.2\.0/);
    await publish([await hello("1.1.10")], second);
    await succeeds("upgrade");
    assert.match(await installed(), /hello 1\.2\.0/);
    const { output } = await dnf("list", "--available", "--showduplicates", "hello");
    for (const version of ["1.0.0-1", "1.1.10-1"]) assert.ok(output.includes(version), output);
  });

  it("a changed package, a changed list and one of another key are refused", async () => {
    const record = await publish([await hello("1.0.0")]);
    const path = Object.keys(record.files).find((file) => file.endsWith(".rpm")) ?? "";
    const bytes = await readFile(join(site(), path));
    const changed = Buffer.from(bytes);
    changed[changed.length - 10] = (changed[changed.length - 10] ?? 0) ^ 1;
    await writeFile(join(site(), path), changed);
    const tampered = await dnf("install", "hello");
    assert.equal(tampered.code, 1, tampered.output);
    await writeFile(join(site(), path), bytes);
    const repomd = join(site(), "repodata/repomd.xml");
    const text = await readFile(repomd, "utf8");
    await writeFile(repomd, text.replace("<revision>", "<revision>1"));
    const unsigned = await dnf("install", "hello");
    assert.equal(unsigned.code, 1, unsigned.output);
    assert.match(unsigned.output, /GPG|signature/i);
    await writeFile(repomd, text);
    // The lists are signed by the key of the repository; the package is signed by another.
    const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    await publish([await hello("1.1.0", "other", other)], record);
    const foreign = await dnf("install", "hello");
    assert.equal(foreign.code, 1, foreign.output);
    assert.match(foreign.output, /GPG|key/i);
    await assert.rejects(installed(), /ENOENT/);
  });

  it("a second run changes no byte; other bytes of a version and a foreign repository are refused", async () => {
    const added = [await hello("1.0.0")];
    const first = await publish(added);
    const names = await readdir(site(), { recursive: true });
    assert.deepEqual(await publish(added, first, new Date(Date.now() + 5000)), first);
    assert.deepEqual(await publish(added, undefined, new Date(Date.now() + 5000)), first);
    assert.deepEqual(await readdir(site(), { recursive: true }), names);
    await assert.rejects(publish([await hello("1.0.0", "otherwise")], first), PublishedFileError);
    const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    await assert.rejects(publish(added, undefined, new Date(), other), /not signed by the key/);
    const list = Object.keys(first.files).find((file) => file.endsWith("-primary.xml.gz")) ?? "";
    await rm(join(site(), list));
    await assert.rejects(publish([await hello("1.1.0")], first), /is gone. Bring the folder back/);
  });
});

async function digestAt(absolute: string): Promise<string | undefined> {
  try {
    return (await hashFile(absolute)).digest;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
