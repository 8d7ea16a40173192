import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { open } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { crane, hasProgram } from "../support/clients";
import { EngineProject } from "../support/engine";
import { processTree } from "../support/process-tree";
import { startProxy, type FaultProxy } from "../support/proxy";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { toolPath } from "../support/tools";

const bigBytes = 300e6;
/** Bytes of the big layer that have to be under way when everything is killed. */
const killAfterBytes = 20e6;

/** Two images: one that is pushed long before the other. */
function program(registry: string): string {
  return `
import { Distribution, ociRegistry } from "@slipway";

const image = (source: string) => ({ files: [{ to: "/data", source }], compression: "none" as const });
new Distribution("app", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: { small: image("small.txt"), big: image("big.bin") },
});
`;
}

async function writeRandom(file: string, bytes: number): Promise<void> {
  const handle = await open(file, "w");
  try {
    const chunk = Buffer.alloc(4e6);
    for (let left = bytes; left > 0; left -= chunk.length) {
      await handle.write(randomFillSync(chunk), 0, Math.min(chunk.length, left));
    }
  } finally {
    await handle.close();
  }
}

/** Pulls the layer with crane; its own validation knows compressed layers only. */
async function assertPullable(repository: string): Promise<void> {
  const manifest = await crane(["manifest", "--platform", "linux/amd64", `${repository}:latest`]);
  const { layers = [] } = JSON.parse(manifest) as Manifest;
  assert.equal(layers.length, 1);
  for (const { digest } of layers) {
    const child = spawn(toolPath("crane"), ["blob", `${repository}@${digest}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const hash = createHash("sha256");
    for await (const chunk of child.stdout) hash.update(chunk as Buffer);
    assert.equal(`sha256:${hash.digest("hex")}`, digest);
  }
}

/** Ends a process, and all that it has started, directly or not, at once and without a warning. */
async function killTree(root: number): Promise<void> {
  for (const pid of await processTree(root)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      // It has ended by itself since it was listed.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** What a tag leads to that has no manifest. */
const nowhere = "a manifest";

/** Looks again and again whether all that a tag leads to is there, until it is stopped. */
class Watch {
  readonly incomplete: string[] = [];
  readonly tags = new Set<string>();
  looks = 0;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly host: string) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      for (const repository of ["small", "big"]) await this.look(repository);
      this.looks++;
      await sleep(50);
    }
  }

  private async look(repository: string): Promise<void> {
    const { tags } = (await this.get(`${repository}/tags/list`)) as { tags?: string[] };
    for (const tag of tags ?? []) {
      this.tags.add(`${repository}:${tag}`);
      let missing = await this.missing(repository, tag);
      // The registry lists a tag a moment before it has written where the tag leads: nobody can
      // pull it until then.
      for (let i = 0; missing === nowhere && i < 20; i++) {
        await sleep(50);
        missing = await this.missing(repository, tag);
      }
      if (missing) this.incomplete.push(`${repository}:${tag} leads to ${missing}, which is not there`);
    }
  }

  private async missing(repository: string, tag: string): Promise<string | undefined> {
    const index = (await this.get(`${repository}/manifests/${tag}`)) as Manifest;
    if (!index.manifests) return nowhere;
    for (const child of index.manifests) {
      const manifest = (await this.get(`${repository}/manifests/${child.digest}`)) as Manifest;
      if (!manifest.config) return child.digest;
      for (const { digest } of [manifest.config, ...(manifest.layers ?? [])]) {
        if (!(await this.has(`${repository}/blobs/${digest}`))) return digest;
      }
    }
    return undefined;
  }

  private async get(what: string): Promise<unknown> {
    const accept = ["index", "manifest"]
      .map((kind) => `application/vnd.oci.image.${kind}.v1+json`)
      .join(", ");
    const { body } = await request(`http://${this.host}/v2/${what}`, { headers: { accept } });
    return body.json();
  }

  private async has(what: string): Promise<boolean> {
    const { statusCode, body } = await request(`http://${this.host}/v2/${what}`, { method: "HEAD" });
    await body.dump();
    return statusCode === 200;
  }
}

interface Manifest {
  config?: { digest: string };
  layers?: { digest: string; size: number }[];
  manifests?: { digest: string }[];
}

describe("PROD-09: a push that is killed half-way", function () {
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let project: EngineProject;
  let watch: Watch;

  before(async function () {
    requirement(this, hasProgram("ps"), "ps is not installed (apt-get install procps)");
    registry = await startDistribution();
    proxy = await startProxy(registry.port);
    project = await EngineProject.create({
      program: program(proxy.host),
      files: { "small.txt": "small\n" },
    });
    await writeRandom(path.join(project.directory, "big.bin"), bigBytes);
    watch = new Watch(registry.host);
  });

  after(async () => {
    await watch?.stop();
    await project?.remove();
    await proxy?.stop();
    await registry?.stop();
  });

  /** Bytes that were sent as content of blobs of a repository. */
  const sent = (repository: string) =>
    proxy.requests
      .filter(
        ({ method, path: target }) =>
          /^(PATCH|PUT|POST)$/.test(method) && target.startsWith(`/v2/${repository}/blobs/`),
      )
      .reduce((sum, { requestBytes }) => sum + requestBytes, 0);

  it("leaves no tag, not even of the image that was pushed before", async () => {
    const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    const ended = once(child, "close");
    const smallIsThere = () =>
      proxy.requests.some(
        ({ method, path: target, status }) =>
          method === "PUT" && target.startsWith("/v2/small/manifests/sha256:") && status === 201,
      );
    try {
      while (sent("big") < killAfterBytes || !smallIsThere()) {
        assert.equal(child.exitCode, null, text());
        await sleep(5);
      }
    } finally {
      await killTree(child.pid ?? 0);
      await ended;
    }
    assert.ok(sent("big") < bigBytes, `${sent("big")} bytes were sent before the end`);
    assert.deepEqual([...watch.tags], []);
  });

  it("is told as a lock of the state, and pulumi cancel is what removes it", async () => {
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /the stack is currently locked by 1 lock\(s\)[^]*pulumi cancel/);
    await project.succeed(["cancel", "--yes", "--stack", "dev"]);
  });

  it("is completed by the next update, which sends nothing that is there", async () => {
    proxy.reset();
    await project.upWithoutPreview();
    assert.equal(sent("small"), 0);
    const manifest = JSON.parse(
      await crane(["manifest", "--platform", "linux/amd64", `${registry.host}/big:v1.0.0`]),
    ) as Manifest;
    const size = manifest.layers?.[0]?.size ?? 0;
    assert.ok(size > bigBytes);
    // The layer once, and a configuration of some hundred bytes.
    assert.ok(sent("big") >= size && sent("big") < size + 10_000, `${sent("big")} bytes were sent`);
    for (const image of ["small", "big"]) await assertPullable(`${registry.host}/${image}`);
  });

  it("never left a tag that led to something incomplete", async () => {
    await watch.stop();
    assert.equal(watch.tags.size, 8);
    assert.ok(watch.looks > 20, `it was looked ${watch.looks} times`);
    assert.deepEqual(watch.incomplete, []);
  });

  it("leaves nothing to do", async () => {
    const text = await project.preview();
    assert.match(text, /\d+ unchanged/);
    assert.doesNotMatch(text, /to (create|update|delete)/);
  });
});
