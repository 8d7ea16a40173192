import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { definitions } from "../../resources/definitions/definitions";
import { CheckFailed, ProviderProcess } from "../support/provider-process";
import type { Fault } from "../support/proxy";
import { startDistribution } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { manifestOf } from "./published-image";
import { textLayer, Workbench } from "./workbench";

const image = "slipway:oci:Image";
const platform = "linux/amd64";

describe("the provider as a plugin", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-protocol-"));
    provider = await ProviderProcess.launch(project);
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true });
  });

  /** What is read of a package schema. */
  interface PackageSchema {
    name: string;
    version: string;
    resources: Record<string, Record<"inputProperties" | "properties", Record<string, object>>>;
    types: Record<string, object>;
  }

  it("has a schema of all resource types, in which every reference leads somewhere", async () => {
    const text = await provider.schema();
    const schema = JSON.parse(text) as PackageSchema;
    assert.equal(schema.name, "slipway");
    assert.match(schema.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(Object.keys(schema.resources).sort(), definitions.map(({ token }) => token).sort());
    for (const { token, inputs, outputs } of definitions) {
      const resource = schema.resources[token];
      assert.deepEqual(Object.keys(resource?.inputProperties ?? {}), Object.keys(inputs.shape), token);
      for (const output of Object.keys(outputs.shape))
        assert.ok(output in (resource?.properties ?? {}), output);
    }
    const references = [...text.matchAll(/"\$ref":"#\/types\/([^"]+)"/g)].map(([, type]) => type ?? "");
    assert.ok(references.length > 0);
    for (const type of references) assert.ok(type in schema.types, type);
  });

  it("takes an engine that attaches to it, and shows its messages there", async () => {
    const attached = await ProviderProcess.launch(project, {}, undefined, true);
    try {
      await attached.configure({ buildAtPreview: false });
      const inputs = { command: "true", sources: ["file"], outputs: ["file"] };
      await writeFile(path.join(project, "file"), "");
      await attached.create("slipway:build:Command", inputs, true);
      assert.deepEqual(attached.messages, ["unknown until built: commands do not run at preview here"]);
    } finally {
      await attached.stop();
    }
  });

  describe("checks its configuration", () => {
    it("and accepts a good one", async () => {
      await provider.checkConfig({});
      await provider.checkConfig({
        registries: [{ host: "ghcr.io", username: "me", password: "hunter2", insecure: false }],
        buildAtPreview: false,
        concurrency: 4,
        version: "0.1.0",
      });
    });

    const password = "hunter2-of-nobody";
    for (const [what, config, property, reason] of [
      [
        "a host with credentials in it",
        { registries: [{ host: `https://me:${password}@ghcr.io` }] },
        "registries[0].host",
        /has the scheme "https:\/\/": give the host only \(a valid example: "ghcr\.io"/,
      ],
      [
        "a password in the place of the host",
        { registries: [{ host: `${password} `, username: "me", password }] },
        "registries[0].host",
        /not a host name|is not valid/,
      ],
      [
        "a password that is a list",
        { registries: [{ host: "ghcr.io", username: "me", password: [password] }] },
        "registries[0].password",
        /expected string/,
      ],
      [
        "an unknown field",
        { registries: [{ host: "ghcr.io", user: password }] },
        "registries[0].user",
        /unknown field; did you mean "username"\?/,
      ],
      ["an unknown option", { threads: 3 }, "threads", /unknown field; the fields here are registries/],
      [
        "a list that is not JSON",
        { registries: `ghcr.io=${password}` },
        "registries",
        /not valid JSON.*"ghcr\.io"/,
      ],
      ["an object for a list", { registries: { host: password } }, "registries", /expected array/],
      ["too many requests at once", { concurrency: 1000 }, "concurrency", /expected number to be <=64/],
      ["a yes for a true", { buildAtPreview: `"yes"` }, "buildAtPreview", /expected boolean/],
    ] as [string, Properties, string, RegExp][]) {
      it(`and refuses ${what}, without repeating a value`, async () => {
        await assert.rejects(provider.checkConfig(config), (error: CheckFailed) => {
          // The engine would print the value of a property that it is told.
          assert.deepEqual(
            error.failures?.map((failure) => [failure.property, failure.reason.split(": ")[0]]),
            [["", property]],
            error.message,
          );
          assert.match(error.message, reason);
          assert.ok(!error.message.includes(password), error.message);
          return true;
        });
        await assert.rejects(provider.configure(config), (error: Error) => {
          assert.match(error.message, reason);
          assert.ok(!error.message.includes(password), error.message);
          return true;
        });
      });
    }
  });

  it("says that it is not configured, and which resource types it has", async () => {
    const fresh = await ProviderProcess.launch(project);
    try {
      const inputs = { repository: "127.0.0.1:9/acme/hello", platform };
      await assert.rejects(fresh.check(image, inputs), /used before it is configured/);
      await assert.rejects(
        fresh.check("slipway:oci:Picture", {}),
        /has no resource type slipway:oci:Picture; it has .*slipway:oci:Image/,
      );
    } finally {
      await fresh.stop();
    }
  });

  it("gives unknown outputs for unknown inputs, and keeps what is known", async () => {
    await provider.configure({});
    const repository = "127.0.0.1:9/acme/hello";
    const noDigest = `sha256:${"0".repeat(64)}`;
    for (const [type, inputs, known, unknowns] of [
      [
        "slipway:build:Command",
        { command: ["make"], sources: ["*"], outputs: ["a"], env: { A: unknown } },
        { outputs: ["a"] },
        ["inputsDigest", "files"],
      ],
      [
        image,
        { repository, platform, config: { labels: { revision: unknown } } },
        { repository, platform },
        ["digest", "mediaType", "size", "totalSize", "reference", "descriptor"],
      ],
      [
        "slipway:oci:Index",
        { repository, manifests: [unknown] },
        { repository },
        ["digest", "mediaType", "size", "reference"],
      ],
      [
        "slipway:oci:Tag",
        { repository, tag: "v1", digest: unknown, moves: "highest", version: "v1.0.0" },
        { repository, tag: "v1", reference: `${repository}:v1` },
        ["digest", "mediaType"],
      ],
      [
        "slipway:oci:Tags",
        { repository, digest: unknown, tags: [{ tag: "v1", moves: "highest", version: "v1.0.0" }] },
        { repository, references: [`${repository}:v1`], pointers: { v1: unknown } },
        ["digest"],
      ],
      [
        "slipway:oci:Mirror",
        {
          source: repository,
          target: `${repository}-copy`,
          digest: noDigest,
          tags: [{ tag: "main", moves: "always" }],
          evidence: unknown,
        },
        // Evidence that is taken stays among the inputs.
        { pointers: { main: noDigest }, rootDigest: noDigest, missing: [], evidence: undefined },
        [],
      ],
    ] as [string, Properties, Properties, string[]][]) {
      const { state } = await provider.create(type, inputs, true);
      for (const [field, value] of Object.entries(known)) assert.deepEqual(state[field], value, field);
      for (const field of unknowns) assert.equal(state[field], unknown, `${type}: ${field}`);
    }
    assert.deepEqual(provider.errorLines, []);
  });
});

