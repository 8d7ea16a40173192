import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { openPgpKey } from "../support/openpgp";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const packageType = "slipway:apt:Package";
const type = "slipway:apt:Repository";
const inRelease = "dists/stable/InRelease";

describe("Debian packages and APT repositories of a program", () => {
  let project: string;
  let provider: ProviderProcess;
  let key: string;

  before(async () => {
    key = await openPgpKey("ed25519", "open sesame");
    project = await mkdtemp(path.join(tmpdir(), "slipway-apt-"));
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(path.join(project, "dist"), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = (name: string) => path.join(project, "dist/apt", name);

  const hello = (version = "1.0.0", change: Properties = {}): Properties => ({
    path: `dist/hello_${version}_amd64.deb`,
    name: "hello",
    version,
    platform: "linux/amd64",
    maintainer: "Acme <releases@acme.example>",
    description: "Says hello",
    files: [{ to: "/usr/bin/hello", content: `#!/bin/sh\necho ${version}\n`, mode: "0755" }],
    ...change,
  });

  async function added(declared = hello()): Promise<Properties> {
    const { state } = await provider.create(packageType, declared, false, String(declared.path));
    return { path: state.path, digest: state.digest, size: state.size, control: state.control };
  }

  const repository = (packages: readonly Properties[], change: Properties = {}): Properties => ({
    directory: "dist/apt",
    name: "hello",
    suites: ["stable"],
    origin: "Acme",
    url: "https://apt.acme.example",
    key: secret(key),
    passphrase: secret("open sesame"),
    packages: [...packages],
    ...change,
  });

  async function observed(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("a preview knows the digest of a package, and an update places it; another path moves it", async () => {
    const planned = await provider.create(packageType, hello(), true);
    assert.match(String(planned.state.digest), /^sha256:/);
    await assert.rejects(access(path.join(project, "dist")), /ENOENT/);
    const held = await provider.create(packageType, hello());
    assert.equal(held.state.digest, planned.state.digest);
    assert.equal((await stat(path.join(project, "dist/hello_1.0.0_amd64.deb"))).size, held.state.size);
    assert.deepEqual((await provider.diff(held, hello())).changes, []);
    const elsewhere = hello("1.0.0", { path: "dist/other.deb" });
    await provider.update(held, elsewhere);
    await access(path.join(project, "dist/other.deb"));
    await assert.rejects(access(path.join(project, "dist/hello_1.0.0_amd64.deb")), /ENOENT/);
  });

  it("what Debian's rules refuse is refused by the check, with the field", async () => {
    for (const [change, property] of [
      [{ name: "Hello" }, "name"],
      [{ platform: "darwin/arm64" }, "platform"],
      [{ version: "next" }, "version"],
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
    assert.match(await readFile(file("hello.sources"), "utf8"), /^URIs: https:\/\/apt\.acme\.example$/m);
    const again = await observed(held);
    assert.deepEqual((await provider.diff(again, repository(packages))).changes, []);
    assert.deepEqual(again.state, held.state);
  });

  it("the next version is an update, named by its file; the former one stays", async () => {
    const held = await provider.create(type, repository([await added()]));
    const packages = [await added(hello("1.1.0-rc.1"))];
    const inputs = repository(packages, { suites: ["testing"] });
    const diff = await provider.diff(await observed(held), inputs);
    assert.deepEqual(diff.details, {
      'pool["pool/main/h/hello/hello_1.1.0~rc.1_amd64.deb"]': "add",
      suites: "update",
    });
    const next = await provider.update(await observed(held), inputs);
    const index = (suite: string) => readFile(file(`dists/${suite}/main/binary-amd64/Packages`), "utf8");
    assert.match(await index("stable"), /^Version: 1\.0\.0$/m);
    assert.match(await index("testing"), /^Version: 1\.1\.0~rc\.1$/m);
    await access(file("pool/main/h/hello/hello_1.0.0_amd64.deb"));
    assert.deepEqual(Object.keys(next.state.served as Properties).sort(), ["stable", "testing"]);
  });

  it("an index that was deleted or changed is drift, is said, and is put back", async () => {
    const packages = [await added()];
    const held = await provider.create(type, repository(packages));
    await rm(file(inRelease));
    await writeFile(file("dists/stable/main/binary-amd64/Packages"), "");
    const before = provider.messages.length;
    const drifted = await observed(held);
    const diff = await provider.diff(drifted, repository(packages));
    assert.deepEqual(diff.details, {
      'drifted["dists/stable/InRelease"]': "delete",
      'drifted["dists/stable/main/binary-amd64/Packages"]': "delete",
    });
    const said = provider.messages.slice(before).join("\n");
    assert.match(said, /somebody deleted dist\/apt\/dists\/stable\/InRelease, left as sha256:/);
    assert.match(said, /somebody changed dist\/apt\/dists\/stable\/main\/binary-amd64\/Packages/);
    const repaired = await provider.update(drifted, repository(packages));
    await access(file(inRelease));
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
    const index = await readFile(file("dists/stable/main/binary-amd64/Packages"), "utf8");
    assert.deepEqual(index.match(/^Version: .*$/gm), ["Version: 1.0.0", "Version: 1.1.0", "Version: 1.2.0"]);
  });

  it("packages of former versions that are gone are named, and are no difference", async () => {
    const first = await provider.create(type, repository([await added()]));
    const inputs = repository([await added(hello("1.1.0"))]);
    const held = await provider.update(first, inputs);
    await rm(file("pool/main/h/hello/hello_1.0.0_amd64.deb"));
    const before = provider.messages.length;
    const read = await observed(held);
    assert.match(
      provider.messages.slice(before).join("\n"),
      /lists 1 packages that are not there, pool\/main\/h\/hello\/hello_1\.0\.0_amd64\.deb for one/,
    );
    assert.deepEqual((await provider.diff(read, inputs)).changes, []);
  });

  it("a version with other bytes is refused by the preview, gated or not, and nothing changes", async () => {
    const held = await provider.create(type, repository([await added()]));
    const before = await readFile(file(inRelease), "utf8");
    const other = await added(hello("1.0.0", { description: "Says hello otherwise" }));
    for (const gated of [false, true]) {
      await assert.rejects(
        provider.update(held, repository([other], { gated }), true),
        /hello_1\.0\.0_amd64\.deb is published as sha256:[0-9a-f]{64}, and this program makes sha256:/,
      );
    }
    assert.equal(await readFile(file(inRelease), "utf8"), before);
  });

  it("a folder that cannot be written fails the run, or is left to the gate and tried again", async () => {
    const packages = [await added()];
    await writeFile(path.join(project, "dist/apt"), "a file");
    await assert.rejects(provider.create(type, repository(packages)), /ENOTDIR|EEXIST|ENOENT/);
    const failed = await provider.create(type, repository(packages, { gated: true }));
    assert.equal(failed.state.state, "failed");
    await rm(path.join(project, "dist/apt"));
    const again = await observed(failed);
    assert.ok((await provider.diff(again, repository(packages, { gated: true }))).changes.includes("state"));
    const held = await provider.update(again, repository(packages, { gated: true }));
    assert.equal(held.state.state, "published");
    await access(file(inRelease));
  });

  it("a key in clear text or one that apt will refuse is refused by the check; none is told", async () => {
    const packages = [await added()];
    const weak = await openPgpKey("rsa-2048");
    for (const [change, property, reason] of [
      [{ key }, "key", /clear text/],
      [{ passphrase: "open sesame" }, "passphrase", /clear text/],
      [{ passphrase: secret("wrong") }, "key", /not opened by the passphrase/],
      [{ key: secret(weak) }, "key", /RSA key of 2048 bits.*February 2030/],
    ] as const) {
      await assert.rejects(provider.check(type, repository(packages, change)), (error: unknown) => {
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
    const held = await provider.create(type, repository(packages));
    assert.ok(
      !JSON.stringify(held.state).replace(JSON.stringify(key).slice(1, -1), "").includes("PRIVATE KEY"),
    );
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
      const { readCleartextMessage } = await import("openpgp");
      const cleartextMessage = await readFile(file(inRelease), "utf8");
      return (await readCleartextMessage({ cleartextMessage })).getSigningKeyIDs().length;
    };

    it("both sign, also what is there, and the former one no more from its day on or once it is removed", async () => {
      const packages = [await added()];
      const alone = await provider.create(type, repository(packages));
      assert.equal(await signers(), 1);

      const declared = repository(packages, former({ until: "2999-12-31" }));
      const { changes } = await provider.diff(alone, declared);
      assert.ok(changes.includes("formerFingerprint") && changes.includes("declaration"), changes.join());
      const both = await provider.update(alone, declared);
      assert.equal(await signers(), 2);
      const source = await readFile(file("hello.sources"), "utf8");
      assert.equal(source.match(/BEGIN PGP PUBLIC KEY BLOCK/g)?.length, 2);
      assert.deepEqual((await provider.diff(both, declared)).changes, []);

      const over = repository(packages, former({ until: "2001-01-01" }));
      assert.ok((await provider.diff(both, over)).changes.includes("formerFingerprint"));
      await provider.update(both, over);
      assert.equal(await signers(), 1);
    });

    it("one that is given in clear text, that is none, or that is the key itself is refused", async () => {
      const packages = [await added()];
      for (const [change, property, reason] of [
        [former({ key: key }), "formerKey.key", /clear text.*aptFormerKey/],
        [former({ key: secret("x") }), "formerKey.key", /not an armored OpenPGP private key/],
        [{ ...former(), formerKey: { key: secret(next) } }, "formerKey.key", /is the key itself/],
        [former({ until: "soon" }), "formerKey.until", /2027-06-30/],
      ] as [Properties, string, RegExp][]) {
        await assert.rejects(provider.create(type, repository(packages, change)), (error) => {
          assert.ok(error instanceof CheckFailed);
          const found = error.failures.find((one) => one.property === property);
          assert.match(found?.reason ?? JSON.stringify(error.failures), reason);
          return true;
        });
      }
    });
  });
});
