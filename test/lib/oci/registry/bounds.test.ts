import assert from "node:assert/strict";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { digestOf } from "../../../../lib/oci/digest";
import { MediaType } from "../../../../lib/oci/media-types";
import { nextPage } from "../../../../lib/oci/registry/pagination";
import { parseRepository } from "../../../../lib/oci/reference";
import { bundleMediaType } from "../../../../lib/sigstore/bundle";
import { assertLinear } from "../../../support/growth";
import { answer, drip, endless, json } from "../../../support/hostile/behaviors";
import { jsonContent } from "../../../support/hostile/image";
import { startHostileRegistry, type HostileRegistry } from "../../../support/hostile/registry";
import type { Behavior } from "../../../support/hostile/exchange";
import { measuredRun } from "../../../support/peak-memory";
import { TestClients } from "./fixtures";

const MiB = 1024 * 1024;
/** What a run may take for anything that a registry sends, in bytes. */
const allowedBytes = 250 * MiB;

describe("a registry that gives too much, or too slowly", function () {
  this.timeout(120_000);
  const clients = new TestClients();
  let registry: HostileRegistry;

  beforeEach(async () => {
    registry = await startHostileRegistry();
  });
  afterEach(() => registry.stop());
  after(() => clients.close());

  const open = (attempts = 2) =>
    clients
      .open({ retry: { attempts, baseDelayMs: 1 }, pace: { bytes: 1024, windowMs: 150 } })
      .repository(parseRepository(registry.repository));

  /** Pages of tags without end. */
  const pages = (tagsOf: (page: number) => unknown[]): Behavior => {
    let page = 0;
    return (exchange) => {
      page++;
      const link = { link: `</v2/acme/app/tags/list?page=${page}>; rel="next"` };
      return json({ name: "acme/app", tags: tagsOf(page) }, link)(exchange);
    };
  };
  const manyTags = (page: number) => Array.from({ length: 60_000 }, (_, index) => `p${page}-${index}`);

  const lists: { title: string; tags: Behavior; error: RegExp; requests: number }[] = [
    { title: "pages without tags", tags: pages(() => []), error: /51 of its pages in a row/, requests: 51 },
    {
      title: "the same tag for ever",
      tags: pages(() => ["v1"]),
      error: /51 of its pages in a row/,
      requests: 52,
    },
    {
      title: "one page that names itself",
      tags: json({ tags: ["v1"] }, { link: `</v2/acme/app/tags/list>; rel="next"` }),
      error: /names an earlier one/,
      requests: 1,
    },
    {
      title: "a page of a million empty objects",
      tags: answer(200, `{"tags":[${"{},".repeat(1_000_000)}{}]}`),
      error: /not the JSON/,
      requests: 1,
    },
    {
      title: "a page of a thousand levels",
      tags: answer(200, `{"tags":${"[".repeat(1000)}${"]".repeat(1000)}}`),
      error: /not the JSON/,
      requests: 1,
    },
    {
      title: "a page that comes a byte at a time",
      tags: drip(10),
      error: /fewer than 1024 bytes/,
      requests: 2,
    },
  ];
  for (const { title, tags, error, requests } of lists) {
    it(`does not list ${title}`, async () => {
      registry.fail("tags", tags);
      await assert.rejects(open().listTags(), (thrown: Error) => {
        assert.match(thrown.message, error);
        if (/list does not end/.test(thrown.message)) assert.doesNotMatch(thrown.message, /HTTP 200/);
        return true;
      });
      assert.equal(registry.requests.length, requests);
    });
  }

  it("does not wait for a blob that comes a byte at a time", async () => {
    registry.fail("layer", drip(10, undefined, { "content-length": registry.image.layer.bytes.length }));
    await assert.rejects(
      async () => buffer(await open().getBlob(registry.image.layer.descriptor)),
      /fewer than 1024 bytes/,
    );
    assert.equal(registry.requests.length, 2);
  });

  it("does not wait for an explanation that comes a byte at a time", async () => {
    registry.fail("manifest", async (exchange) => {
      exchange.response.statusCode = 403;
      const writeHead = exchange.response.writeHead.bind(exchange.response);
      exchange.response.writeHead = () => writeHead(403);
      await drip(10)(exchange);
    });
    await assert.rejects(open(1).getManifest("1.0.0"), /HTTP 403/);
  });

  it("asks no more often for a blob that breaks off at each byte", async () => {
    const { bytes, descriptor } = registry.image.layer;
    registry.fail("layer", ({ request, response }) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const length = bytes.length - start;
      const range = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(start > 0 ? 206 : 200, { "content-length": length, ...(start > 0 ? range : {}) });
      response.write(bytes.subarray(start, start + 1), () => response.destroy());
    });
    await assert.rejects(async () => buffer(await open(4).getBlob(descriptor)), /downloading blob/);
    assert.equal(registry.requests.length, 4);
  });

  it("reads a Link header in its share of time", async () => {
    const base = new URL("http://127.0.0.1/");
    const link = (size: number) => "<".repeat(size);
    await assertLinear(20_000, link, (text) => nextPage(text, base));
    await assertLinear(
      20_000,
      (size) => `<x>${"; rel".repeat(size)}`,
      (text) => nextPage(text, base),
    );
  });

  const memory: { what: string; title: string; set: () => void; error: RegExp }[] = [
    {
      what: "tags",
      title: "a list of tags that does not end",
      set: () => registry.fail("tags", pages(manyTags)),
      error: /more than 500000 entries/,
    },
    {
      what: "tags",
      title: "a page that does not end",
      set: () => registry.fail("tags", endless()),
      error: /larger than/,
    },
    {
      what: "manifest",
      title: "a manifest that does not end",
      set: () => registry.fail("manifest", endless({ "content-type": MediaType.ociManifest })),
      error: /larger than/,
    },
    {
      what: "referrers",
      title: "referrers without end",
      set: () => {
        let page = 0;
        registry.fail("referrers", (exchange) => {
          page++;
          const manifests = Array.from({ length: 20_000 }, (_, index) => ({
            mediaType: MediaType.ociManifest,
            digest: digestOf(`${page}-${index}`),
            size: 1,
          }));
          const path = (exchange.request.url ?? "").split("?")[0];
          const link = { link: `<${path}?page=${page}>; rel="next"` };
          return json({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }, link)(exchange);
        });
      },
      error: /more than \d+ bytes/,
    },
    {
      what: "bundles",
      title: "bundles of 23 MiB",
      set: () => holdBundles(4, 23 * MiB),
      error: /^4 bundles$/,
    },
    {
      what: "bundles",
      title: "bundles of 23 MiB that name a character of two bytes",
      set: () => holdBundles(4, 23 * MiB, "\\u0100"),
      error: /^0 bundles$/,
    },
    {
      what: "bundles",
      title: "bundles of 23 MiB with a character of two bytes",
      set: () => holdBundles(4, 23 * MiB, "\u0100"),
      error: /^0 bundles$/,
    },
    {
      what: "bundles",
      title: "bundles of 38 MiB",
      set: () => holdBundles(2, 38 * MiB),
      error: /^0 bundles$/,
    },
  ];
  for (const { what, title, set, error } of memory) {
    it(`takes less than 250 MiB for ${title}`, async () => {
      set();
      const script = join(__dirname, "bounded-process.ts");
      const digest = registry.image.manifest.descriptor.digest;
      const run = await measuredRun(script, [what, registry.repository, digest]);
      assert.match(run.error ?? "", error);
      assert.ok(run.grown < allowedBytes, `grew by ${run.grown} bytes`);
    });
  }

  /** Bundles that refer to the image; each is made when it is asked for. */
  function holdBundles(count: number, size: number, start = ""): void {
    const text = (index: number) =>
      `{"mediaType":${JSON.stringify(bundleMediaType)},"verificationMaterial":{"publicKey":{}},"dsseEnvelope":{"payload":"` +
      `${start}${String(index).padStart(4, "0")}${"A".repeat(size)}","payloadType":"x","signatures":[{"sig":"AAAA"}]}}`;
    const referrers = Array.from({ length: count }, (_, index) => {
      const bytes = Buffer.from(text(index));
      const layer = { mediaType: bundleMediaType, digest: digestOf(bytes), size: bytes.length };
      registry.on("GET", new RegExp(`/blobs/${layer.digest}`), answer(200, bytes));
      const { mediaType, digest, size: subjectSize } = registry.image.manifest.descriptor;
      const manifest = jsonContent(MediaType.ociManifest, {
        schemaVersion: 2,
        mediaType: MediaType.ociManifest,
        artifactType: bundleMediaType,
        config: { mediaType: MediaType.ociEmpty, digest: digestOf("{}"), size: 2 },
        layers: [layer],
        subject: { mediaType, digest, size: subjectSize },
      });
      registry.hold(manifest);
      return { ...manifest.descriptor, artifactType: bundleMediaType };
    });
    registry.fail(
      "referrers",
      json({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: referrers }),
    );
  }
});
