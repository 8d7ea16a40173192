import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { HttpTransport, type HttpRequest } from "../../../../lib/oci/transport/http";
import { countingSent } from "../../../../lib/oci/transport/sent-bytes";

describe("what a piece of work sends", () => {
  let server: Server;
  let url: URL;
  let received: number;

  before(async () => {
    server = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => (received += chunk.length)).on("end", () => response.end());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  after(() => server?.close());

  it("is counted as the other side counts it, each work by itself, side by side", async () => {
    received = 0;
    const http = new HttpTransport();
    const send = async (body: HttpRequest["body"]) => {
      const answer = await http.send({
        method: body === undefined ? "GET" : "PUT",
        url,
        ...(body && { body }),
      });
      await answer.discard();
    };
    const [first, second] = [{ bytes: 0 }, { bytes: 0 }];
    try {
      await send("counted for nobody");
      const stream = { open: () => Readable.from([Buffer.alloc(70_000), Buffer.alloc(9)]), length: 70_009 };
      await Promise.all([
        countingSent(first, async () => {
          await send("äöü");
          await send(stream);
        }),
        countingSent(second, async () => {
          await send(undefined);
          await send(Buffer.alloc(1000));
        }),
      ]);
    } finally {
      await http.close();
    }
    assert.deepEqual([first.bytes, second.bytes], [70_015, 1000]);
    assert.equal(received, 70_015 + 1000 + "counted for nobody".length);
  });
});
