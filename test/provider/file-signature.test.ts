import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { Unknown, unknown } from "../../provider/base/unknown";
import type { Properties } from "../../provider/base/properties";
import { digestOf } from "../../lib/oci/digest";
import { runClient } from "../support/clients";
import { cosignPrograms, cosignVerifyBlob } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, secret, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { requireTools } from "../support/tools";
import { uniqueText, Workbench } from "./workbench";

const fileSignature = "slipway:trust:FileSignature";
const password = "correct horse battery staple";

describe("signatures of files", function () {
  this.timeout(120_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  let serial = 0;
  let names: string[];
  const signer = { key: "cosign.key", password: secret(password) };

  before(async function () {
    requireTools(this, "registry", "cosign", "cosign-v2");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
    for (const stem of ["cosign", "other"]) await writeKeyPair(bench.project, stem, password);
  });
  beforeEach(async () => {
    serial += 1;
    names = [`dist/${serial}/hello-linux`, `dist/${serial}/hello darwin`];
    for (const name of names) await bench.write(name, uniqueText());
  });
  after(() => bench?.close());

  const file = (relative: string) => path.join(bench.project, relative);
  const inputs = (change: Properties = {}): Properties => ({
    files: names.map((name) => ({ path: name })),
    signer,
    ...change,
  });
  const bundles = (held: Held) =>
    held.state.bundles as { path: string; bundle: string; digest: string; bundleDigest: string }[];

  it("are accepted by cosign 3 and 2, and not with another key or for another file", async () => {
    const held = await provider.create(fileSignature, inputs());
    assert.deepEqual(
      bundles(held).map((one) => one.bundle),
      names.map((name) => `${name}.sigstore.json`),
    );
    const [one, other] = bundles(held);
    for (const program of cosignPrograms) {
      for (const { path: name, bundle } of bundles(held)) {
        await cosignVerifyBlob(file(name), file(bundle), file("cosign.pub"), program);
        await assert.rejects(cosignVerifyBlob(file(name), file(bundle), file("other.pub"), program));
      }
      const wrong = file(other?.bundle ?? "");
      await assert.rejects(cosignVerifyBlob(file(one?.path ?? ""), wrong, file("cosign.pub"), program));
    }
    assert.deepEqual(
      (held.state.evidence as Properties[]).map(({ kind, subject, bundleDigest }) => [
        kind,
        subject,
        bundleDigest,
      ]),
      await Promise.all(
        names.map(async (name) => [
          "signature",
          digestOf(await readFile(file(name))),
          digestOf(await readFile(file(`${name}.sigstore.json`))),
        ]),
      ),
    );
  });

  it("that hold are left alone, those of cosign too", async () => {
    const [own = "", theirs = ""] = names;
    await runClient(
      "cosign",
      [
        ...["sign-blob", "--yes", "--key", file("cosign.key"), "--bundle", file(`${theirs}.sigstore.json`)],
        ...["--tlog-upload=false", "--use-signing-config=false", file(theirs)],
      ],
      { COSIGN_PASSWORD: password },
    );
    const before = await readFile(file(`${theirs}.sigstore.json`));
    const held = await provider.create(fileSignature, inputs());
    const made = await stat(file(`${own}.sigstore.json`));
    assert.deepEqual(await readFile(file(`${theirs}.sigstore.json`)), before);
    const again = await provider.create(fileSignature, inputs());
    assert.deepEqual(again.state, held.state);
    assert.equal((await stat(file(`${own}.sigstore.json`))).mtimeMs, made.mtimeMs);
    assert.deepEqual((await provider.read(held))?.state, held.state);
    assert.deepEqual((await provider.diff(held, inputs())).changes, []);
  });

  /** Publishes files and what signs them in a folder of its own, as a program with this state does. */
  async function publish(by: ProviderProcess, held: Held, directory: string): Promise<void> {
    const files = bundles(held).flatMap(({ path: name, digest, bundle, bundleDigest }) => [
      { name: path.basename(name).replace(" ", "-"), path: name, digest },
      { name: `${path.basename(name).replace(" ", "-")}.sigstore.json`, path: bundle, digest: bundleDigest },
    ]);
    await by.create("slipway:release:Directory", { directory, tag: "v1.0.0", assets: files });
  }

  const harmless: [what: string, change: (name: string) => Promise<unknown>][] = [
    ["is gone", (name) => rm(file(`${name}.sigstore.json`))],
    ["is damaged", (name) => writeFile(file(`${name}.sigstore.json`), "{")],
    [
      "is of another file",
      async (name) =>
        writeFile(file(`${name}.sigstore.json`), await readFile(file(`${names[1]}.sigstore.json`))),
    ],
  ];
  for (const [what, change] of harmless) {
    it(`whose bundle ${what} are no difference, and the same again where they are needed`, async () => {
      const held = await provider.create(fileSignature, inputs());
      const [name = ""] = names;
      const before = await readFile(file(`${name}.sigstore.json`));
      await change(name);
      const observed = await provider.read(held);
      assert.deepEqual(observed?.state, held.state);
      assert.deepEqual((await provider.diff(held, inputs())).changes, []);
      await publish(provider, held, `public/${serial}`);
      assert.deepEqual(await readFile(file(`${name}.sigstore.json`)), before);
      const published = `public/${serial}/releases/download/v1.0.0/hello-linux.sigstore.json`;
      assert.deepEqual(await readFile(file(published)), before);
    });
  }

  it("of a file that changed are drift, and made again", async () => {
    const held = await provider.create(fileSignature, inputs());
    const [name = ""] = names;
    await writeFile(file(name), "changed");
    const observed = await provider.read(held);
    assert.ok(observed);
    assert.equal((observed.state.missing as string[]).length, 1);
    assert.match(String(observed.state.missing), /is not a signature of .*hello-linux/);
    assert.deepEqual((await provider.diff(observed, inputs())).changes, ["missing"]);
    const planned = await provider.update(observed, inputs(), true);
    assert.ok(planned.state.bundles instanceof Unknown);
    const repaired = await provider.update(observed, inputs());
    assert.deepEqual(repaired.state.missing, []);
    await cosignVerifyBlob(file(name), file(`${name}.sigstore.json`), file("cosign.pub"));
  });

  it("stand without their files where another resource makes these, by the digests of both", async () => {
    const [name = ""] = names;
    const files = [{ path: name, digest: digestOf(await readFile(file(name))) }];
    const held = await provider.create(fileSignature, inputs({ files }));
    for (const one of [name, `${name}.sigstore.json`]) await rm(file(one));
    assert.deepEqual((await provider.read(held))?.state, held.state);
    assert.deepEqual((await provider.diff(held, inputs({ files }))).changes, []);
    const other = [{ path: name, digest: digestOf("another") }];
    assert.deepEqual((await provider.diff(held, inputs({ files: other }))).changes, ["files"]);
  });

  it("are taken from a release where they hold, whatever is beside the file, and by a state that has none", async () => {
    const [name = ""] = names;
    const files = [{ path: name, digest: digestOf(await readFile(file(name))) }];
    const first = await provider.create(fileSignature, inputs({ files }));
    await publish(provider, first, `public/${serial}`);
    const published = await readFile(file(`${name}.sigstore.json`));
    const declared = inputs({ files, published: [{ directory: `public/${serial}`, tag: "v1.0.0" }] });
    for (const spoil of [
      () => rm(file(`${name}.sigstore.json`)),
      () => provider.create(fileSignature, inputs({ files })),
    ]) {
      await spoil();
      const planned = await provider.create(fileSignature, declared, true);
      assert.deepEqual(planned.state.bundles, first.state.bundles);
      const held = await provider.create(fileSignature, declared);
      assert.deepEqual(held.state.bundles, first.state.bundles);
      assert.deepEqual(await readFile(file(`${name}.sigstore.json`)), published);
    }
    // A state of an earlier version has digests only.
    const [{ content: _content, ...bundle } = {}] = first.state.bundles as Properties[];
    const former = { ...first, state: { ...first.state, bundles: [bundle] } };
    await rm(file(`${name}.sigstore.json`));
    const observed = await provider.read(former);
    assert.deepEqual(observed?.state, former.state);
    assert.deepEqual((await provider.diff(former, declared)).changes, []);
    await publish(provider, former, `public/${serial}/again`);
    assert.deepEqual(await readFile(file(`${name}.sigstore.json`)), published);
    // What another key has signed is not ours.
    const other = { ...declared, signer: { key: "other.key", password: secret(password) } };
    const renewed = await provider.create(fileSignature, other);
    assert.notDeepEqual(renewed.state.bundles, first.state.bundles);
    await cosignVerifyBlob(file(name), file(`${name}.sigstore.json`), file("other.pub"));
  });

  it("go with what they sign, unless somebody changed them", async () => {
    const held = await provider.create(fileSignature, inputs());
    const [one = "", other = ""] = names.map((name) => file(`${name}.sigstore.json`));
    await writeFile(other, "by hand");
    await provider.delete(held);
    await assert.rejects(stat(one), { code: "ENOENT" });
    assert.equal(await readFile(other, "utf8"), "by hand");
  });

  it("are not made at preview, nor of files that do not exist or are not what they were", async () => {
    const [name = ""] = names;
    const digest = digestOf(await readFile(file(name)));
    for (const files of [[{ path: name }], [{ path: unknown }], [{ path: name, digest: unknown }]]) {
      const preview = await provider.create(fileSignature, inputs({ files }), true);
      assert.ok(preview.state.bundles instanceof Unknown);
    }
    await assert.rejects(stat(file(`${name}.sigstore.json`)), { code: "ENOENT" });
    await writeFile(file(name), "changed");
    await assert.rejects(
      provider.create(fileSignature, inputs({ files: [{ path: name, digest }] })),
      new RegExp(`${name} is sha256:\\S+, and what is to be signed is ${digest}`),
    );
    await rm(file(name));
    await assert.rejects(
      provider.create(fileSignature, inputs()),
      new RegExp(`${name}, which is to be signed`),
    );
    await assert.rejects(stat(file(`${name}.sigstore.json`)), { code: "ENOENT" });
  });

  it("go to a folder of their own where one is named, each under a name of its own", async () => {
    const directory = `dist/${serial}/signatures`;
    const held = await provider.create(fileSignature, inputs({ directory }));
    assert.deepEqual(
      bundles(held).map((one) => one.bundle),
      names.map((name) => `${directory}/${path.basename(name)}.sigstore.json`),
    );
    const files = [{ path: "a/hello" }, { path: "b/hello" }];
    await assert.rejects(
      provider.check(fileSignature, inputs({ directory, files })),
      (error: CheckFailed) => {
        assert.deepEqual(
          error.failures.map(({ property }) => property),
          ["files[1].path"],
        );
        return true;
      },
    );
  });
});
