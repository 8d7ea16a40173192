import * as assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { BlobDirectory } from "../../../../lib/oci/blob-directory";
import { HttpTransport } from "../../../../lib/oci/transport/http";
import { failingWhenRead } from "../../../../lib/oci/transport/failing-when-read";
import { paced } from "../../../../lib/oci/transport/pace";
import { downloadFile } from "../../../../lib/release/download";

/** Other work between an answer and its first read, long enough for a connection to break in it. */
const otherWorkMs = 50;

describe("a body that breaks before it is read", () => {
  let server: Server;
  let url: URL;

  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write("the beginning");
      setImmediate(() => response.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  after(() => server.close());

  it("fails its reader, and not the process", async () => {
    const transport = new HttpTransport();
    try {
      const response = await transport.send({ method: "GET", url });
      await sleep(otherWorkMs);
      await assert.rejects(response.bytes(2_000_000), /aborted|closed|terminated|reset/);
    } finally {
      await transport.close();
    }
  });

  it("of fetch likewise", async () => {
    const { body } = await fetch(url);
    assert.ok(body);
    const chunks = paced(failingWhenRead(Readable.fromWeb(body)));
    await sleep(otherWorkMs);
    await assert.rejects(async () => {
      for await (const chunk of chunks) assert.ok(chunk.length > 0);
    }, /terminated/);
  });

  it("of a folder: a file that is not there is told of, wherever the process is then", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-broken-body-"));
    try {
      const missing = path.join(folder, "missing.tar.gz");
      for (let run = 0; run < 20; run++) {
        await assert.rejects(
          downloadFile(
            missing,
            path.join(folder, "kept", "file"),
            [`sha256:${"0".repeat(64)}`],
            () => undefined,
          ),
          /missing\.tar\.gz: there is no such file/,
        );
      }
      const blobs = new BlobDirectory(folder, "the cache");
      const reading = blobs.read({ digest: `sha256:${"0".repeat(64)}`, size: 1 });
      await sleep(otherWorkMs);
      await assert.rejects(reading.toArray(), /ENOENT/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
