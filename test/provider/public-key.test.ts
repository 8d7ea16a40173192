import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { unknown } from "../../provider/base/unknown";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, ProviderProcess, secret } from "../support/provider-process";

const publicKey = "slipway:trust:PublicKey";

describe("public keys of signers", function () {
  this.timeout(60_000);
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-key-"));
    provider = await ProviderProcess.start(project);
    for (const stem of ["cosign", "other"]) await writeKeyPair(project, stem, "of this test");
  });
  after(async () => {
    await provider?.stop();
    if (project) await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const pem = (stem: string) => readFile(path.join(project, `${stem}.pub`), "utf8");
  const signer = (key: string) => ({ signer: { key, password: secret("of this test") } });

  it("are read without the private key, at preview too; another key is a change", async () => {
    await rm(path.join(project, "other.key"));
    const held = await provider.create(publicKey, signer("cosign.key"));
    assert.equal(held.state.publicKey, await pem("cosign"));
    assert.deepEqual((await provider.diff(held, signer("cosign.key"))).changes, []);
    const changed = await provider.diff(held, signer("other.key"));
    assert.deepEqual(changed.details, { publicKey: "update" });
    assert.equal((await provider.update(held, signer("other.key"))).state.publicKey, await pem("other"));
  });

  it("are made with a throw-away key", async () => {
    const held = await provider.create(publicKey, { signer: { key: "made/cosign.key", generate: true } });
    assert.ok((await pem("made/cosign")).endsWith(String(held.state.publicKey)));
  });

  it("are not known where the signer is not", async () => {
    const { state } = await provider.create(publicKey, { signer: unknown }, true);
    assert.deepEqual(state.publicKey, unknown);
  });

  const keyless = { issuer: "https://issuer.example", identity: "me@acme.example", trustedRoot: "root.json" };
  it("of an identity are refused: there is none that stays", async () => {
    await assert.rejects(
      provider.create(publicKey, { signer: { keyless } }),
      (error: CheckFailed) =>
        error instanceof CheckFailed && /an identity signs with a new key each time/.test(error.message),
    );
  });
});
