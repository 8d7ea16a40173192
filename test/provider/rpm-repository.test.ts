import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { digestOf } from "../../lib/oci/digest";
import { openPgpKey } from "../support/openpgp";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const packageType = "slipway:rpm:Package";
const type = "slipway:rpm:Repository";
const repomd = "repodata/repomd.xml";

describe("RPM packages and repositories of a program", () => {
  let project: string;
  let provider: ProviderProcess;
  let key: string;

  before(async () => {
    key = await openPgpKey("ed25519", "open sesame");
    project = await mkdtemp(path.join(tmpdir(), "slipway-rpm-"));
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(path.join(project, "dist"), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = (name: string) => path.join(project, "dist/rpm", name);
  const signing = () => ({ key: secret(key), passphrase: secret("open sesame") });

  const hello = (version = "1.0.0", change: Properties = {}): Properties => ({
    path: `dist/hello-${version}-1.x86_64.rpm`,
    name: "hello",
    version,
    platform: "linux/amd64",
    maintainer: "Acme <releases@acme.example>",
    description: "Says hello",
    license: "Apache-2.0",
    ...signing(),
    files: [{ to: "/usr/bin/hello", content: `#!/bin/sh\necho ${version}\n`, mode: "0755" }],
    ...change,
  });

  async function added(declared = hello()): Promise<Properties> {
    const { state } = await provider.create(packageType, declared, false, String(declared.path));
    return { path: state.path, digest: state.digest, lists: state.lists };
  }

  const repository = (packages: readonly Properties[], change: Properties = {}): Properties => ({
    directory: "dist/rpm",
    name: "hello",
    label: "Acme",
    url: "https://rpm.acme.example",
    ...signing(),
    packages: [...packages],
    ...change,
  });

  async function observed(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  /** Versions in the list that is current. */
  async function versions(): Promise<string[]> {
    const [, list = ""] =
      /<location href="([^"]+-primary\.xml\.gz)"/.exec(await readFile(file(repomd), "utf8")) ?? [];
    const text = gunzipSync(await readFile(file(list))).toString("utf8");
    return [...text.matchAll(/<version epoch="0" ver="([^"]+)" rel="1"\/>/g)].map(
      ([, version = ""]) => version,
    );
  }

  it("a preview knows the digest of a package, and an update places it; another path moves it", async () => {
    const planned = await provider.create(packageType, hello(), true);
    assert.match(String(planned.state.digest), /^sha256:/);
    await assert.rejects(access(path.join(project, "dist")), /ENOENT/);
    const held = await provider.create(packageType, hello());
    assert.equal(held.state.digest, planned.state.digest);
    assert.equal((await stat(path.join(project, "dist/hello-1.0.0-1.x86_64.rpm"))).size, held.state.size);
    assert.deepEqual((await provider.diff(held, hello())).changes, []);
    await provider.update(held, hello("1.0.0", { path: "dist/other.rpm" }));
    await access(path.join(project, "dist/other.rpm"));
    await assert.rejects(access(path.join(project, "dist/hello-1.0.0-1.x86_64.rpm")), /ENOENT/);
  });

  it("a package from the cache is listed as it was when it was made", async () => {
    const first = await provider.create(packageType, hello(), false, "first");
    const again = await provider.create(
      packageType,
      hello("1.0.0", { path: "dist/again.rpm" }),
      false,
      "again",
    );
    assert.deepEqual(again.state.lists, first.state.lists);
    assert.match(
      String((again.state.lists as Properties).primary),
      /<rpm:header-range start="\d{3,}" end="\d{4,}"\/>/,
    );
  });

  it("what rpm's rules refuse is refused by the check, with the field", async () => {
    for (const [change, property] of [
      [{ name: "hello world" }, "name"],
      [{ platform: "darwin/arm64" }, "platform"],
      [{ version: "next" }, "version"],
      [{ license: "" }, "license"],
      [{ relations: { requires: ["glibc>=2"] } }, "relations.requires[0]"],
      [{ files: [{ to: "/bin/hello", content: "" }] }, "files[0].to"],
      [{ files: [{ to: "/usr/bin/hello", source: "gone" }] }, "files[0].source"],
    ] as const) {
      await assert.rejects(provider.check(packageType, hello("1.0.0", change)), (error: unknown) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.deepEqual(
          error.failures.map((one) => one.property),
          [property],
        );
        return true;
      });
    }
  });

  it("a preview writes nothing, an update publishes, and a second one finds nothing to do", async () => {
    const packages = [await added()];
    const planned = await provider.create(type, repository(packages), true);
    assert.equal(planned.state.state, "published");
    await assert.rejects(access(file("")), /ENOENT/);
    const held = await provider.create(type, repository(packages));
    assert.deepEqual(held.state.drifted, {});
    assert.match(await readFile(file("hello.repo"), "utf8"), /^baseurl=https:\/\/rpm\.acme\.example$/m);
    const again = await observed(held);
    assert.deepEqual((await provider.diff(again, repository(packages))).changes, []);
    assert.deepEqual(again.state, held.state);
  });

  it("the next version is an update, named by its file; the former one stays", async () => {
    const held = await provider.create(type, repository([await added()]));
    const inputs = repository([await added(hello("1.1.0"))]);
    const diff = await provider.diff(await observed(held), inputs);
    assert.deepEqual(diff.details, { 'pool["packages/h/hello-1.1.0-1.x86_64.rpm"]': "add" });
    await provider.update(await observed(held), inputs);
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0"]);
    await access(file("packages/h/hello-1.0.0-1.x86_64.rpm"));
  });

  it("a release that is not for it is held, says why, and changes nothing", async () => {
    const held = "1.1.0-rc.1 is a pre-release";
    const candidate = [await added(hello("1.1.0-rc.1"))];
    const none = await provider.create(type, repository(candidate, { held }));
    assert.deepEqual([none.state.state, none.state.reason], ["held", held]);
    await assert.rejects(access(file("")), /ENOENT/);
    const first = await provider.create(type, repository([await added()]));
    const before = await readFile(file(repomd), "utf8");
    const waiting = await provider.update(await observed(first), repository(candidate, { held }));
    assert.deepEqual([waiting.state.state, waiting.state.reason], ["held", held]);
    assert.equal(await readFile(file(repomd), "utf8"), before);
    assert.deepEqual(
      (await provider.diff(await observed(waiting), repository(candidate, { held }))).changes,
      [],
    );
    const next = await provider.update(await observed(waiting), repository([await added(hello("1.1.0"))]));
    assert.deepEqual([next.state.state, next.state.reason], ["published", undefined]);
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0"]);
  });

  it("a list that was deleted or changed is drift, is said, and is put back", async () => {
    const packages = [await added()];
    const held = await provider.create(type, repository(packages));
    const [list = ""] = Object.keys((held.state.served as Properties).lists as Properties).filter((name) =>
      name.endsWith("-primary.xml.gz"),
    );
    await rm(file(repomd));
    await writeFile(file(list), "");
    const before = provider.messages.length;
    const drifted = await observed(held);
    const diff = await provider.diff(drifted, repository(packages));
    assert.deepEqual(diff.details, {
      [`drifted["${list}"]`]: "delete",
      [`drifted["${repomd}"]`]: "delete",
    });
    const said = provider.messages.slice(before).join("\n");
    assert.match(said, /somebody deleted dist\/rpm\/repodata\/repomd\.xml, left as sha256:/);
    assert.match(said, /somebody changed dist\/rpm\/repodata\/[0-9a-f]{64}-primary\.xml\.gz/);
    const repaired = await provider.update(drifted, repository(packages));
    assert.deepEqual(await versions(), ["1.0.0"]);
    assert.deepEqual((await provider.diff(await observed(repaired), repository(packages))).changes, []);
  });

  it("what another program has added to the folder is no drift, and stays", async () => {
    const held = await provider.create(type, repository([await added()]));
    await provider.create(type, repository([await added(hello("1.1.0"))]));
    const before = provider.messages.length;
    const read = await observed(held);
    const inputs = repository([await added()]);
    assert.deepEqual((await provider.diff(read, inputs)).changes, []);
    assert.deepEqual(provider.messages.slice(before), []);
    await provider.update(read, repository([await added(hello("1.2.0"))]));
    assert.deepEqual(await versions(), ["1.0.0", "1.1.0", "1.2.0"]);
  });

  it("packages of former versions that are gone are named, and are no difference", async () => {
    const first = await provider.create(type, repository([await added()]));
    const inputs = repository([await added(hello("1.1.0"))]);
    const held = await provider.update(first, inputs);
    await rm(file("packages/h/hello-1.0.0-1.x86_64.rpm"));
    const before = provider.messages.length;
    const read = await observed(held);
    assert.match(
      provider.messages.slice(before).join("\n"),
      /lists 1 packages that are not there, packages\/h\/hello-1\.0\.0-1\.x86_64\.rpm for one/,
    );
    assert.deepEqual((await provider.diff(read, inputs)).changes, []);
  });

  it("a version with other bytes is refused by the preview, gated or not, and nothing changes", async () => {
    const held = await provider.create(type, repository([await added()]));
    const before = await readFile(file(repomd), "utf8");
    const other = await added(hello("1.0.0", { description: "Says hello otherwise" }));
    for (const gated of [false, true]) {
      await assert.rejects(
        provider.update(held, repository([other], { gated }), true),
        /hello-1\.0\.0-1\.x86_64\.rpm is published as sha256:[0-9a-f]{64}, and this program makes sha256:/,
      );
    }
    assert.equal(await readFile(file(repomd), "utf8"), before);
  });

  it("packages whose lists are of others, or that come twice, are refused by the check", async () => {
    const [one, two] = [await added(), await added(hello("1.1.0"))];
    for (const [packages, property, reason] of [
      [[{ ...one, lists: two.lists }], "packages[0]", /its lists are of sha256:/],
      [[one, one], "packages[1]", /is listed twice/],
      [
        [{ ...one, lists: { primary: "", filelists: "", other: "" } }],
        "packages[0].lists",
        /do not have the same/,
      ],
    ] as const) {
      await assert.rejects(provider.check(type, repository(packages)), (error: unknown) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.equal(error.failures[0]?.property, property);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    }
  });

  it("a folder that cannot be written fails the run, or is left to the gate and tried again", async () => {
    const packages = [await added()];
    await writeFile(path.join(project, "dist/rpm"), "a file");
    await assert.rejects(provider.create(type, repository(packages)), /ENOTDIR|EEXIST|ENOENT/);
    const failed = await provider.create(type, repository(packages, { gated: true }));
    assert.equal(failed.state.state, "failed");
    await rm(path.join(project, "dist/rpm"));
    const again = await observed(failed);
    assert.ok((await provider.diff(again, repository(packages, { gated: true }))).changes.includes("state"));
    const held = await provider.update(again, repository(packages, { gated: true }));
    assert.equal(held.state.state, "published");
    await access(file(repomd));
  });

  it("a key in clear text or one that clients will refuse is refused by the check; none is told", async () => {
    const packages = [await added()];
    const weak = await openPgpKey("rsa-2048");
    for (const [change, property, reason] of [
      [{ key }, "key", /clear text.*"rpmKey"/],
      [{ passphrase: "open sesame" }, "passphrase", /clear text/],
      [{ passphrase: secret("wrong") }, "key", /not opened by the passphrase/],
      [{ key: secret(weak) }, "key", /RSA key of 2048 bits/],
    ] as const) {
      const resources = [
        [packageType, hello("1.0.0", change)],
        [type, repository(packages, change)],
      ] as const;
      for (const [one, inputs] of resources) {
        await assert.rejects(provider.check(one, inputs), (error: unknown) => {
          assert.ok(error instanceof CheckFailed, String(error));
          // The engine would print the value of a property that is named to it.
          const [first] = error.failures;
          assert.equal(first?.property, "");
          assert.ok(first?.reason.startsWith(`${property}: `), first?.reason);
          assert.match(first?.reason ?? "", reason);
          assert.doesNotMatch(String(error), /open sesame|wrong|PRIVATE KEY/);
          return true;
        });
      }
    }
    assert.doesNotMatch(provider.messages.join("\n"), /open sesame|PRIVATE KEY/);
  });

  it("packages that are still to be built are unknown at preview", async () => {
    const planned = await provider.create(type, repository([], { packages: unknown }), true);
    assert.notEqual(planned.state.served, undefined);
  });

  describe("with a key that is replaced", () => {
    let next: string;

    before(async () => {
      next = await openPgpKey("ed25519");
    });

    const former = (change: Properties = {}) => ({
      key: secret(next),
      passphrase: undefined,
      formerKey: { key: secret(key), passphrase: secret("open sesame"), ...change },
    });
    const signers = async () => {
      const { readSignature } = await import("openpgp");
      const armoredSignature = await readFile(file(`${repomd}.asc`), "utf8");
      return (await readSignature({ armoredSignature })).getSigningKeyIDs().length;
    };
    const publicKeys = async () =>
      (await readFile(file("hello.asc"), "utf8")).match(/BEGIN PGP PUBLIC KEY BLOCK/g)?.length;

    it("packages that are published stay as they are, the next ones are signed by it, also where they are made again", async () => {
      const one = await provider.create(packageType, hello());
      const alone = await provider.create(type, repository([await added()]));
      const replaced = hello("1.0.0", former());
      assert.deepEqual((await provider.diff(one, replaced)).changes, []);
      const kept = await provider.update(one, replaced);
      const packages = [{ path: kept.state.path, digest: kept.state.digest, lists: kept.state.lists }];
      const { details } = await provider.diff(alone, repository(packages, former()));
      assert.deepEqual(Object.keys(details), ["declaration", "fingerprint", "formerFingerprint"]);
      await provider.update(alone, repository(packages, former()));

      // Another machine knows nothing of it but the state.
      const elsewhere = path.join(project, "elsewhere");
      await mkdir(elsewhere);
      const other = await ProviderProcess.start(elsewhere);
      try {
        await other.update(kept, hello("1.0.0", { ...former(), path: "dist/again.rpm" }));
      } finally {
        await other.stop();
      }
      assert.equal(digestOf(await readFile(path.join(elsewhere, "dist/again.rpm"))), one.state.digest);
      const second = await provider.update(kept, hello("1.1.0", former()));
      const byNext = await provider.create(
        packageType,
        hello("1.1.0", { key: secret(next), passphrase: undefined }),
      );
      assert.equal(second.state.digest, byNext.state.digest);
    });

    it("both sign, also what is there, and the former one no more from its day on; clients have it until it is removed", async () => {
      const packages = [await added()];
      const alone = await provider.create(type, repository(packages));
      assert.deepEqual([await signers(), await publicKeys()], [1, 1]);
      const declared = repository(packages, former({ until: "2999-12-31" }));
      const both = await provider.update(alone, declared);
      assert.deepEqual([await signers(), await publicKeys()], [2, 2]);
      assert.deepEqual((await provider.diff(await observed(both), declared)).changes, []);

      const over = repository(packages, former({ until: "2001-01-01" }));
      assert.ok((await provider.diff(both, over)).changes.includes("formerFingerprint"));
      const after = await provider.update(both, over);
      assert.deepEqual([await signers(), await publicKeys()], [1, 2]);
      await provider.update(after, repository(packages, { key: secret(next), passphrase: undefined }));
      assert.deepEqual([await signers(), await publicKeys()], [1, 1]);
    });

    it("one that is given in clear text, that is none, or that is the key itself is refused", async () => {
      const packages = [await added()];
      for (const [change, property, reason] of [
        [former({ key }), "formerKey.key", /clear text.*rpmFormerKey/],
        [former({ key: secret("x") }), "formerKey.key", /not an armored OpenPGP private key/],
        [{ ...former(), formerKey: { key: secret(next) } }, "formerKey.key", /is the key itself/],
        [former({ until: "soon" }), "formerKey.until", /2027-06-30/],
      ] as [Properties, string, RegExp][]) {
        const resources = [
          [packageType, hello("1.0.0", change)],
          [type, repository(packages, change)],
        ] as const;
        for (const [one, inputs] of resources) {
          await assert.rejects(provider.check(one, inputs), (error) => {
            assert.ok(error instanceof CheckFailed, String(error));
            assert.ok(error.message.startsWith(`${property}: `), error.message);
            assert.match(error.message, reason);
            assert.doesNotMatch(error.message, /open sesame|PRIVATE KEY-/);
            return true;
          });
        }
      }
    });
  });
});
