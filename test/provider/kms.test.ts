import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { cosignPrograms, cosignVerify, cosignVerifyBlob } from "../support/cosign";
import type { CheckFailed, ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { pushImage, Workbench } from "./workbench";

describe("signatures with a key in a service (a plug-in of cosign)", function () {
  this.timeout(180_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;
  let environment: NodeJS.ProcessEnv;
  let folder: string;

  before(async function () {
    requireTools(this, "registry", "cosign", "cosign-v2");
    bench = await Workbench.open(() => startDistribution());
    folder = path.join(bench.project, "service");
    await mkdir(folder);
    const plugin = path.join(folder, "sigstore-kms-testservice");
    const script = path.resolve(__dirname, "..", "support", "key-service.cjs");
    await writeFile(plugin, `#!/bin/sh\nexec ${process.execPath} ${script} "$@"\n`);
    await chmod(plugin, 0o755);
    for (const [name, namedCurve] of [
      ["release", "P-256"],
      ["large", "P-384"],
    ] as const) {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve });
      const pem = privateKey.export({ type: "pkcs8", format: "pem" });
      await writeFile(path.join(folder, `${name}.pem`), pem);
      const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
      await bench.write(`${name}.pub`, publicKey.toString());
    }
    environment = {
      PATH: [folder, path.dirname(toolPath("cosign")), process.env.PATH].join(path.delimiter),
      KEY_SERVICE_FOLDER: folder,
    };
    provider = await bench.provider({}, environment);
    repository = bench.repository("kms/app");
  });
  after(() => bench?.close());

  const file = (relative: string) => path.join(bench.project, relative);
  const signer = { kms: "testservice://release" };

  it("are accepted by cosign 3 and 2, made once, and observed without the service", async () => {
    const digest = await pushImage(provider, repository);
    const inputs = { repository, subjects: [{ digest }], signer, legacy: true };
    const held = await provider.create("slipway:trust:Signature", inputs);
    assert.deepEqual(held.state.missing, []);
    for (const program of cosignPrograms) {
      await cosignVerify(`${bench.direct(repository)}@${digest}`, file("release.pub"), program);
    }
    const requests = await readFile(path.join(folder, "requests"), "utf8");
    assert.match(requests, /signMessage/);
    bench.forget();
    const again = await provider.create("slipway:trust:Signature", inputs);
    assert.deepEqual(again.state.signatures, held.state.signatures);
    assert.deepEqual(bench.writeLines(), []);
    const elsewhere = await bench.provider();
    assert.deepEqual((await elsewhere.read(held))?.state, held.state);
  });

  it("ask the service for a public key once a run, and again after it has failed", async () => {
    const asked = async () =>
      (await readFile(file("service/requests"), "utf8")).match(/publicKey/g)?.length ?? 0;
    const pem = await readFile(file("service/release.pem"));
    const inputs = { repository, subjects: [{ digest: await pushImage(provider, repository) }] };
    const check = (by: ProviderProcess) =>
      by.check("slipway:trust:Signature", { ...inputs, signer: { kms: "testservice://again" } });
    const run = await bench.provider({}, environment);
    await assert.rejects(check(run), /testservice:\/\/again failed/);
    await bench.write("service/again.pem", pem);
    const before = await asked();
    await check(run);
    const once = await asked();
    assert.ok(once > before, "a failure was kept");
    await Promise.all([check(run), check(run)]);
    assert.equal(await asked(), once);
    await check(await bench.provider({}, environment));
    assert.ok((await asked()) > once, "the next run did not ask");
  });

  it("of files are accepted by cosign", async () => {
    await bench.write("hello", "hello");
    await provider.create("slipway:trust:FileSignature", { files: [{ path: "hello" }], signer });
    for (const program of cosignPrograms) {
      await cosignVerifyBlob(file("hello"), file("hello.sigstore.json"), file("release.pub"), program);
    }
  });

  it("are refused with what the service says, or for want of cosign", async () => {
    const inputs = { repository, subjects: [{ digest: await pushImage(provider, repository) }] };
    const check = (uri: string, by = provider) =>
      by.check("slipway:trust:Signature", { ...inputs, signer: { kms: uri } });
    const finding = (pattern: RegExp) => (error: CheckFailed) => {
      assert.deepEqual([error.failures.length, error.failures[0]?.property], [1, "signer"]);
      assert.match(error.message, pattern);
      return true;
    };
    await assert.rejects(
      check("testservice://none"),
      finding(/testservice:\/\/none failed: [^]*ENOENT[^]*credentials/),
    );
    await assert.rejects(check("testservice://large"), finding(/ECDSA with P-256 is expected/));
    await assert.rejects(check("nowhere://release"), finding(/nowhere:\/\/release failed: /));
    const empty = path.join(bench.project, "no-programs");
    await bench.write("no-programs/node", `#!/bin/sh\nexec ${process.execPath} "$@"\n`, 0o755);
    const without = await bench.provider({}, { ...environment, PATH: `${empty}:/bin:/usr/bin` });
    await assert.rejects(
      check(signer.kms, without),
      finding(/needs the program cosign, version 3 or newer, on PATH/),
    );
  });
});
