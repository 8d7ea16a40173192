import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ApkKey } from "../../lib/channels/apk/key";
import { filesOfIndex, readIndex } from "../../lib/channels/apk/index-file";
import type { Properties } from "../../provider/base/properties";
import { apkKey } from "../support/apk";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const packageType = "slipway:apk:Package";
const type = "slipway:apk:Repository";
const indexFile = "x86_64/APKINDEX.tar.gz";

describe("packages and repositories of Alpine of a program", () => {
  let project: string;
  let provider: ProviderProcess;
  let key: string;

  before(async () => {
    key = await apkKey();
    project = await mkdtemp(path.join(tmpdir(), "slipway-apk-"));
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(path.join(project, "dist"), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = (name: string) => path.join(project, "dist/alpine", name);
  const signing = () => ({ key: secret(key), keyName: "hello" });

  const hello = (version = "1.0.0", change: Properties = {}): Properties => ({
    path: `dist/hello-${version}-r0.apk`,
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
    return { path: state.path, digest: state.digest, index: state.index };
  }

  const repository = (packages: readonly Properties[], change: Properties = {}): Properties => ({
    directory: "dist/alpine",
    label: "Acme",
    ...signing(),
    packages: [...packages],
    ...change,
  });

  async function observed(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  /** Versions in the index, which this key has signed. */
  async function versions(): Promise<string[]> {
    const signer = { key: ApkKey.read(key, undefined), keyName: "hello" };
    const { entries, isSigned } = await readIndex(await readFile(file(indexFile)), signer);
    assert.ok(isSigned);
    return entries.map(({ text }) => /^V:(.*)$/m.exec(text)?.[1] ?? "");
  }

  it("a preview knows the digest of a package, and an update places it; another path moves it", async () => {
    const planned = await provider.create(packageType, hello(), true);
    assert.match(String(planned.state.digest), /^sha256:/);
    await assert.rejects(access(path.join(project, "dist")), /ENOENT/);
    const held = await provider.create(packageType, hello());
    assert.equal(held.state.digest, planned.state.digest);
    assert.equal((await stat(path.join(project, "dist/hello-1.0.0-r0.apk"))).size, held.state.size);
    assert.deepEqual((await provider.diff(held, hello())).changes, []);
    await provider.update(held, hello("1.0.0", { path: "dist/other.apk" }));
    await access(path.join(project, "dist/other.apk"));
    await assert.rejects(access(path.join(project, "dist/hello-1.0.0-r0.apk")), /ENOENT/);
  });

  it("what apk's rules refuse is refused by the check, with the field", async () => {
    for (const [change, property] of [
      [{ name: "hello world" }, "name"],
      [{ platform: "all" }, "platform"],
      [{ version: "1.0.0+a" }, "version"],
      [{ relations: { depends: ["musl >= 2"] } }, "relations.depends[0]"],
      [{ files: [{ to: "/usr/bin/hello", source: "gone" }] }, "files[0].source"],
      [{ services: [{ name: "hello", content: "[Unit]" }] }, "services[0].content"],
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
    assert.equal(await readFile(file("hello.rsa.pub"), "utf8"), held.state.publicKey);
    const again = await observed(held);
    assert.deepEqual((await provider.diff(again, repository(packages))).changes, []);
    assert.deepEqual(again.state, held.state);
  });

  it("the next version is an update, named by its file; a third one and a patch of an old line stay beside it", async () => {
    const held = await provider.create(type, repository([await added()]));
    const inputs = repository([await added(hello("1.1.0"))]);
    const diff = await provider.diff(await observed(held), inputs);
    assert.deepEqual(diff.details, { 'pool["x86_64/hello-1.1.0-r0.apk"]': "add" });
    const second = await provider.update(await observed(held), inputs);
    await provider.update(await observed(second), repository([await added(hello("1.0.1"))]));
    assert.deepEqual(await versions(), ["1.0.0-r0", "1.0.1-r0", "1.1.0-r0"]);
  });

  it("a release that is not for it is held, says why, and changes nothing", async () => {
    const held = "1.1.0-rc.1 is a pre-release";
    const none = await provider.create(type, repository([], { held }));
    assert.deepEqual([none.state.state, none.state.reason], ["held", held]);
    await assert.rejects(access(file("")), /ENOENT/);
    const first = await provider.create(type, repository([await added()]));
    const before = await readFile(file(indexFile));
    const waiting = await provider.update(await observed(first), repository([], { held }));
    assert.deepEqual([waiting.state.state, waiting.state.reason], ["held", held]);
    assert.deepEqual(await readFile(file(indexFile)), before);
    assert.deepEqual((await provider.diff(await observed(waiting), repository([], { held }))).changes, []);
    const next = await provider.update(await observed(waiting), repository([await added(hello("1.1.0"))]));
    assert.deepEqual([next.state.state, next.state.reason], ["published", undefined]);
  });

  it("an index, its copy or a key that was deleted or changed is drift, is said, and is put back", async () => {
    const packages = [await added()];
    const held = await provider.create(type, repository(packages));
    const served = (held.state.served as Record<string, { index: string }>).x86_64;
    const copy = `x86_64/by-digest/${served?.index.slice("sha256:".length)}`;
    await rm(file(indexFile));
    await writeFile(file("hello.rsa.pub"), "");
    const before = provider.messages.length;
    const drifted = await observed(held);
    assert.deepEqual((await provider.diff(drifted, repository(packages))).details, {
      'drifted["hello.rsa.pub"]': "delete",
      [`drifted["${indexFile}"]`]: "delete",
    });
    const said = provider.messages.slice(before).join("\n");
    assert.match(said, /somebody deleted dist\/alpine\/x86_64\/APKINDEX\.tar\.gz, left as sha256:/);
    assert.match(said, /somebody changed dist\/alpine\/hello\.rsa\.pub/);
    const repaired = await provider.update(drifted, repository(packages));
    await rm(file(copy));
    await provider.update(await observed(repaired), repository(packages));
    await access(file(copy));
    assert.deepEqual(await versions(), ["1.0.0-r0"]);
  });

  it("what another program has added to the folder is no drift, and stays", async () => {
    const held = await provider.create(type, repository([await added()]));
    await provider.create(type, repository([await added(hello("1.1.0"))]));
    const before = provider.messages.length;
    const read = await observed(held);
    assert.deepEqual((await provider.diff(read, repository([await added()]))).changes, []);
    assert.deepEqual(provider.messages.slice(before), []);
    await provider.update(read, repository([await added(hello("1.2.0"))]));
    assert.deepEqual(await versions(), ["1.0.0-r0", "1.1.0-r0", "1.2.0-r0"]);
  });

  it("a version with other bytes is refused by the preview, gated or not, and nothing changes", async () => {
    const held = await provider.create(type, repository([await added()]));
    const before = await readFile(file(indexFile));
    const other = await added(hello("1.0.0", { description: "Says hello otherwise" }));
    for (const gated of [false, true]) {
      await assert.rejects(
        provider.update(held, repository([other], { gated }), true),
        /hello-1\.0\.0-r0\.apk is published as Q1\S+, and this program makes Q1/,
      );
    }
    assert.deepEqual(await readFile(file(indexFile)), before);
  });

  it("packages that come twice or are none of an index are refused by the check", async () => {
    const one = await added();
    for (const [packages, property, reason] of [
      [[one, one], "packages[1]", /is listed twice/],
      [[{ ...one, index: "P:../hello\n" }], "packages[0].index", /a package whose line/],
    ] as const) {
      await assert.rejects(provider.check(type, repository(packages)), (error: unknown) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.equal(error.failures[0]?.property, property);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    }
  });

  it("a key in clear text or one that apk does not take is refused by the check; none is told", async () => {
    const packages = [await added()];
    for (const [change, property, reason] of [
      [{ key }, "key", /clear text.*"alpineKey"/],
      [{ key: secret("open sesame") }, "key", /is not a private key/],
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
          assert.doesNotMatch(String(error), /open sesame|PRIVATE KEY/);
          return true;
        });
      }
    }
    assert.doesNotMatch(provider.messages.join("\n"), /open sesame|PRIVATE KEY/);
  });

  describe("with a key that is replaced", () => {
    let next: string;

    before(async () => {
      next = await apkKey();
    });

    const former = (change: Properties = {}) => ({
      key: secret(next),
      keyName: "hello-2",
      formerKey: { key: secret(key), keyName: "hello", ...change },
    });
    const signers = async () => {
      const { files } = await filesOfIndex(await readFile(file(indexFile)));
      return [...files.keys()].map((name) => /^\.SIGN\.RSA256\.(.*)\.rsa\.pub$/.exec(name)?.[1]);
    };

    it("both sign until its day; packages that are published stay, the next ones are signed by the new one", async () => {
      const one = await provider.create(packageType, hello());
      const alone = await provider.create(type, repository([await added()]));
      assert.deepEqual(await signers(), ["hello"]);
      const replaced = hello("1.0.0", former());
      assert.deepEqual((await provider.diff(one, replaced)).changes, []);
      const kept = await provider.update(one, replaced);
      const packages = [{ path: kept.state.path, digest: kept.state.digest, index: kept.state.index }];
      const declared = repository(packages, former({ until: "2999-12-31" }));
      const { details } = await provider.diff(alone, declared);
      assert.deepEqual(Object.keys(details), ["declaration", "fingerprint", "formerFingerprint", "keyName"]);
      const both = await provider.update(alone, declared);
      assert.deepEqual(await signers(), ["hello-2", "hello"]);
      assert.equal(
        both.state.publicKey,
        (await readFile(file("hello-2.rsa.pub"), "utf8")) + (await readFile(file("hello.rsa.pub"), "utf8")),
      );
      assert.deepEqual((await provider.diff(await observed(both), declared)).changes, []);

      const over = repository(packages, former({ until: "2001-01-01" }));
      assert.ok((await provider.diff(both, over)).changes.includes("formerFingerprint"));
      await provider.update(both, over);
      assert.deepEqual(await signers(), ["hello-2"]);
      assert.deepEqual(
        (await provider.diff(kept, hello("1.0.0", former({ until: "2001-01-01" })))).changes,
        [],
      );

      const second = await provider.update(kept, hello("1.1.0", former()));
      const byNext = await provider.create(
        packageType,
        hello("1.1.0", { ...former(), formerKey: undefined }),
      );
      assert.equal(second.state.digest, byNext.state.digest);
    });

    it("one in clear text, that is none, that is the key itself or has its name is refused", async () => {
      const packages = [await added()];
      for (const [change, property, reason] of [
        [former({ key }), "formerKey.key", /clear text.*alpineFormerKey/],
        [former({ key: secret("open sesame") }), "formerKey.key", /is not a private key/],
        [former({ key: secret(next) }), "formerKey.key", /is the key itself/],
        [former({ keyName: "hello-2" }), "formerKey.keyName", /tell keys apart.*keyName: "hello-2-2"/],
        [former({ until: "soon" }), "formerKey.until", /2027-06-30/],
      ] as [Properties, string, RegExp][]) {
        const resources = [
          [packageType, hello("1.0.0", change)],
          [type, repository(packages, change)],
        ] as const;
        for (const [one, inputs] of resources) {
          await assert.rejects(provider.check(one, inputs), (error: unknown) => {
            assert.ok(error instanceof CheckFailed, String(error));
            assert.ok(error.message.startsWith(`${property}: `), error.message);
            assert.match(error.message, reason);
            assert.doesNotMatch(error.message, /open sesame|PRIVATE KEY/);
            return true;
          });
        }
      }
    });
  });
});
