import assert from "node:assert/strict";
import * as path from "node:path";
import { dockerBuildPlugin, requireBuildKit, startBuildKit, type BuildKit } from "../support/buildkit";
import { crane, runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:9" } }]
contexts: [{ name: c, context: { cluster: c, user: u, namespace: build } }]
current-context: c
users: [{ name: u, user: { token: none } }]
`;

describe("builders by declaration, through the engine and the real buildx", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let buildkit: BuildKit;
  let project: EngineProject;

  before(async function () {
    requireBuildKit(this);
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    buildkit = await startBuildKit([registry.host]);
    project = await EngineProject.create({
      program: distribution(buildkit.address),
      files: { Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" },
      plugins: { "docker-build": dockerBuildPlugin() },
    });
  });

  after(async () => {
    await project?.remove();
    await buildkit?.stop();
    await registry?.stop();
  });

  const distribution = (endpoint: string) => `
    import { Distribution, ociRegistry, remoteBuilder } from "@slipway";
    new Distribution("declared", {
      version: "v1.0.0",
      registries: [ociRegistry({ host: ${JSON.stringify(registry.host)} })],
      platforms: ["linux/amd64"],
      builder: remoteBuilder({ name: "declared", endpoint: ${JSON.stringify(endpoint)} }),
      images: { app: { dockerfile: "Dockerfile" } },
    });
  `;
  const buildx = (...args: string[]) =>
    runClient("docker-buildx", args, { DOCKER_CONFIG: project.env.DOCKER_CONFIG ?? "" });

  it("a remote builder is created and builds; the next run changes nothing", async () => {
    assert.match(await project.preview(), /\+ slipway:build:Builder: \(create\)/);
    assert.doesNotMatch(await buildx("ls"), /declared/);
    await project.upWithoutPreview();
    assert.match(await buildx("inspect", "declared"), new RegExp(`Driver: +remote[^]*${buildkit.address}`));
    await crane(["validate", "--remote", `${registry.host}/app:v1.0.0`]);
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });

  it("one that somebody removed is seen, and created again", async () => {
    await buildx("rm", "declared");
    assert.match(await project.preview(), /slipway:build:Builder: \(create\)/);
    await project.upWithoutPreview();
    assert.match(await buildx("ls"), /^declared /m);
  });

  it("another address is an update, which preview names", async () => {
    await project.program(distribution("tcp://127.0.0.1:9"));
    const text = await project.preview();
    assert.match(text, /~ slipway:build:Builder: \(update\)[^]*"tcp:\/\/127\.0\.0\.1:9"/);
    await project.program(distribution(buildkit.address));
  });

  it("one that this program did not create is not touched, and the error says what to do", async () => {
    await buildx("create", "--name", "foreign", "--driver", "remote", "tcp://127.0.0.1:9");
    await project.program(distribution(buildkit.address).replace('name: "declared"', 'name: "foreign"'));
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /another builder "foreign" already, with the driver remote at tcp:\/\/127\.0\.0\.1:9/);
    assert.match(text, /docker buildx rm foreign/);
    assert.match(await buildx("inspect", "foreign"), /tcp:\/\/127\.0\.0\.1:9/);
  });

  it("leaves with the program, unless it was there before", async () => {
    await project.program(`
      import { Builder } from "@slipway";
      new Builder("foreign", { name: "foreign", driver: "remote", endpoint: "tcp://127.0.0.1:9" });
    `);
    await project.upWithoutPreview();
    assert.doesNotMatch(await buildx("ls"), /^declared/m);
    await project.succeed(["destroy", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(await buildx("ls"), /^foreign /m);
  });

  it("one in Kubernetes is declared to buildx with its options; its pods need a cluster, which is not executed", async () => {
    await project.write({ "kubeconfig.yaml": kubeconfig });
    project.env.KUBECONFIG = path.join(project.directory, "kubeconfig.yaml");
    await project.program(`
      import { kubernetesBuilder } from "@slipway";
      import { Builder } from "@slipway";
      const { args } = kubernetesBuilder({
        name: "pods",
        namespace: "build",
        replicas: 2,
        limits: { memory: "4Gi" },
        nodeSelector: { "kubernetes.io/arch": "arm64", disk: "fast" },
        platforms: ["linux/arm64"],
      });
      new Builder("pods", args);
    `);
    await project.upWithoutPreview();
    const text = await buildx("inspect", "pods");
    assert.match(text, /Driver: +kubernetes/);
    assert.match(text, /Driver Options:.*namespace="build"/);
    assert.match(text, /nodeselector="kubernetes\.io\/arch=arm64,disk=fast"/);
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });

  it("a remote one without an address is refused before anything is done", async () => {
    await project.program(`
      import { Builder } from "@slipway";
      new Builder("bad", { name: "bad", driver: "remote" });
    `);
    assert.match(
      await project.fail(["preview", "--stack", "dev"]),
      /endpoint[^]*is missing: a remote builder needs an address/,
    );
  });
});
