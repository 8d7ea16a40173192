import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createHash } from "node:crypto";
import { MediaType } from "../../../../lib/oci/media-types";
import { startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { blobOf, TestClients } from "../registry/fixtures";

const MiB = 1024 * 1024;
const layerBytes = 256 * MiB;
/** What the process may hold beyond what it held before the mirror, in bytes: half of the layer. */
const allowedBytes = 128 * MiB;

describe("the memory of a mirror", function () {
  this.timeout(180_000);
  let source: TestRegistry;
  let target: TestRegistry;
  let clients: TestClients;

  before(async function () {
    requireTools(this, "registry");
    source = await startDistribution();
    target = await startDistribution();
    clients = new TestClients();
  });
  after(async () => {
    await clients?.close();
    await target?.stop();
    await source?.stop();
  });

  it("does not grow with the size of a layer", async () => {
    const from = clients.open().repository({ registry: source.host, path: "acme/large" });
    const block = randomBytes(MiB);
    const content = () => Readable.from(repeat(block, layerBytes / MiB), { objectMode: false });
    const hash = createHash("sha256");
    for (const part of repeat(block, layerBytes / MiB)) hash.update(part);
    const layer = { digest: `sha256:${hash.digest("hex")}`, size: layerBytes };
    await from.putBlob(layer, content);
    const config = blobOf(Buffer.from("{}"));
    await from.putBlob(config, config.source);
    const manifest = {
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, digest: config.digest, size: config.size },
      layers: [{ mediaType: MediaType.ociLayerTar, ...layer }],
    };
    const { digest } = await from.putManifest(Buffer.from(JSON.stringify(manifest)), MediaType.ociManifest);

    const { before, peak, sent } = await measure(from.name, `${target.host}/mirror/large`, digest);
    assert.equal(sent, layerBytes + config.size);
    assert.ok(peak - before < allowedBytes, `grew from ${before} to ${peak} bytes`);
  });
});

function* repeat(block: Buffer, times: number): Generator<Buffer> {
  for (let count = 0; count < times; count++) yield block;
}

/**
 * Resident set of a process of its own before the mirror and at its highest, and the bytes that it
 * sent.
 */
function measure(
  from: string,
  to: string,
  digest: string,
): Promise<{ before: number; peak: number; sent: number }> {
  return new Promise((resolve, reject) => {
    const args = [
      "-r",
      require.resolve("../../../../lib/machine/typescript.cjs"),
      join(__dirname, "mirror-process.ts"),
      from,
      to,
      digest,
    ];
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message));
      else resolve(JSON.parse(stdout) as { before: number; peak: number; sent: number });
    });
  });
}
