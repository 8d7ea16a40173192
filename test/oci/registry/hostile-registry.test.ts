import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DigestMismatchError } from "../../../oci/errors";
import { parseRepository } from "../../../oci/reference";
import { makeCertificate, type ServerCertificate } from "../../support/certificates";
import { answer } from "../../support/hostile/behaviours";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile/registry";
import { randomBlob, TestClients } from "./fixtures";

describe("a hostile registry", () => {
  const clients = new TestClients();
  const folder = mkdtempSync(join(tmpdir(), "slipway-hostile-"));
  let registry: HostileRegistry;
  let tls: ServerCertificate;

  before(() => {
    tls = makeCertificate(folder);
  });
  beforeEach(async () => {
    registry = await startHostileRegistry({ tls });
  });
  afterEach(async () => {
    await registry.stop();
  });
  after(async () => {
    await clients.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () =>
    clients
      .open({ credentials: [{ host: registry.host, caFile: tls.caFile }] })
      .repository(parseRepository(registry.repository));

  it("is a registry where it has no fault", async () => {
    const { manifest, layer } = registry.image;
    const found = await open().getManifest("1.0.0");
    assert.deepEqual(found.bytes, manifest.bytes);
    assert.deepEqual(await buffer(await open().getBlob(layer.descriptor)), layer.bytes);
    const blob = randomBlob(3_000_000);
    assert.equal(await open().putBlob(blob, blob.source), "uploaded");
    assert.equal(await open().putBlob(blob, blob.source), "present");
    await open().putManifest(manifest.bytes, manifest.descriptor.mediaType, { tag: "next" });
    assert.deepEqual(await open().headManifest("next"), manifest.descriptor);
  });

  it("gives other bytes than the digest says, which are refused", async () => {
    const { layer } = registry.image;
    registry.fail("layer", answer(200, Buffer.from(layer.bytes.map((byte) => byte ^ 1))));
    await assert.rejects(
      async () => buffer(await open().getBlob(layer.descriptor)),
      (error) => error instanceof DigestMismatchError,
    );
  });
});
