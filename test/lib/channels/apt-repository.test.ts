import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  addToRepository,
  type AddedPackage,
  type AptRepository,
  type RepositoryRecord,
} from "../../../lib/channels/apt/repository";
import { SigningKey } from "../../../lib/channels/openpgp/signing-key";
import { removeFromSite, writeSite } from "../../../lib/channels/site/write-site";
import { isMissingFile } from "../../../lib/machine/atomic-file";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { AptMachine } from "../../support/apt";
import { helloPackage, writtenPackage } from "../../support/debian";
import { openPgpKey } from "../../support/openpgp";
import { startStaticServer } from "../../support/static-server";
import { requireTools } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

const nothing: RepositoryRecord = { suites: {}, files: {}, superseded: {} };
const dayMs = 86_400_000;

describe("APT repositories, judged by apt", () => {
  let key: SigningKey;
  let other: SigningKey;
  let server: Awaited<ReturnType<typeof startStaticServer>> | undefined;
  const folder = temporaryDirectory(async () => {
    await server?.stop();
    server = undefined;
  });

  before(async function () {
    requireTools(this, "apt-get", "apt-cache", "dpkg", "dpkg-query", "python3");
    key = await SigningKey.read(await openPgpKey("ed25519"), undefined);
    other = await SigningKey.read(await openPgpKey("ed25519"), undefined);
  });

  let publishedAt = 0;
  const site = () => join(folder(), "site");

  const declared: AptRepository = {
    name: "hello",
    suites: ["stable"],
    component: "main",
    origin: "Acme",
    label: "Acme",
    keepMs: 7 * dayMs,
    takeOver: false,
  };

  /** A release of versions for two architectures, as a run makes it. */
  async function release(
    versions: readonly string[],
    left = nothing,
    change: Partial<AptRepository> = {},
    now = new Date(),
    signedBy = key,
  ): Promise<RepositoryRecord> {
    const added: AddedPackage[] = [];
    for (const version of versions) {
      for (const architecture of ["amd64", "arm64"]) {
        added.push(await writtenPackage(join(folder(), "dist"), helloPackage(version, architecture)));
      }
    }
    return publish(added, left, change, now, signedBy);
  }

  async function publish(
    added: readonly AddedPackage[],
    left = nothing,
    change: Partial<AptRepository> = {},
    now = new Date(),
    signedBy = key,
  ): Promise<RepositoryRecord> {
    // The static host tells changes by the second, and apt does not get what is as old as what it has.
    await setTimeout(Math.max(0, publishedAt + 1_100 - Date.now()));
    publishedAt = Date.now();
    const made = await addToRepository(site(), { ...declared, ...change }, added, signedBy, left, now);
    await writeSite(site(), made, digestAt);
    await removeFromSite(site(), made.outdated);
    return made.record;
  }

  async function machine(suite = "stable", architecture = "amd64"): Promise<AptMachine> {
    server ??= await startStaticServer(site());
    const made = await AptMachine.make(join(folder(), `machine-${suite}-${architecture}`), architecture);
    const name = suite === "stable" ? "hello" : `hello-${suite}`;
    // As users do it: they take the source that is served with the repository.
    const text = await readFile(join(site(), `${name}.sources`), "utf8");
    await made.source(text.replace(/^URIs: .*$/m, `URIs: ${server.url}`));
    return made;
  }

  async function succeeds(work: ReturnType<AptMachine["apt"]>): Promise<string> {
    const { code, output } = await work;
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /^[WE]:/m);
    return output;
  }

  const url = { url: "https://apt.acme.example" };

  it("CORE-26: are updated from, installed from and upgraded from, for each architecture", async () => {
    const first = await release(["1.0.0"], nothing, url);
    const [amd64, arm64] = [await machine(), await machine("stable", "arm64")];
    for (const [one, name] of [
      [amd64, "amd64"],
      [arm64, "arm64"],
    ] as const) {
      await succeeds(one.apt(["update"]));
      await succeeds(one.apt(["install", "-y", "hello"]));
      assert.deepEqual(await one.installed(), { hello: "1.0.0" });
      assert.equal(await one.file("usr/bin/hello"), `#!/bin/sh\necho hello 1.0.0 ${name}\n`);
    }
    await release(["1.1.0"], first, url);
    await succeeds(amd64.apt(["update"]));
    await succeeds(amd64.apt(["upgrade", "-y"]));
    assert.deepEqual(await amd64.installed(), { hello: "1.1.0" });
    // The first version can still be had by those who want it.
    await succeeds(arm64.apt(["update"]));
    assert.match(await succeeds(arm64.apt(["show", "-a", "hello"], "apt-cache")), /^Version: 1\.0\.0$/m);
    await succeeds(arm64.apt(["install", "-y", "hello=1.0.0"]));
    assert.deepEqual(await arm64.installed(), { hello: "1.0.0" });
  });

  it("a patch of an old line moves nothing newer, and nobody is offered less than they have", async () => {
    const first = await release(["1.1.9", "1.2.0"], nothing, url);
    const one = await machine();
    await succeeds(one.apt(["update"]));
    await succeeds(one.apt(["install", "-y", "hello"]));
    await release(["1.1.10"], first, url);
    await succeeds(one.apt(["update"]));
    await succeeds(one.apt(["upgrade", "-y"]));
    assert.deepEqual(await one.installed(), { hello: "1.2.0" });
    const { code, output } = await one.apt(["install", "-y", "hello=1.1.10"]);
    assert.equal(code, 100);
    assert.match(output, /DOWNGRADED|downgrade/);
    assert.deepEqual(await one.installed(), { hello: "1.2.0" });
  });

  it("a pre-release reaches only those who asked for its suite, and the version proper is newer", async () => {
    const first = await release(["1.0.0"], nothing, { ...url, suites: ["stable", "testing"] });
    const second = await release(["1.1.0~rc.1"], first, { ...url, suites: ["testing"] });
    const [stable, testing] = [await machine(), await machine("testing")];
    for (const one of [stable, testing]) {
      await succeeds(one.apt(["update"]));
      await succeeds(one.apt(["install", "-y", "hello"]));
    }
    assert.deepEqual(await stable.installed(), { hello: "1.0.0" });
    assert.deepEqual(await testing.installed(), { hello: "1.1.0~rc.1" });
    await release(["1.1.0"], second, { ...url, suites: ["stable", "testing"] });
    for (const one of [stable, testing]) {
      await succeeds(one.apt(["update"]));
      await succeeds(one.apt(["upgrade", "-y"]));
      assert.deepEqual(await one.installed(), { hello: "1.1.0" });
    }
  });

  it("apt takes each compression of an index, by its digest", async () => {
    await release(["1.0.0"], nothing, url);
    const one = await machine();
    for (const [order, what] of [
      ["gz", "gzip"],
      ["zst", "zstd"],
      ["uncompressed", "plain"],
    ] as const) {
      await one.forget();
      const before = server?.lines.length ?? 0;
      await succeeds(one.apt(["-o", `Acquire::CompressionTypes::Order::=${order}`, "update"]));
      const asked = (server?.lines ?? []).slice(before).join("\n");
      assert.match(
        asked,
        /GET \/dists\/stable\/main\/binary-amd64\/by-hash\/SHA512\/[0-9a-f]{128} .*200/,
        what,
      );
      assert.match(await succeeds(one.apt(["policy", "hello"], "apt-cache")), /Candidate: 1\.0\.0/, what);
    }
  });

  it("a package with other bytes is refused, whatever its size", async () => {
    const record = await release(["1.0.0"], nothing, url);
    const one = await machine();
    await succeeds(one.apt(["update"]));
    const file = join(site(), Object.keys(record.files).find((path) => path.endsWith("_amd64.deb")) ?? "");
    const bytes = await readFile(file);
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const { code, output } = await one.apt(["install", "-y", "hello"]);
    assert.equal(code, 100, output);
    assert.match(output, /Hash Sum mismatch/);
    assert.deepEqual(await one.installed(), {});
  });

  it("an index with other bytes is refused, and so is what names it", async () => {
    await release(["1.0.0"], nothing, url);
    const one = await machine();
    const inRelease = join(site(), "dists/stable/InRelease");
    const text = await readFile(inRelease, "utf8");
    await writeFile(inRelease, text.replace("Origin: Acme", "Origin: Evil"));
    for (const name of ["Release", "Release.gpg"]) await rm(join(site(), "dists/stable", name));
    const changed = await one.apt(["update"]);
    assert.equal(changed.code, 100, changed.output);
    assert.match(changed.output, /BADSIG|signatures were invalid/);
    await writeFile(inRelease, text);
    for (const name of ["Packages.gz", "Packages.zst", "Packages"]) {
      await writeFile(join(site(), "dists/stable/main/binary-amd64", name), "Package: evil\n");
    }
    await rm(join(site(), "dists/stable/main/binary-amd64/by-hash"), { recursive: true });
    const index = await one.apt(["update"]);
    assert.equal(index.code, 100, index.output);
    assert.match(index.output, /Hash Sum mismatch|unexpected size/);
  });

  it("an expired index is refused", async () => {
    const old = new Date(Date.now() - 50 * 60_000);
    await release(["1.0.0"], nothing, { ...url, validMs: 40 * 60_000 }, old);
    const one = await machine();
    const { code, output } = await one.apt(["update"]);
    assert.equal(code, 100, output);
    assert.match(output, /is expired/);
  });

  it("clients of a former key and of the new one are served while both sign, then those of the new one alone", async () => {
    const sourceOf = async (one: AptMachine) => {
      const text = await readFile(join(site(), "hello.sources"), "utf8");
      await one.source(text.replace(/^URIs: .*$/m, `URIs: ${server?.url}`));
    };
    const before = await release(["1.0.0"], nothing, url);
    const old = await machine();
    await succeeds(old.apt(["update"]));
    await succeeds(old.apt(["install", "-y", "hello"]));

    const both = await release(["1.1.0"], before, url, new Date(), other.beside(key));
    await succeeds(old.apt(["update"]));
    await succeeds(old.apt(["upgrade", "-y"]));
    assert.deepEqual(await old.installed(), { hello: "1.1.0" });
    const changed = await AptMachine.make(join(folder(), "machine-changed"), "amd64");
    await sourceOf(changed);
    await succeeds(changed.apt(["update"]));
    // Every other run has nothing to sign.
    const again = await release(["1.1.0"], both, url, new Date(), other.beside(key));
    assert.deepEqual(again, both);

    await release(["1.2.0"], both, url, new Date(), other);
    await succeeds(changed.apt(["update"]));
    await succeeds(changed.apt(["install", "-y", "hello"]));
    assert.deepEqual(await changed.installed(), { hello: "1.2.0" });
    const fresh = await AptMachine.make(join(folder(), "machine-fresh"), "amd64");
    await sourceOf(fresh);
    await succeeds(fresh.apt(["update"]));
    // apt keeps what it had.
    const { output } = await old.apt(["update"]);
    assert.match(output, /NO_PUBKEY [0-9A-F]{16}\n/);
    assert.match(await succeeds(old.apt(["policy", "hello"], "apt-cache")), /Candidate: 1\.1\.0/);
  });

  it("an index that both keys have signed is signed anew where one of them leaves, without a new package", async () => {
    const both = await release(["1.0.0"], nothing, url, new Date(), other.beside(key));
    const inRelease = () => readFile(join(site(), "dists/stable/InRelease"), "utf8");
    assert.ok(await key.verified(await inRelease()));
    await release(["1.0.0"], both, url, new Date(), other);
    assert.equal(await key.verified(await inRelease()), undefined);
    assert.ok(await other.verified(await inRelease(), "all"));
  });

  it("the key in the source is the only one that counts", async () => {
    await release(["1.0.0"], nothing, url);
    const one = await machine();
    await writeFile(join(one.root, "etc/apt/trusted.gpg.d/acme.asc"), other.publicKey);
    await rm(join(site(), "dists"), { recursive: true });
    await release(["1.0.0"], nothing, url, new Date(), other);
    await one.source(
      (await readFile(join(site(), "hello.sources"), "utf8")).replace(/^URIs: .*$/m, `URIs: ${server?.url}`),
    );
    await succeeds(one.apt(["update"]));
    // The same repository, signed by the other key, which apt trusts for sources without a key of their own.
    await rm(join(site(), "dists"), { recursive: true });
    await release(["1.0.0"], nothing, url, new Date(), key);
    await writeFile(join(one.root, "etc/apt/trusted.gpg.d/acme.asc"), key.publicKey);
    await one.forget();
    const { code, output } = await one.apt(["update"]);
    assert.equal(code, 100, output);
    assert.match(output, /NO_PUBKEY/);
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
