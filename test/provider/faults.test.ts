import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Descriptor } from "../../lib/oci/types";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import { freePort } from "../support/processes";
import type { Held, ProviderProcess } from "../support/provider-process";
import type { FaultRule } from "../support/proxy";
import { startDistribution } from "../support/registries";
import { startTokenServer, type TokenServer } from "../support/token-server";
import { requireTools } from "../support/tools";
import { pushBase } from "./base-images";
import { manifestOf, validate } from "./published-image";
import { registryKinds, textLayer, uniqueText, useWorkbench, Workbench } from "./workbench";

const image = "slipway:oci:Image";
const index = "slipway:oci:Index";
const tag = "slipway:oci:Tag";
const platform = "linux/amd64";

const uploads = /\/blobs\/uploads\//;
const manifests = /\/manifests\//;

for (const { name, start } of registryKinds) {
  describe(`faults on the way to ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    let repository: string;

    useWorkbench({ start, tools: ["registry", "crane"], folder: "faults/test" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    function newImage(): Properties {
      return { repository, platform, layers: [textLayer()] };
    }

    /** A layer that is uploaded in a stream of many pieces, not in one request. */
    async function largeImage(): Promise<Properties> {
      const source = await bench.write(`large-${serial}`, randomBytes(20_000_000));
      const files = [{ to: "/large", source }];
      return { repository, platform, layers: [{ files, compression: "none" }] };
    }

    /** What to do, and how to find out afterwards that it was done. */
    interface Deed {
      name: string;
      run: () => Promise<unknown>;
      judge: () => Promise<void>;
      /** Every kind of request that the deed makes. */
      requests: Pick<FaultRule, "method" | "path">[];
    }

    /**
     * All that the provider does with a registry, ready to be done; each in a repository of its
     * own.
     */
    async function deeds(): Promise<Deed[]> {
      const place = (deed: string) => {
        const repository = bench.repository(`faults/${deed}-${serial}`);
        const request = (method: string, target: string) => ({
          method,
          path: new RegExp(`/faults/${deed}-${serial}/${target}`),
        });
        const create = () => provider.create(image, { repository, platform, layers: [textLayer()] });
        return { repository, request, create };
      };

      const imageDeed = (): Deed => {
        const { create, request } = place("image");
        let held: Held;
        return {
          name: "create of an image",
          run: async () => (held = await create()),
          judge: () => validate(bench.direct(held.state.reference)),
          requests: [
            request("HEAD", "manifests/"),
            request("HEAD", "blobs/sha256"),
            request("POST", "blobs/uploads/"),
            // The other one has taken a blob by POST before.
            ...(name === registryKinds[0]?.name ? [request("PUT", "blobs/uploads/")] : []),
            request("PUT", "manifests/"),
          ],
        };
      };
      const indexDeed = async (): Promise<Deed> => {
        const { repository, create, request } = place("index");
        const { descriptor } = (await create()).state;
        let held: Held;
        return {
          name: "create of an index",
          run: async () => (held = await provider.create(index, { repository, manifests: [descriptor] })),
          judge: () => validate(bench.direct(held.state.reference)),
          requests: [request("PUT", "manifests/")],
        };
      };
      const tagDeed = async (): Promise<Deed> => {
        const { repository, create, request } = place("tag");
        const { digest } = (await create()).state;
        // Another process has to read what it puts under the tag.
        const another = await bench.provider();
        return {
          name: "create of a tag",
          run: () => another.create(tag, { repository, tag: "v1", digest, moves: "never" }),
          judge: async () => assert.equal(await bench.digestOf(`${repository}:v1`), digest),
          requests: [
            request("HEAD", "manifests/"),
            request("GET", "manifests/"),
            request("PUT", "manifests/"),
          ],
        };
      };
      const readDeed = async (): Promise<Deed> => {
        const { repository, create, request } = place("read");
        const { digest } = (await create()).state;
        const held = await provider.create(tag, { repository, tag: "v1", digest, moves: "never" });
        let observed: Held | undefined;
        return {
          name: "read of a tag",
          run: async () => (observed = await provider.read(held)),
          judge: async () => assert.deepEqual(observed, held),
          requests: [request("HEAD", "manifests/")],
        };
      };
      const all = [imageDeed(), await indexDeed(), await tagDeed(), await readDeed()];
      bench.forget();
      return all;
    }

    it("waits as long as a 429 says, whatever it is doing", async () => {
      const all = await deeds();
      const fault = { kind: "respond", status: 429, headers: { "retry-after": "1" } } as const;
      for (const { requests } of all) bench.proxy.inject({ ...requests.at(-1), nth: 1, fault });
      await Promise.all(
        all.map(async ({ name, run, judge }) => {
          const begun = Date.now();
          await run();
          const took = Date.now() - begun;
          assert.ok(took >= 1_000 && took < 4_000, `${name} took ${took} ms`);
          await judge();
        }),
      );
      assert.equal(bench.proxy.requests.filter(({ status }) => status === 429).length, all.length);
    });

    it("overcomes a 500 that comes twice, whatever it is doing and whatever the request", async () => {
      const all = await deeds();
      const fault = { kind: "respond", status: 500 } as const;
      for (const request of all.flatMap(({ requests }) => requests)) {
        bench.proxy.inject({ ...request, nth: [1, 2], fault });
      }
      await Promise.all(all.map(({ run }) => run()));
      for (const { method, path } of all.flatMap(({ requests }) => requests)) {
        const seen = bench.proxy.requests.filter(
          (request) => request.method === method && path?.test(request.path),
        );
        const failed = seen.filter(({ status }) => status === 500);
        assert.equal(failed.length, 2, `${method} ${String(path)}`);
      }
      for (const { judge } of all) await judge();
    });

    it("goes on with a blob after its connection dropped in the middle", async () => {
      const inputs = await largeImage();
      bench.proxy.inject({
        method: "PATCH",
        nth: 1,
        fault: { kind: "cut-request", afterBytes: 12_000_000 },
      });
      const held = await provider.create(image, inputs);
      assert.ok(bench.proxy.count("PATCH") >= 2);
      await crane(["validate", "--fast", "--remote", bench.direct(held.state.reference)]);
      await crane(["blob", `${bench.direct(repository)}@${assembled(held)}`]);
    });

    function assembled(held: Held): string {
      return (held.inputs.assembly as { digest: string }[])[0]?.digest ?? "";
    }

    describe("reading a base", () => {
      let source: Workbench;
      let base: string;

      before(async () => {
        source = await Workbench.open(start);
      });
      beforeEach(async () => {
        source.proxy.reset();
        base = source.repository(`bases/test-${serial}:1`);
        await pushBase(source.direct(base), {
          files: { "etc/base": randomBytes(300_000).toString("base64") },
        });
      });
      after(() => source?.close());

      const aBlob = /\/blobs\/sha256/;
      /** The base's configuration is the first blob that is read, its layer the second. */
      const aLayer = { method: "GET", path: aBlob, nth: 2 };

      it("overcomes a layer that breaks off", async () => {
        source.proxy.inject({ ...aLayer, fault: { kind: "cut-response", afterBytes: 100_000 } });
        const held = await provider.create(image, { ...newImage(), base });
        assert.equal(source.proxy.requests.filter(({ path }) => aBlob.test(path)).length, 3);
        await validate(bench.direct(held.state.reference));
      });

      it("overcomes a manifest that breaks off", async () => {
        source.proxy.inject({
          ...{ method: "GET", path: manifests, nth: 1 },
          fault: { kind: "cut-response", afterBytes: 100 },
        });
        const held = await provider.create(image, { ...newImage(), base });
        assert.equal(source.proxy.count("GET", manifests), 2);
        await validate(bench.direct(held.state.reference));
      });

      it("publishes nothing with a layer that is corrupted, says which, and is fine once it is", async () => {
        const inputs = { ...newImage(), base };
        source.proxy.inject({ ...aLayer, fault: { kind: "corrupt-response" } });
        const { digest } = await provider.check(image, inputs);
        await assert.rejects(
          provider.create(image, inputs),
          /blob sha256:[0-9a-f]{64} of .*bases\/test-\d+: content does not match/,
        );
        assert.equal(await bench.digestOf(`${repository}@${String(digest)}`), undefined);
        const held = await provider.create(image, inputs);
        await validate(bench.direct(held.state.reference));
      });

      for (const [what, path] of [
        ["manifest", manifests],
        ["configuration", aBlob],
      ] as const) {
        it(`refuses a ${what} that is corrupted before anything is sent`, async () => {
          source.proxy.inject({ method: "GET", path, nth: 1, fault: { kind: "corrupt-response" } });
          await assert.rejects(provider.create(image, { ...newImage(), base }), (error: Error) => {
            assert.match(error.message, /^base: .*does not match its digest or size|^base: .*is not JSON/);
            return true;
          });
          assert.deepEqual(bench.writeLines(), []);
        });
      }
    });

    describe("a registry that answers with another digest", () => {
      const digest = `sha256:${"0".repeat(64)}`;
      const fault = { kind: "headers", response: { "docker-content-digest": digest } } as const;

      it("to the push of a manifest", async () => {
        bench.proxy.inject({ method: "PUT", path: manifests, fault });
        await assert.rejects(
          provider.create(image, newImage()),
          new RegExp(`as stored.*expected sha256:.*got ${digest}`),
        );
      });

      it("to the question for a manifest by its digest", async () => {
        const held = await provider.create(image, newImage());
        bench.proxy.inject({ method: "HEAD", path: manifests, fault });
        await assert.rejects(provider.read(held), new RegExp(`does not match.*got ${digest}`));
      });

      it("to the push under a tag", async () => {
        const { state } = await provider.create(image, newImage());
        bench.proxy.inject({ method: "PUT", path: manifests, fault });
        await assert.rejects(
          provider.create(tag, { repository, tag: "v1", digest: state.digest, moves: "never" }),
          new RegExp(`got ${digest}`),
        );
      });

      it("with another manifest under a digest", async () => {
        const { state } = await provider.create(image, newImage());
        const another = await bench.provider();
        bench.proxy.inject({ method: "GET", path: manifests, fault: { kind: "corrupt-response" } });
        await assert.rejects(
          another.create(tag, { repository, tag: "v1", digest: state.digest, moves: "never" }),
          new RegExp(`expected ${String(state.digest)}`),
        );
        assert.equal(await bench.digestOf(`${repository}:v1`), undefined);
      });
    });

    for (const [what, status, body, said, hint] of [
      [
        "forbidden",
        403,
        `{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}`,
        /HTTP 403 \(DENIED: requested access to the resource is denied\)/,
        /does not allow this without credentials: run "docker login 127\.0\.0\.1/,
      ],
      [
        "read-only",
        405,
        `{"errors":[{"code":"UNSUPPORTED","message":"The registry is in read-only mode"}]}`,
        /HTTP 405 \(UNSUPPORTED: The registry is in read-only mode\)/,
        /may be read-only or a pull-through cache/,
      ],
      [
        "full",
        507,
        "quota of project acme exceeded\n",
        /HTTP 507 \(quota of project acme exceeded\)/,
        /storage is full, or its quota is used up/,
      ],
    ] as [string, number, string, RegExp, RegExp][]) {
      it(`tells that the registry is ${what} in its words and what to do, and does not try again`, async () => {
        for (const [method, path] of [
          ["POST", uploads],
          ["PUT", manifests],
        ] as const) {
          bench.proxy.reset();
          bench.proxy.inject({ method, path, fault: { kind: "respond", status, body } });
          const inputs = { ...newImage(), layers: [], config: { labels: { serial: uniqueText() } } };
          await assert.rejects(provider.create(image, inputs), (error: Error) => {
            const [, test = ""] = repository.split("/faults/");
            assert.match(error.message, new RegExp(`(uploading|pushing) .*faults/${test}`));
            assert.match(error.message, new RegExp(`${method} ${bench.proxy.host}/v2/faults/${test}/`));
            assert.match(error.message, said);
            assert.match(error.message, hint);
            assert.doesNotMatch(error.message, /^\s+at /m);
            return true;
          });
          assert.equal(bench.proxy.count(method, path), 1);
        }
      });
    }

    it("ends the other blobs with the one that failed: nothing goes on behind the report", async () => {
      bench.proxy.inject({
        method: "POST",
        path: uploads,
        nth: 1,
        fault: { kind: "delay", milliseconds: 500 },
      });
      bench.proxy.inject({ method: "POST", path: uploads, fault: { kind: "respond", status: 403 } });
      await assert.rejects(provider.create(image, newImage()), /HTTP 403/);
      bench.forget();
      await sleep(1_000);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("overcomes a lost answer to any single request of a publication", async () => {
      const count = await requestsOfPublication();
      const publications = await Promise.all(
        Array.from({ length: count }, async (_, k) => {
          const repository = bench.repository(`lost/request-${k + 1}`);
          bench.proxy.inject({
            path: new RegExp(`/lost/request-${k + 1}/`),
            nth: k + 1,
            fault: { kind: "lose-response" },
          });
          return publish(provider, publicationOf(repository));
        }),
      );
      for (const { reference, digest } of publications) {
        assert.equal(await bench.digestOf(reference), digest);
        await validate(bench.direct(reference));
      }
    });

    it("after an outage from any request on, completes with the next attempt and sends no blob twice", async () => {
      const count = await requestsOfPublication();
      const outages = Array.from({ length: count }, (_, k) => {
        const repository = bench.repository(`outage/request-${k + 1}`);
        const path = new RegExp(`/outage/request-${k + 1}/`);
        // The registry does what it is asked last, and nobody hears of it.
        bench.proxy.inject({ path, nth: k + 1, fault: { kind: "lose-response" } });
        const others = Array.from({ length: 1_000 }, (_, more) => k + 2 + more);
        bench.proxy.inject({ path, nth: others, fault: { kind: "swallow-request", afterBytes: 0 } });
        return { repository, publication: publicationOf(repository) };
      });
      const begun = Date.now();
      const outcomes = await Promise.allSettled(
        outages.map(({ publication }) => publish(provider, publication)),
      );
      const took = Date.now() - begun;
      assert.ok(took < 30_000, `an outage is found out after ${took} ms`);
      for (const outcome of outcomes) assert.equal(outcome.status, "rejected");

      bench.proxy.reset();
      const next = await bench.provider();
      const twin = await Workbench.open(start);
      try {
        const complete = async (publication: Publication) => {
          const { repository } = publication;
          await assertWhole(`${repository}:v1.0.0`);
          const missing = await missingBytes(publication, await blobsOf(twin, publication));
          const { reference, digest } = await publish(next, publication);
          assert.equal(await bench.digestOf(reference), digest);
          await validate(bench.direct(reference));
          const sent = bench.blobBytesSent(repository);
          assert.equal(sent, missing, `${repository} lacked ${missing} bytes, and ${sent} were sent`);
        };
        await Promise.all(outages.map(({ publication }) => complete(publication)));
      } finally {
        await twin.close();
      }
    });

    /** What is published in one go: two images, their index, and a tag. */
    interface Publication {
      repository: string;
      images: Properties[];
    }

    function publicationOf(repository: string): Publication {
      const images = ["linux/amd64", "linux/arm64"].map((platform) => ({
        repository,
        platform,
        layers: [textLayer()],
      }));
      return { repository, images };
    }

    /** In the order of the engine: what depends on another comes after it. */
    async function publish(
      by: ProviderProcess,
      { repository, images }: Publication,
    ): Promise<{ reference: string; digest: unknown }> {
      const manifests: unknown[] = [];
      for (const inputs of images) manifests.push((await by.create(image, inputs)).state.descriptor);
      const { digest } = (await by.create(index, { repository, manifests })).state;
      await by.create(tag, { repository, tag: "v1.0.0", digest, moves: "never" });
      return { reference: `${repository}:v1.0.0`, digest };
    }

    async function requestsOfPublication(): Promise<number> {
      bench.forget();
      await publish(provider, publicationOf(bench.repository(`counted/${uniqueText()}`)));
      const count = bench.proxy.requests.length;
      bench.proxy.reset();
      assert.ok(count >= 14, `only ${count} requests`);
      return count;
    }

    /** A tag leads to something whole, or is not there. */
    async function assertWhole(reference: string): Promise<void> {
      if ((await bench.digestOf(reference)) !== undefined) await validate(bench.direct(reference));
    }

    /** Bytes of the blobs of a publication that the registry lacks. */
    async function missingBytes({ repository }: Publication, blobs: readonly Descriptor[]): Promise<number> {
      const [host = "", ...path] = bench.direct(repository).split("/");
      let bytes = 0;
      for (const { digest, size } of blobs) {
        const url = `http://${host}/v2/${path.join("/")}/blobs/${digest}`;
        const { status } = await fetch(url, { method: "HEAD" });
        if (status === 404) bytes += size;
        else assert.equal(status, 200, url);
      }
      return bytes;
    }

    /** The blobs of a publication, found out by publishing it elsewhere. */
    async function blobsOf(twin: Workbench, { images }: Publication): Promise<Descriptor[]> {
      const blobs: Descriptor[] = [];
      for (const inputs of images) {
        const held = await provider.create(image, { ...inputs, repository: twin.repository("twin") });
        const { config, layers } = await manifestOf(twin.direct(held.state.reference));
        blobs.push(config, ...layers);
      }
      return blobs;
    }
  });
}

