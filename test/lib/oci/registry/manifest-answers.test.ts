import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { MediaType } from "../../../../lib/oci/media-types";
import { parseRepository } from "../../../../lib/oci/reference";
import { answer, redirect } from "../../../support/hostile/behaviors";
import type { Behavior } from "../../../support/hostile/exchange";
import { startHostileRegistry, type HostileRegistry } from "../../../support/hostile/registry";
import { startHostileServer, type HostileServer } from "../../../support/hostile/server";
import { TestClients } from "./fixtures";

describe("the answers about a manifest", () => {
  const clients = new TestClients();
  let registry: HostileRegistry;
  let storage: HostileServer;
  beforeEach(async () => {
    registry = await startHostileRegistry();
    storage = await startHostileServer();
  });
  afterEach(async () => {
    await registry.stop();
    await storage.stop();
  });
  after(() => clients.close());

  const open = () => clients.open().repository(parseRepository(registry.repository));
  const digestOf = () => registry.image.manifest.descriptor.digest;

  describe("to HEAD are asked of GET", () => {
    const type = { "content-type": MediaType.ociManifest };
    const heads: [what: string, headers: () => Record<string, string | undefined>][] = [
      ["they have no length", () => ({ ...type, "content-length": undefined })],
      ["they have a length of 0", () => ({ ...type, "content-length": "0" })],
      ["they have no type", () => ({ "content-length": "10" })],
      ["they have the type of bytes", () => ({ "content-type": "application/octet-stream" })],
    ];
    for (const [what, headers] of heads) {
      it(`where ${what}`, async () => {
        registry.on("HEAD", /\/manifests\//, headOf(headers()));
        for (const reference of ["1.0.0", digestOf()]) {
          assert.deepEqual(await open().headManifest(reference), registry.image.manifest.descriptor);
        }
      });
    }
  });

  describe("redirect to storage", () => {
    const { ociManifest, ociIndex } = MediaType;
    const contents: [what: string, content: object, mediaType: string][] = [
      ["a manifest", { schemaVersion: 2, config: {}, layers: [] }, ociManifest],
      ["an index", { schemaVersion: 2, manifests: [] }, ociIndex],
      [
        "a manifest of Docker",
        { schemaVersion: 2, mediaType: MediaType.dockerManifest },
        MediaType.dockerManifest,
      ],
    ];
    for (const [what, content, mediaType] of contents) {
      it(`that knows the bytes only, for ${what}`, async () => {
        storage.on(
          "GET",
          "/bucket",
          answer(200, JSON.stringify(content), { "content-type": "binary/octet-stream" }),
        );
        registry.fail("manifest", redirect(`${storage.url}/bucket`, 307));
        const { descriptor, bytes } = await open().getManifest("1.0.0");
        assert.equal(descriptor.mediaType, mediaType);
        assert.equal(bytes.toString(), JSON.stringify(content));
      });
    }

    it("with whole blobs", async () => {
      const { layer } = registry.image;
      storage.on("GET", "/bucket", answer(200, layer.bytes));
      registry.fail("layer", redirect(`${storage.url}/bucket`, 307));
      assert.deepEqual(await buffer(await open().getBlob(layer.descriptor)), layer.bytes);
    });
  });

  describe("redirect to a web page, which is named", () => {
    const words = (there: string) =>
      new RegExp(`${there}, to which ${registry.host} redirects answers with a web page`);
    const asks: [what: string, ask: () => Promise<unknown>][] = [
      ["for a manifest", () => open().getManifest("1.0.0")],
      ["for whether it is there", () => open().headManifest("1.0.0")],
      ["for a blob", async () => buffer(await open().getBlob(registry.image.layer.descriptor))],
      ["for the size of a blob", () => open().blobSize(registry.image.layer.descriptor.digest, 5)],
      ["for the tags", () => open().listTags()],
    ];
    for (const [what, ask] of asks) {
      it(what, async () => {
        const page = answer(200, "<html>Sign in</html>", { "content-type": "text/html; charset=utf-8" });
        for (const method of ["GET", "HEAD"]) {
          storage.on(method, "/login", page);
          registry.on(method, /^\/v2\/acme\//, redirect(`${storage.url}/login`, 303));
        }
        await assert.rejects(ask(), words(storage.host));
      });
    }

    it("or are one themselves", async () => {
      registry.fail("manifest", answer(200, "<html>", { "content-type": "text/html" }));
      await assert.rejects(
        open().getManifest("1.0.0"),
        new RegExp(`\n${registry.host} answers with a web page`),
      );
    });
  });
});

function headOf(headers: Record<string, string | undefined>): Behavior {
  return ({ response }) => {
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200).end();
  };
}
