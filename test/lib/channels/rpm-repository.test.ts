import assert from "node:assert/strict";
import { access, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import type { DeclaredRpm } from "../../../lib/channels/rpm/declared-package";
import {
  addToRpmRepository,
  leftRpmFiles,
  missingRpms,
  noRpmRecord,
  rpmsOfOthers,
  type AddedRpm,
  type RpmRecord,
  type RpmRepository,
} from "../../../lib/channels/rpm/repository";
import { PublishedFileError, removeFromSite, writeSite } from "../../../lib/channels/site/write-site";
import { isMissingFile } from "../../../lib/machine/atomic-file";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { openPgpKey } from "../../support/openpgp";
import { DnfMachine, helloRpm, writtenRpm } from "../../support/rpm";
import { startStaticServer } from "../../support/static-server";
import { requireTools } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

const dayMs = 86_400_000;

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

  const hello = async (version: string, change: Partial<DeclaredRpm> = {}, signedBy = key) =>
    writtenRpm(join(folder(), "dist"), helloRpm(version, change), signedBy);
  const otherText = { description: "Says hello otherwise" };

  async function publish(
    added: readonly AddedRpm[],
    left = noRpmRecord,
    now = new Date(),
    signedBy = key,
    change: Partial<RpmRepository> = {},
  ): Promise<RpmRecord> {
    const declared: RpmRepository = {
      name: "hello",
      label: "Acme",
      url: "https://rpm.acme.example",
      keepMs: 7 * dayMs,
      takeOver: false,
      ...change,
    };
    const made = await addToRpmRepository(site(), declared, added, signedBy, left, now);
    await writeSite(site(), made, digestAt);
    await removeFromSite(site(), made.outdated);
    return made.record;
  }

  async function machine(
    name = "machine",
    change: (repo: string) => string = (repo) => repo,
  ): Promise<DnfMachine> {
    server ??= await startStaticServer(site());
    const made = await DnfMachine.make(join(folder(), name));
    const text = await readFile(join(site(), "hello.repo"), "utf8");
    await made.repository(change(text.replaceAll("https://rpm.acme.example", server.url)));
    return made;
  }

  async function succeeds(one: DnfMachine, ...args: string[]): Promise<string> {
    const { code, output } = await one.dnf(...args);
    assert.equal(code, 0, output);
    return output;
  }

  const listOf = ({ lists }: RpmRecord, name: string) =>
    Object.keys(lists).find((file) => file.endsWith(`-${name}.xml.gz`)) ?? "";
  const copyOf = (list: string) => `repodata/by-digest/${/[0-9a-f]{64}/.exec(list)?.[0]}`;

  it("are installed from and upgraded from; former versions stay, and a patch of an old line moves nothing", async () => {
    const first = await publish([await hello("1.0.0")]);
    const one = await machine();
    await succeeds(one, "install", "hello");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.0\.0/);
    const second = await publish([await hello("1.2.0")], first);
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.2\.0/);
    await publish([await hello("1.1.10"), await hello("1.2.0-rc.1")], second);
    await succeeds(one, "upgrade");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.2\.0/);
    const output = await succeeds(one, "list", "--available", "--showduplicates", "hello");
    for (const version of ["1.0.0-1", "1.1.10-1", "1.2.0~rc.1-1"])
      assert.ok(output.includes(version), output);
  });

  it("know relations: what is required has to be there, and one package takes the place of another", async () => {
    const needing = (name: string, requires: string[]) =>
      hello("1.0.0", { name, files: [], relations: { requires } });
    await publish([
      await hello("1.0.0"),
      await needing("needy", ["hello >= 2"]),
      await needing("hopeless", ["hello >= 3"]),
      await hello("2.0.0", {
        name: "greeter",
        relations: { obsoletes: ["hello < 2"], provides: ["hello = 2.0.0"] },
      }),
    ]);
    const one = await machine();
    await succeeds(one, "install", "needy");
    assert.match(await one.file("usr/bin/hello"), /hello 2\.0\.0/);
    const { code, output } = await one.dnf("install", "hopeless");
    assert.equal(code, 1, output);
    assert.match(output, /nothing provides hello >= 3/);
  });

  it("a changed package, a changed list and one of another key are refused", async () => {
    const record = await publish([await hello("1.0.0")]);
    const one = await machine();
    const path = Object.keys(record.files).find((file) => file.endsWith(".rpm")) ?? "";
    const bytes = await readFile(join(site(), path));
    const changed = Buffer.from(bytes);
    changed[changed.length - 10] = (changed[changed.length - 10] ?? 0) ^ 1;
    await writeFile(join(site(), path), changed);
    const tampered = await one.dnf("install", "hello");
    assert.equal(tampered.code, 1, tampered.output);
    await writeFile(join(site(), path), bytes);
    const repomd = join(site(), "repodata/repomd.xml");
    const text = await readFile(repomd, "utf8");
    await writeFile(repomd, text.replace("<revision>", "<revision>1"));
    const unsigned = await one.dnf("install", "hello");
    assert.equal(unsigned.code, 1, unsigned.output);
    assert.match(unsigned.output, /GPG|signature/i);
    await writeFile(repomd, text);
    // The lists are signed by the key of the repository; the package is signed by another.
    const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    await publish([await hello("1.1.0", {}, other)], record);
    const foreign = await one.dnf("install", "hello");
    assert.equal(foreign.code, 1, foreign.output);
    assert.match(foreign.output, /GPG|key/i);
    await assert.rejects(one.file("usr/bin/hello"), /ENOENT/);
  });

  it("a second run changes no byte; other bytes of a version are refused", async () => {
    const added = [await hello("1.0.0")];
    const first = await publish(added);
    const names = await readdir(site(), { recursive: true });
    assert.deepEqual(await publish(added, first, new Date(Date.now() + 5000)), first);
    // Neither does another machine, which knows nothing of the first run but has the folder.
    assert.deepEqual(await publish(added, undefined, new Date(Date.now() + 5000)), first);
    assert.deepEqual(await readdir(site(), { recursive: true }), names);
    await assert.rejects(publish([await hello("1.0.0", otherText)], first), PublishedFileError);
  });

  it("a repository of another key is refused, or gone on with where that is declared", async () => {
    await publish([await hello("1.0.0")]);
    const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    const next = [await hello("1.1.0", {}, other)];
    await assert.rejects(publish(next, undefined, new Date(), other), /not signed by the key/);
    const taken = await publish(next, undefined, new Date(), other, { takeOver: true });
    assert.equal(taken.packages, 2);
    const one = await machine();
    await succeeds(one, "install", "hello");
    assert.match(await one.file("usr/bin/hello"), /hello 1\.1\.0/);
    const repomd = join(site(), "repodata/repomd.xml");
    await writeFile(repomd, "<repomd/>");
    await assert.rejects(
      publish(next, undefined, new Date(), key, { takeOver: true }),
      /not signed by the key/,
    );
  });

  it("clients with the former key, with both and with the new one are served while both sign; nothing published changes", async () => {
    const next = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    const asked = `Importing GPG key 0x${next.fingerprint.slice(-8)}`;
    const first = await publish([await hello("1.0.0")]);
    const old = await machine("old");
    await succeeds(old, "install", "hello");

    const added = [await hello("1.1.0", {}, next)];
    const both = await publish(added, first, new Date(), next.beside(key));
    assert.ok(!(await succeeds(old, "makecache")).includes(asked));
    // The file that its `gpgkey` names has the new key as well.
    assert.ok((await succeeds(old, "upgrade")).includes(asked));
    assert.match(await old.file("usr/bin/hello"), /hello 1\.1\.0/);
    await writeFile(join(site(), "next.asc"), next.publicKey);
    const newcomer = await machine("newcomer", (text) => text.replace("hello.asc", "next.asc"));
    await succeeds(newcomer, "install", "hello");
    assert.deepEqual(await publish(added, both, new Date(), next.beside(key)), both);

    const repomd = await readFile(join(site(), "repodata/repomd.xml"));
    const over = await publish(added, both, new Date(), next.beside(key, false));
    assert.deepEqual(await readFile(join(site(), "repodata/repomd.xml")), repomd);
    const signature = await readFile(join(site(), "repodata/repomd.xml.asc"), "utf8");
    assert.ok(await next.verifiesDetached(repomd.toString("utf8"), signature, "all"));
    assert.ok((await succeeds(old, "makecache")).includes(asked));
    await succeeds(await machine("fresh"), "install", "hello-1.0.0");

    await publish(added, over, new Date(), next);
    const last = await machine("last");
    await succeeds(last, "install", "hello");
    const { code, output } = await last.dnf("downgrade", "hello-1.0.0");
    assert.equal(code, 1, output);
    assert.match(output, /GPG check FAILED/);
  });

  it("a list that is lost comes back from its copy; without one the run stops, unless all its packages are here", async () => {
    const added = [await hello("1.0.0")];
    const first = await publish(added);
    const list = listOf(first, "primary");
    await rm(join(site(), list));
    assert.equal(leftRpmFiles(await publish(added, first))[list], first.lists[list]);
    await access(join(site(), list));
    for (const file of [list, copyOf(list)]) await rm(join(site(), file));
    const remade = await publish(added, first);
    assert.equal(remade.content, first.content);
    const second = await publish([await hello("1.1.0")], remade);
    const lost = listOf(second, "filelists");
    for (const file of [lost, copyOf(lost)]) await rm(join(site(), file));
    await assert.rejects(
      publish([await hello("1.2.0")], second),
      /is gone, and there is no copy of it by its digest/,
    );
  });

  it("a changed or deleted repomd.xml is made again with what it listed, newer than it was", async () => {
    const first = await publish([await hello("1.0.0")]);
    const second = await publish([await hello("1.1.0")], first);
    const repomd = join(site(), "repodata/repomd.xml");
    for (const damage of [() => rm(repomd), () => writeFile(repomd, "changed")]) {
      await damage();
      const put = await publish([await hello("1.1.0")], second);
      assert.equal(put.packages, 2);
      assert.ok(put.seconds > second.seconds);
    }
    await succeeds(await machine(), "install", "hello-1.0.0");
  });

  it("lists that were replaced are kept for the declared time, by both their names", async () => {
    const first = await publish([await hello("1.0.0")]);
    const list = listOf(first, "primary");
    const second = await publish([await hello("1.1.0")], first);
    for (const file of [list, copyOf(list)]) assert.ok(file in second.superseded, file);
    const since = new Date(Date.now() - 8 * dayMs).toISOString();
    const aged = Object.fromEntries(Object.keys(second.superseded).map((file) => [file, since]));
    const third = await publish([await hello("1.1.0")], { ...second, superseded: aged });
    assert.deepEqual(third.superseded, {});
    await assert.rejects(access(join(site(), list)), /ENOENT/);
    await assert.rejects(access(join(site(), copyOf(list))), /ENOENT/);
    await access(join(site(), listOf(second, "primary")));
  });

  it("what another program has added with the same key is known, and packages that are gone are named", async () => {
    const first = await publish([await hello("1.0.0")]);
    assert.equal(await rpmsOfOthers(site(), key, first), undefined);
    const second = await publish([await hello("1.1.0")]);
    const found = await rpmsOfOthers(site(), key, first);
    assert.deepEqual(found, { ...first, ...pick(second) });
    const [file = ""] = Object.keys(first.files).filter((one) => one.endsWith(".rpm"));
    assert.deepEqual(await missingRpms(site(), second), []);
    await rm(join(site(), file));
    assert.deepEqual(await missingRpms(site(), second), [file]);
  });
});

function pick({ seconds, packages, content, lists }: RpmRecord) {
  return { seconds, packages, content, lists };
}

async function digestAt(absolute: string): Promise<string | undefined> {
  try {
    return (await hashFile(absolute)).digest;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