describe("a token that ends too early", () => {
  let tokens: TokenServer;
  let bench: Workbench;

  before(async function () {
    requireTools(this, "registry", "crane");
    tokens = await startTokenServer({ users: { alice: "secret of alice" } });
    bench = await Workbench.open(() => startDistribution({ auth: tokens }));
  });
  after(async () => {
    await bench?.close();
    await tokens?.stop();
  });

  it("is renewed once, in the middle of a run", async () => {
    const provider = await bench.provider({
      registries: [{ host: bench.proxy.host, username: "alice", password: "secret of alice" }],
    });
    const repository = bench.repository("tokens/renewed");
    // The registry allows for 60 s between clocks, so this token works for two more seconds; its
    // answer says 300.
    tokens.behavior.lifetime = -58;
    tokens.behavior.expiresIn = 300;
    const first = await provider.create(image, { repository, platform, layers: [textLayer()] });
    await sleep(3_000);
    tokens.behavior.lifetime = 300;
    bench.forget();
    const asked = tokens.requests.length;
    const { state } = await provider.create(image, { repository, platform, layers: [textLayer()] });
    await provider.create(tag, { repository, tag: "v1", digest: state.digest, moves: "never" });
    assert.ok(bench.proxy.requests.some(({ status }) => status === 401));
    const renewals = tokens.requests.slice(asked).map(({ scopes }) => scopes.join(" "));
    assert.equal(new Set(renewals).size, renewals.length, `asked twice for the same: ${renewals.join(", ")}`);
    assert.notEqual(state.digest, first.state.digest);
  });

  it("is given up on where the new one is refused too, without a word of the password", async () => {
    const provider = await bench.provider({
      registries: [{ host: bench.proxy.host, username: "alice", password: "wrong password" }],
    });
    const repository = bench.repository("tokens/refused");
    await assert.rejects(
      provider.create(image, { repository, platform, layers: [textLayer()] }),
      (error: Error) => {
        assert.match(error.message, /HTTP 401/);
        assert.match(
          error.message,
          /The credentials from the configuration \(user "alice"\) were refused: correct `username` and `password`/,
        );
        assert.ok(!error.message.includes("wrong password"), error.message);
        return true;
      },
    );
  });
});

describe("a registry that is not there", () => {
  it("is named, with what to do, by every resource type", async function () {
    requireTools(this, "registry", "crane");
    const bench = await Workbench.open(registryKinds[0]!.start);
    try {
      const provider = await bench.provider();
      const host = `127.0.0.1:${await freePort()}`;
      const repository = `${host}/nobody/home`;
      const digest = `sha256:${"0".repeat(64)}`;
      const manifest = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 2 };
      const attempts = [
        provider.create(image, { repository, platform, layers: [textLayer()] }),
        provider.create(image, { repository: bench.repository("a"), platform, base: `${repository}:1` }),
        provider.create(index, { repository, manifests: [manifest] }),
        provider.create(tag, { repository, tag: "v1", digest, moves: "never" }),
        provider.import(tag, `${repository}:v1`),
      ];
      for (const attempt of await Promise.allSettled(attempts)) {
        assert.equal(attempt.status, "rejected");
        const { message } = attempt.reason as Error;
        assert.ok(
          message.includes(`Nothing listens at ${host}: is the registry running, and is the port right?`),
          message,
        );
      }
    } finally {
      await bench.close();
    }
  });
});
