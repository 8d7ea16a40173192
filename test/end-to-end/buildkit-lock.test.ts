import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { crane } from "../support/clients";
import { resourceCounts, type EngineProject } from "../support/engine";
import { freePort } from "../support/processes";
import type { TestRegistry } from "../support/registries";
import { BuildKitPlace } from "./buildkit-place";

describe("images from elsewhere that are locked, and what a build shows while it runs", function () {
  this.timeout(240_000);
  const builder = "slipway-lock";
  let place: BuildKitPlace;
  let registry: TestRegistry;
  let rootfs: string;
  let redis: string;
  let project: EngineProject;

  /** Where a step waits. */
  const gate = createServer();

  before(async function (this: Context) {
    place = await BuildKitPlace.open(this, builder);
    ({ registry, rootfs } = place);
    redis = `${registry.host}/external/redis:7-alpine`;
    await crane(["copy", rootfs, redis]);
    const waitAt = `127.0.0.1:${await freePort()}`;
    await once(gate.listen(Number(waitAt.split(":")[1]), "127.0.0.1"), "listening");
    project = await place.create({
      program: program(),
      files: {
        Dockerfile: `FROM ${rootfs}\nRUN ["/bin/tool", "announce-and-wait", "${waitAt}"]\nCOPY app.txt /app.txt\n`,
        "app.txt": "app\n",
      },
    });
  });

  after(async () => {
    await project?.remove();
    await place?.close();
    gate.close();
  });

  const program = () => `
import { Config } from "@pulumi/pulumi";
import { Distribution, ociRegistry } from "@slipway";
const distribution = new Distribution("app", {
  version: "v1.0.0",
  tags: () => [{ tag: "next", moves: "always", published: true }],
  registries: [ociRegistry({ host: "${registry.host}", namespace: "acme" })],
  platforms: ["linux/amd64"],
  images: { app: { dockerfile: "Dockerfile", builder: "${builder}" } },
  externalImages: { redis: "${redis}" },
  lock: { refresh: new Config().getBoolean("refresh") ?? false },
});
export const externalImages = distribution.externalImages;
`;

  const locked = async () =>
    (JSON.parse(await project.read("slipway.lock.json")) as { images: Record<string, string> }).images;
  const current = () => crane(["digest", rootfs]);
  const built = () => crane(["digest", `${registry.host}/acme/app:next`]);

  it("a preview writes no lock; the lines of a step are shown while it runs", async () => {
    await project.preview();
    await assert.rejects(project.read("slipway.lock.json"), { code: "ENOENT" });
    const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    const ended = once(child, "close");
    // The step ends when it is let go, and that is when its line was seen.
    const [step] = (await Promise.race([once(gate, "connection"), ended])) as [Socket];
    const shown = () => /docker-build:index:Image app-linux-amd64 creating .*the tool waits/.test(text());
    const deadline = Date.now() + 60_000;
    while (!shown() && Date.now() < deadline) await sleep(50);
    const inTime = shown();
    if (child.exitCode === null) step.end();
    await ended;
    assert.equal(child.exitCode, 0, text());
    assert.ok(inTime, text());
  });

  it("BLEU-34, TINY-21: an update writes the digests of bases and external images", async () => {
    const digest = await current();
    assert.deepEqual(await locked(), { [redis]: digest, [rootfs]: digest });
    assert.deepEqual(await project.outputs(), { externalImages: { redis: `${redis}@${digest}` } });
  });

  it("a base that was published anew is a pending rebuild, which builds nothing until it is asked for", async () => {
    const [before, image] = [await current(), await built()];
    await place.pushBase("LABEL at=two\n");
    const now = await current();
    const text = await project.preview();
    assert.ok(text.includes(`pending rebuild: ${rootfs} (line 1) is locked at ${before}`), text);
    assert.match(text, new RegExp(`\\+ pending *: {\\s+\\+ ${rootfs}: "${now}"`));
    assert.doesNotMatch(text, /docker-build:index:Image: \(/);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())).sort(), [
      "unchanged",
      "updated",
    ]);
    assert.equal(await built(), image);
    assert.equal((await locked())[rootfs], before);
  });

  it("a build that fails leaves the lock, and one that succeeds renews it", async () => {
    const [before, now] = [(await locked())[rootfs], await current()];
    await project.configure({ refresh: "true" });
    await project.write({ Dockerfile: `FROM ${rootfs}\nRUN ["/bin/tool", "fail"]\n` });
    await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.equal((await locked())[rootfs], before);
    await project.write({ Dockerfile: `FROM ${rootfs}\nCOPY app.txt /app.txt\n` });
    const text = await project.preview();
    assert.ok(text.includes(`"${before}" => "${now}"`), text);
    assert.equal((await locked())[rootfs], before);
    await project.upWithoutPreview();
    assert.equal((await locked())[rootfs], now);
    await project.configure({ refresh: "false" });
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("DISTRO-04: an external image that is not there stops the run before anything points to the images", async () => {
    const image = await built();
    await project.write({ "app.txt": "changed\n" });
    await project.program(program().replaceAll("redis:7-alpine", "redis:8"));
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /property images\.redis .*external\/redis:8: the registry has no such image/);
    assert.equal(await built(), image);
  });
});
