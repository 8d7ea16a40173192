import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { crane } from "../support/clients";
import { composeConfig, imagesOf, kubeconform, kubectlApply } from "../support/deploy-files";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

/** What somebody has written, with a place for each reference. */
const byHand = (app: string, worker: string) =>
  `# by hand\r\nservices:\r\n  app: { image: '${app}' }   # kept\r\n  worker:\r\n    image: ${worker} # slipway: worker\r\n`;

const documents = `[
  imageReferences("by-hand.yml", { by: "both" }),
  composeFile("deploy/compose.yml", {
    services: {
      app: {
        image: "app",
        ports: ["8080:80"],
        environment: { MODE: "on", SINCE: "2026-01-31" },
        healthcheck: { test: ["CMD", "/app", "--health"], interval: "10s" },
        depends_on: { cache: { condition: "service_started" } },
        volumes: ["data:/data"],
      },
      worker: { image: "worker" },
      cache: { image: "cache" },
      proxy: { image: "docker.io/library/nginx:1.29" },
    },
    volumes: { data: {} },
  }, { images }),
  kubernetesManifests("deploy/k8s.yaml", [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "app" },
      spec: {
        selector: { matchLabels: { app: "app" } },
        template: {
          metadata: { labels: { app: "app" } },
          spec: {
            initContainers: [{ name: "init", image: "worker", imagePullPolicy: "IfNotPresent" }],
            containers: [{ name: "app", image: "app", ports: [{ containerPort: 80 }] }, { name: "cache", image: "cache" }],
          },
        },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata: { name: "app" }, spec: { selector: { app: "app" }, ports: [{ port: 80 }] } },
  ], { by: "digest", images, pullPolicy: images === "local" ? undefined : "Always" }),
]`;

