import assert from "node:assert/strict";
import { access, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addToRepository,
  leftFiles,
  type AddedPackage,
  type AptRepository,
  type RepositoryRecord,
} from "../../../lib/channels/apt/repository";
import { packageStanza, packagesText, parsePackages } from "../../../lib/channels/apt/stanza";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { PublishedFileError, removeFromSite, writeSite } from "../../../lib/channels/site/write-site";
import { isMissingFile } from "../../../lib/machine/atomic-file";
import { digestOf } from "../../../lib/oci/digest";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { helloPackage, writtenPackage } from "../../support/debian";
import { openPgpKey } from "../../support/openpgp";
import { temporaryDirectory } from "../../tools/temporary-directory";

const nothing: RepositoryRecord = { suites: {}, files: {}, superseded: {} };
const dayMs = 86_400_000;
const start = new Date(Date.now() - 60_000);
const later = (ms: number) => new Date(start.getTime() + ms);

describe("the growth of an APT repository", () => {
  let key: SigningKey;
  const folder = temporaryDirectory();
  const site = () => join(folder(), "site");

  before(async () => {
    key = await SigningKey.read(await openPgpKey("ed25519"), undefined);
  });

  const declared: AptRepository = {
    name: "hello",
    suites: ["stable"],
    component: "main",
    origin: "Acme",
    label: "Acme",
    url: "https://apt.acme.example",
    keepMs: 7 * dayMs,
    takeOver: false,
  };

  const hello = (version: string, architecture = "amd64") =>
    writtenPackage(join(folder(), "dist"), helloPackage(version, architecture));

  async function publish(
    added: readonly AddedPackage[],
    left = nothing,
    change: Partial<AptRepository> = {},
    now = start,
    signedBy = key,
  ): Promise<RepositoryRecord> {
    const made = await addToRepository(site(), { ...declared, ...change }, added, signedBy, left, now);
    await writeSite(site(), made, digestAt);
    await removeFromSite(site(), made.outdated);
    return made.record;
  }

  const index = () => readFile(join(site(), "dists/stable/main/binary-amd64/Packages"), "utf8");
  const versions = async () => parsePackages(await index()).map(({ version }) => version);

  async function everything(): Promise<Record<string, string>> {
    const names = await readdir(site(), { recursive: true, withFileTypes: true });
    const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    const read = await Promise.all(
      files.map(async (file) => [file, digestOf(await readFile(file))] as const),
    );
    return Object.fromEntries(read);
  }

  it("a second run with the same declaration changes no byte, and signs nothing anew", async () => {
    const added = [await hello("1.0.0"), await hello("1.0.0", "arm64")];
    const first = await publish(added);
    const before = await everything();
    assert.deepEqual(await publish(added, first, {}, later(20_000)), first);
    assert.deepEqual(await everything(), before);
    // Neither does another machine, which knows nothing of the first run but has the folder.
    assert.deepEqual(await publish(added, nothing, {}, later(30_000)), first);
    assert.deepEqual(await everything(), before);
  });

  it("packages that are there are not read, and need not be whole", async () => {
    const first = await publish([await hello("1.0.0")]);
    const file = Object.keys(first.files).find((path) => path.endsWith(".deb")) ?? "";
    await rm(join(site(), file));
    await publish([await hello("1.1.0")], first, {}, later(1000));
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0"]);
  });

  it("a version is never given other bytes: both digests are named, and nothing is written", async () => {
    const first = await publish([await hello("1.0.0")]);
    const before = await everything();
    const package_ = helloPackage("1.0.0");
    const other = await writtenPackage(join(folder(), "dist"), {
      ...package_,
      files: package_.files.slice(0, 1),
    });
    const published = parsePackages(await index())[0]?.digest ?? "";
    for (const left of [first, nothing]) {
      await assert.rejects(publish([other], left, {}, later(1000)), (error: unknown) => {
        assert.ok(error instanceof PublishedFileError);
        assert.match(error.message, /^pool\/main\/h\/hello\/hello_1\.0\.0_amd64\.deb is published as /);
        assert.ok(error.message.includes(published) && error.message.includes(other.stanza.digest));
        return true;
      });
    }
    // A file that no index knows, with other bytes, is somebody else's.
    await rm(join(site(), "dists"), { recursive: true });
    await assert.rejects(publish([other], nothing, {}, later(1000)), PublishedFileError);
    await assert.rejects(access(join(site(), "dists")), /ENOENT/);
    assert.equal(
      Object.keys(before).some((file) => file.endsWith("InRelease")),
      true,
    );
  });

  it("what somebody deleted or changed is put back, from what is kept by digest", async () => {
    const first = await publish([await hello("1.0.0")]);
    const second = await publish([await hello("1.1.0")], first, {}, later(1000));
    const changed = "Package: evil\nVersion: 1\nArchitecture: amd64\nFilename: x\nSHA256: 0\n";
    for (const name of ["Packages", "Packages.gz", "Packages.zst"]) {
      await writeFile(join(site(), "dists/stable/main/binary-amd64", name), changed);
    }
    await rm(join(site(), "dists/stable/InRelease"));
    const third = await publish([await hello("1.1.0")], second, {}, later(20_000));
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0"]);
    for (const [file, digest] of Object.entries(leftFiles(third)))
      assert.equal(await digestAt(join(site(), file)), digest, file);
    // An older InRelease that somebody put back is signed well, and yet not what was left.
    const inRelease = await readFile(join(site(), "dists/stable/InRelease"), "utf8");
    const fourth = await publish([await hello("1.2.0")], third, {}, later(30_000));
    await writeFile(join(site(), "dists/stable/InRelease"), inRelease);
    await publish([await hello("1.2.0")], fourth, {}, later(40_000));
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0", "1.2.0"]);
  });

  it("a list of versions that is lost is not begun anew: the run stops", async () => {
    const first = await publish([await hello("1.0.0")]);
    await rm(site(), { recursive: true });
    // The only version there was is declared: it can be made again.
    const again = await publish([await hello("1.0.0")], first, {}, later(1000));
    await rm(site(), { recursive: true });
    await assert.rejects(
      publish([await hello("1.1.0")], again, {}, later(2000)),
      /dists\/stable\/main\/binary-amd64\/Packages .* is gone.*Bring the folder back/s,
    );
    await assert.rejects(access(site()), /ENOENT/);
  });

  it("a suite that another key has signed is refused, or taken over where that is declared", async () => {
    await publish([await hello("1.0.0")]);
    const other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    const added = [await hello("1.1.0")];
    await assert.rejects(
      publish(added, nothing, {}, later(1000), other),
      new RegExp(`not signed by the key .*${other.fingerprint}`),
    );
    await publish(added, nothing, { takeOver: true }, later(1000), other);
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0"]);
    const served = await readFile(join(site(), "dists/stable/InRelease"), "utf8");
    assert.ok(await other.verified(served));
  });

  it("another program that has added a version meanwhile keeps it", async () => {
    const first = await publish([await hello("1.0.0")]);
    await publish([await hello("1.1.0")], nothing, {}, later(1000));
    await publish([await hello("1.2.0")], first, {}, later(2000));
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0", "1.2.0"]);
  });

  it("an index that is replaced stays under its digests for as long as declared", async () => {
    const first = await publish([await hello("1.0.0")]);
    const kept = Object.keys(leftFiles(first)).filter((file) => file.includes("/by-hash/"));
    const second = await publish([await hello("1.1.0")], first, {}, later(1000));
    for (const file of kept) await access(join(site(), file));
    const third = await publish([await hello("1.2.0")], second, {}, later(6 * dayMs));
    for (const file of kept) await access(join(site(), file));
    const fourth = await publish([await hello("1.3.0")], third, {}, later(8 * dayMs));
    for (const file of kept) await assert.rejects(access(join(site(), file)), /ENOENT/);
    for (const file of Object.keys(leftFiles(third))) await access(join(site(), file));
    assert.equal(
      Object.keys(fourth.superseded).some((file) => kept.includes(file)),
      false,
    );
  });

  it("indexes are older than none before, whatever the clock says, and are renewed in time", async () => {
    const valid = { validMs: 10 * dayMs };
    const first = await publish([await hello("1.0.0")], nothing, valid);
    const second = await publish([await hello("1.1.0")], first, valid, later(-3_000));
    const [before, after] = [first, second].map(({ suites }) => suites.stable);
    assert.ok((after?.date ?? "") > (before?.date ?? ""));
    const added = [await hello("1.1.0")];
    assert.deepEqual((await publish(added, second, valid, later(4 * dayMs))).suites, second.suites);
    const renewed = (await publish(added, second, valid, later(6 * dayMs))).suites.stable;
    assert.equal(Date.parse(renewed?.validUntil ?? "") - Date.parse(renewed?.date ?? ""), valid.validMs);
    assert.ok((renewed?.date ?? "") > (after?.date ?? ""));
  });

  it("adding a version to 500 of two architectures takes little more than to none", async () => {
    const stanzas = (architecture: string) =>
      Array.from({ length: 500 }, (_, number) => {
        const control = `Package: hello\nVersion: 1.${number}.0\nArchitecture: ${architecture}\nMaintainer: A <a@b>\nDescription: x\n`;
        return packageStanza(control, {
          component: "main",
          digest: digestOf(`${number}${architecture}`),
          size: 1,
        });
      });
    const many = [...stanzas("amd64"), ...stanzas("arm64")].map((stanza) => ({ stanza, file: "/nowhere" }));
    const made = await addToRepository(site(), declared, many, key, nothing, start);
    // The packages themselves are not there at all.
    const indexes = made.fixed.filter(({ path }) => !path.startsWith("pool/"));
    await writeSite(site(), { fixed: indexes, pointers: made.pointers }, digestAt);
    const added = [await hello("2.0.0"), await hello("2.0.0", "arm64")];
    const began = process.cpuUsage();
    await publish(added, made.record, {}, later(1000));
    const { user, system } = process.cpuUsage(began);
    assert.ok(user + system < 1_500_000, `${(user + system) / 1000} ms of processors`);
    assert.equal((await versions()).length, 501);
  });

  it("reads the indexes that it writes, and refuses those that lack what it needs", async () => {
    const { stanza } = await hello("1.0.0");
    assert.deepEqual(parsePackages(packagesText([stanza])), [stanza]);
    assert.throws(() => parsePackages("Package: x\n"), /a package without Version: "Package: x/);
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
