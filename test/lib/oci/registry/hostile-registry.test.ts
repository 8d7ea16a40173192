import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DigestMismatchError } from "../../../../lib/oci/errors";
import { parseRepository } from "../../../../lib/oci/reference";
import { makeCertificate, type ServerCertificate } from "../../../support/certificates";
import { answer, redirect } from "../../../support/hostile/behaviors";
import {
  startHostileRegistry,
  type HostileRegistry,
  type RegistryFault,
} from "../../../support/hostile/registry";
import { startHostileServer, type HostileServer } from "../../../support/hostile/server";
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

  describe("that sends an upload", () => {
    let elsewhere: HostileServer;
    let elsewhereTls: HostileServer;

    beforeEach(async () => {
      elsewhere = await startHostileServer();
      elsewhereTls = await startHostileServer({ tls });
    });
    afterEach(async () => {
      await elsewhere.stop();
      await elsewhereTls.stop();
    });

    const places: [name: string, place: () => string, message: RegExp][] = [
      ["out of TLS to another host", () => elsewhere.url, /sends the upload from https to http/],
      ["out of TLS to its own host", () => `http://127.0.0.1:${elsewhere.port}`, /from https to http/],
      ["to another host", () => elsewhereTls.url, /to another host, 127\.0\.0\.1:\d+.*uploadHosts/],
      ["to its host under another name", () => `https://localhost:${registry.port}`, /to another host/],
      ["nowhere", () => "https://[", /not a URL/],
      ["to a file", () => "file:///etc", /sends the upload to file:/],
    ];
    const ways: [name: string, part: RegistryFault, status: number, mountFrom?: string][] = [
      ["on opening it", "upload", 202],
      ["on declining to mount", "upload", 202, "acme/other"],
      ["after the first bytes", "chunk", 202],
      ["by a redirect", "commit", 307],
    ];
    for (const [where, place, message] of places) {
      for (const [when, part, status, mountFrom] of ways) {
        it(`${where} ${when}`, async () => {
          registry.fail(part, redirect(`${place()}/take`, status));
          const blob = randomBlob(100_000);
          const repository = clients
            .open({
              credentials: [
                { host: registry.host, caFile: tls.caFile, username: "alice", password: "hunter22" },
              ],
              upload: part === "chunk" ? { monolithicBytes: 1000, chunkBytes: 10_000 } : {},
            })
            .repository(parseRepository(registry.repository));
          await assert.rejects(
            repository.putBlob(blob, blob.source, { mountFrom }),
            part === "commit" ? /not followed|not a URL/ : message,
          );
          assert.deepEqual([...elsewhere.requests, ...elsewhereTls.requests], []);
        });
      }
    }

    it("to itself by a name that it has behind a proxy, and says what to set there", async () => {
      registry.fail("upload", redirect("https://registry:5000/v2/acme/app/blobs/uploads/1", 202));
      const blob = randomBlob(1000);
      await assert.rejects(
        open().putBlob(blob, blob.source),
        /another host, registry:5000.*Location header is to blame.*X-Forwarded-Host.*http\.relativeurls/,
      );
    });

    const locations: [name: string, location: string, target: string][] = [
      ["without the port that it was reached on", "https://127.0.0.1/take?_state=1", "/take?_state=1&"],
      ["without port and TLS", "http://127.0.0.1/take", "/take?"],
      ["relative to its origin", "/prefix/take", "/prefix/take?"],
      ["relative to the path", "one/take", "/v2/acme/app/blobs/uploads/one/take?"],
      [
        "with a query that is signed",
        "/take?_state=a%2Bb~c%20d+e&f=%7e",
        "/take?_state=a%2Bb~c%20d+e&f=%7e&",
      ],
    ];
    for (const [name, location, target] of locations) {
      it(`to an address ${name}`, async () => {
        const blob = randomBlob(1000);
        registry.on("PUT", new RegExp(`^${target.split("?")[0]}\\?`), answer(201));
        registry.fail("upload", redirect(location, 202));
        assert.equal(await open().putBlob(blob, blob.source), "uploaded");
        const put = registry.requests.find(({ method }) => method === "PUT");
        assert.equal(put?.path, `${target}digest=${encodeURIComponent(blob.digest)}`);
      });
    }

    it("to a host that is declared", async () => {
      const blob = randomBlob(1000);
      elsewhereTls.on("PUT", "/take", answer(201));
      registry.fail("upload", redirect(`${elsewhereTls.url}/take`, 202));
      const repository = clients
        .open({
          credentials: [{ host: registry.host, caFile: tls.caFile, uploadHosts: [elsewhereTls.host] }],
        })
        .repository(parseRepository(registry.repository));
      assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
      assert.equal(elsewhereTls.requests[0]?.bodyBytes, 1000);
      assert.doesNotMatch(elsewhereTls.transcript(), /authorization/);
    });

    it("out of TLS to a host that is declared", async () => {
      const blob = randomBlob(1000);
      registry.fail("upload", redirect(`${elsewhere.url}/take`, 202));
      const repository = clients
        .open({ credentials: [{ host: registry.host, caFile: tls.caFile, uploadHosts: [elsewhere.host] }] })
        .repository(parseRepository(registry.repository));
      await assert.rejects(repository.putBlob(blob, blob.source), /from https to http/);
      assert.deepEqual(elsewhere.requests, []);
    });
  });
});