describe("deploy files of a distribution", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let folder: string;

  before(async function () {
    requireTools(
      this,
      "pulumi",
      "registry",
      "crane",
      "compose",
      "kubeconform",
      "kubernetes-validate",
      "kubectl",
    );
    registry = await startDistribution();
    folder = await mkdtemp(path.join(tmpdir(), "slipway-deploy-files-"));
    project = await EngineProject.create({
      program: "",
      files: {
        "app.txt": "1",
        "by-hand.yml": byHand(`${registry.host}/app`, "worker"),
        "worker/Dockerfile": "FROM scratch\nCOPY worker.txt /\n",
        "worker/worker.txt": "1",
      },
    });
    await crane(["append", "--new_layer", "/dev/null", "--new_tag", `${registry.host}/others/cache:7`]);
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (file: string) => path.join(project.directory, file);
  const declare = (version: string, list = documents, images = "published") =>
    project.program(`
import { composeFile, Distribution, imageReferences, kubernetesManifests, ociRegistry, semverTags } from "@slipway";

const images: "published" | "local" = ${JSON.stringify(images)} as any;
new Distribution("acme", {
  version: "${version}",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  tags: semverTags({ prefix: "v" }),
  images: {
    app: { files: [{ to: "/app.txt", source: "app.txt" }] },
    worker: { files: [{ to: "/worker.txt", source: "worker/worker.txt" }] },
  },
  externalImages: { cache: "${registry.host}/others/cache:7" },
  documents: ${list},
});
`);
  const digest = async (image: string, tag: string) =>
    `${registry.host}/${image}@${(await crane(["digest", `${registry.host}/${image}:${tag}`])).trim()}`;
  const both = async (image: string, tag: string) => (await digest(image, tag)).replace("@", `:${tag}@`);

  for (const version of ["v1.0.0", "v1.1.0"]) {
    it(`CAP-23, CAP-25: follow ${version} by tag, by digest or by both, and compose and Kubernetes take them`, async () => {
      await project.write({ "app.txt": version, "worker/worker.txt": version });
      await declare(version);
      const preview = await project.preview();
      assert.match(preview, /::acme:by-hand\.yml\]/);
      await project.upWithoutPreview();
      assert.equal(
        await project.read("by-hand.yml"),
        byHand(await both("app", version), await both("worker", version)),
      );

      const { services } = await composeConfig(project.directory, ["--file", at("deploy/compose.yml")]);
      const images = Object.fromEntries(
        Object.entries(services).map(([name, service]) => [name, service.image]),
      );
      assert.deepEqual(images, {
        app: `${registry.host}/app:${version}`,
        worker: `${registry.host}/worker:${version}`,
        cache: `${registry.host}/others/cache:7`,
        proxy: "docker.io/library/nginx:1.29",
      });
      const manifests = await project.read("deploy/k8s.yaml");
      const [app, worker] = [await digest("app", version), await digest("worker", version)];
      assert.deepEqual(imagesOf(manifests), [worker, app, await digest("others/cache", "7")]);
      assert.deepEqual(manifests.match(/imagePullPolicy: \w+/g), [
        "imagePullPolicy: IfNotPresent",
        "imagePullPolicy: Always",
      ]);
      await kubeconform(folder, [at("deploy/k8s.yaml")]);
      assert.deepEqual(await kubectlApply(folder, [at("deploy/k8s.yaml")]), [
        "deployment.apps/app created (dry run)",
        "service/app created (dry run)",
      ]);
      const again = await project.upWithoutPreview();
      assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
    });
  }

  it("are put back where somebody has edited a reference, and a line elsewhere stays", async () => {
    const right = await project.read("by-hand.yml");
    const wrong = right.replace(await both("app", "v1.1.0"), `${registry.host}/app:v1.0.0`);
    await project.write({ "by-hand.yml": wrong.replace("# by hand", "# by another hand") });
    assert.match(await project.preview(), /somebody changed by-hand\.yml/);
    await project.upWithoutPreview();
    assert.equal(await project.read("by-hand.yml"), right.replace("# by hand", "# by another hand"));
    await project.write({ "by-hand.yml": `${right}# and a line more\r\n` });
    const again = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
  });

  it("a judge that takes anything would be none: a field that no schema has is refused", async () => {
    const manifests = await project.read("deploy/k8s.yaml");
    await project.write({ "wrong.yaml": manifests.replace("containerPort", "containersPort") });
    await assert.rejects(
      kubeconform(folder, [at("wrong.yaml")]),
      /additional properties 'containersPort' not allowed/,
    );
  });

  it("are refused before anything is made, with the field, the line and what to do", async () => {
    for (const [list, message, images] of [
      [
        `[composeFile("c.yml", { services: { a: { image: "ap" } } })]`,
        /documents\[0\]\.file\.services\.a\.image: there is no image "ap"; declared are app, worker, cache \(did you mean app\?\)/,
      ],
      [
        `[kubernetesManifests("k.yml", [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ image: "x" }] } }])]`,
        /documents\[0\]\.objects\[0\]\.spec\.containers\[0\]\.image: there is no image "x"/,
      ],
      [`[imageReferences("by-hand.yml", { registry: "ghcr.io" })]`, /registry: no image is in "ghcr\.io"/],
      [`[imageReferences("nothing.yml")]`, /nothing\.yml is not there/],
      [
        `[imageReferences("package.json")]`,
        /package\.json has no reference of an image of this distribution/,
      ],
      [
        `[imageReferences("foreign.yml")]`,
        /foreign\.yml, line 2: ".*\/apps" is no image of this distribution/,
      ],
      [
        `[composeFile("c.yml", { services: { a: { image: "app" } } }, { images })]`,
        /image "app" has no Dockerfile/,
        "local",
      ],
    ] as [string, RegExp, string?][]) {
      await project.write({ "foreign.yml": `a: 1\nimage: ${registry.host}/apps:v1\n` });
      await declare("v1.2.0", list, images);
      const { code, text } = await project.run(["preview"]);
      assert.notEqual(code, 0, text);
      assert.match(text, message);
    }
  });
});