describe("the end of a run", () => {
  let bench: Workbench;
  let serial = 0;

  before(async function () {
    requireTools(this, "registry", "crane");
    bench = await Workbench.open(startDistribution);
  });
  beforeEach(() => bench.proxy.reset());
  after(() => bench?.close());

  /** What a create waits for, longer than anybody would. */
  const waits: [string, string, RegExp, Fault][] = [
    ["an upload", "PUT", /\/blobs\/uploads\//, { kind: "delay", milliseconds: 60_000 }],
    ["a manifest", "PUT", /\/manifests\//, { kind: "delay", milliseconds: 60_000 }],
    [
      "the time that a 429 asks for",
      "HEAD",
      /\/manifests\//,
      { kind: "respond", status: 429, headers: { "retry-after": "60" } },
    ],
  ];

  /** Starts a create and comes back when it waits. */
  async function waitingCreate(method: string, target: RegExp, fault: Fault) {
    const provider = await bench.provider();
    const repository = bench.repository(`ends/test-${++serial}`);
    bench.proxy.inject({ method, path: target, fault });
    const inputs = { repository, platform, layers: [textLayer()] };
    const { digest } = await provider.check(image, inputs);
    const created = provider.create(image, inputs);
    created.catch(() => undefined);
    while (bench.proxy.count(method, target) === 0) await sleep(10);
    return { provider, created, reference: `${repository}@${String(digest)}` };
  }

  for (const [what, method, target, fault] of waits) {
    it(`comes soon after a cancel, though a create waits for ${what}`, async () => {
      const { provider, created, reference } = await waitingCreate(method, target, fault);
      const begun = Date.now();
      await provider.cancel();
      await assert.rejects(created, /canceled/);
      assert.ok(Date.now() - begun < 4_000, `took ${Date.now() - begun} ms`);
      assert.equal(await bench.digestOf(reference), undefined);
      assert.deepEqual(provider.errorLines, []);
    });

    it(`comes at once with an interrupt, though a create waits for ${what}`, async () => {
      const { provider, reference } = await waitingCreate(method, target, fault);
      const begun = Date.now();
      const exited = once(provider.process, "exit");
      provider.process.kill("SIGINT");
      assert.deepEqual(await exited, [0, null]);
      assert.ok(Date.now() - begun < 1_000, `took ${Date.now() - begun} ms`);
      assert.equal(await bench.digestOf(reference), undefined);
    });
  }

  it("leaves nothing on standard error after many creates at once, and one of many layers", async () => {
    const provider = await bench.provider();
    const repository = bench.repository("ends/many");
    const creates = Array.from({ length: 30 }, () =>
      provider.create(image, { repository, platform, layers: [textLayer()] }),
    );
    const held = await Promise.all(creates);
    assert.equal(new Set(held.map(({ state }) => state.digest)).size, 30);
    const layers = Array.from({ length: 30 }, () => textLayer());
    await provider.create(image, { repository, platform, layers });
    assert.deepEqual(provider.errorLines, []);
  });
});

describe("memory", () => {
  it("does not grow with a layer: 512 MiB are pushed within 200 MiB", async function () {
    requirement(
      this,
      process.platform === "linux",
      "the peak of a process's memory is read from /proc (Linux)",
    );
    requireTools(this, "registry", "crane");
    const size = 512 * 1024 ** 2;
    const bench = await Workbench.open(startDistribution);
    try {
      await writeFile(path.join(bench.project, "large"), "");
      await truncate(path.join(bench.project, "large"), size);
      const provider = await bench.provider();
      const held = await provider.create(image, {
        repository: bench.repository("large"),
        platform,
        layers: [{ files: [{ to: "/large", source: "large" }], compression: "none" }],
      });
      const [layer] = (await manifestOf(bench.direct(held.state.reference))).layers;
      assert.ok((layer?.size ?? 0) > size);
      assert.ok(bench.blobBytesSent() > size);
      const status = await readFile(`/proc/${provider.process.pid}/status`, "utf8");
      const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
      assert.ok(peak < 200, `the peak was ${peak} MiB`);
    } finally {
      await bench.close();
    }
  });
});
