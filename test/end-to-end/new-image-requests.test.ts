import assert from "node:assert/strict";
import { EngineProject } from "../support/engine";
import {
  startDistribution,
  startReferrersRegistry,
  type LoggedRequest,
  type TestRegistry,
} from "../support/registries";
import { startFront } from "../support/odd-registries/front";
import { manyTags } from "../support/odd-registries/many-tags";
import { startProxy, type FaultProxy } from "../support/proxy";
import { requireTools } from "../support/tools";

/** An image of two platforms with all that proves it, under a version and three aliases. */
const program = (host: string) => `
import { Distribution, ociRegistry, semverTags, throwAwayKey } from "@slipway";
new Distribution("app", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(host)}, namespace: "acme" })],
  platforms: ["linux/amd64", "linux/arm64"],
  images: { app: { files: [{ source: "file", to: "/file" }] } },
  tags: semverTags({ prefix: "v", aliases: ["minor", "major", "latest"] }),
  trust: { sign: throwAwayKey() },
});
`;

/** Requests about the lists of referrers that clients keep under tags. */
const lists = /\/manifests\/sha256-/;

describe("what a new image asks of its registry", function () {
  this.timeout(180_000);

  before(function () {
    requireTools(this, "registry", "referrers-registry", "pulumi");
  });

  const publish = async (
    start: () => Promise<TestRegistry>,
    before: (port: number) => Promise<Pick<FaultProxy, "host" | "requests" | "stop">> = startProxy,
  ): Promise<readonly LoggedRequest[]> => {
    const registry = await start();
    let proxy: Awaited<ReturnType<typeof before>> | undefined;
    let project: EngineProject | undefined;
    try {
      proxy = await before(registry.port);
      project = await EngineProject.create({ program: program(proxy.host), files: { file: "content" } });
      await project.upWithoutPreview();
      return proxy.requests.map(({ method, path, status = 0 }) => ({ method, path, status }));
    } finally {
      await project?.remove();
      await proxy?.stop();
      await registry.stop();
    }
  };
  const assertAtMost = (requests: readonly LoggedRequest[], most: number) =>
    assert.ok(
      requests.length <= most,
      [`${requests.length} requests, ${most} at most:`]
        .concat(requests.map(({ method, path, status }) => `${method} ${status} ${path}`))
        .join("\n"),
    );
  /** A blob or manifest that is sent twice has been forgotten; the question whether tags go with it is one. */
  const assertOnce = (requests: readonly LoggedRequest[]) => {
    const put = requests.filter(
      ({ method, path }) =>
        ["PUT", "POST"].includes(method) && /sha256(:|%3A)/i.test(path) && !path.includes("?tag="),
    );
    const digests = put.map(({ path }) => /sha256(?::|%3A)([0-9a-f]{64})/i.exec(path)?.[1] ?? path);
    assert.deepEqual(
      digests.filter((digest, index) => digests.indexOf(digest) !== index),
      [],
    );
  };

  it("is at most 73 requests where it lists referrers and takes blobs by one POST", async () => {
    const requests = await publish(startReferrersRegistry);
    assertAtMost(requests, 73);
    assertOnce(requests);
  });

  it("is one request for all aliases where it sets tags so", async () => {
    const requests = await publish(startReferrersRegistry, (port) => startFront(port, manyTags()));
    const tagged = requests.filter(
      ({ method, path }) => method === "PUT" && (/manifests\/[^s]/.test(path) || path.includes("tag=")),
    );
    assert.deepEqual(
      tagged.map(({ path }) => path.replace(/^.*\/manifests\//, "").replace(/^sha256:[0-9a-f]+/, "DIGEST")),
      ["v1.0.0", "DIGEST?tag=v1.0&tag=v1&tag=latest"],
    );
  });

  it("is at most 88 where it wants a PUT for each blob, and changes of lists of referrers", async () => {
    const requests = await publish(startDistribution);
    assertAtMost(
      requests.filter(({ path }) => !lists.test(path)),
      88,
    );
    assertOnce(requests.filter(({ method, path }) => method === "PUT" && !lists.test(path)));
    // SBOMs, statements and signatures of three digests are a change of three requests each; what a
    // busy machine makes too late for a change is one more. Who signs looks before, who verifies after.
    assertAtMost(
      requests.filter(({ path }) => lists.test(path)),
      3 * (4 * 3 + 2),
    );
  });
});
