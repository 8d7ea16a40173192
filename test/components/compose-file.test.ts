import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  composeFile,
  DeclarationError,
  kubernetesManifests,
  type ComposeFile,
  type ComposeOptions,
  type DeclaredBuild,
  type DocumentFacts,
  type DocumentTarget,
} from "../../components";
import { renderYaml } from "../../lib/yaml/render";
import { composeConfig } from "../support/deploy-files";
import { requireTools } from "../support/tools";

const build = (dockerfile: string, more: Partial<DeclaredBuild> = {}): DeclaredBuild => ({
  dockerfile: `docker/dockerfiles/${dockerfile}`,
  context: "docker/apps",
  buildArgs: {},
  contexts: {},
  programs: [],
  copies: [],
  bases: [],
  ...more,
});
const base = build("Dockerfile.base", {
  programs: ["packages"],
  buildArgs: { PYTHON: pulumi.output("python:3.12") },
});
const ui = build("Dockerfile.ui", {
  stage: "run",
  bases: [{ image: "base", argument: "BASE_IMAGE" }],
  contexts: { shared: "docker/shared", remote: "https://example.com/x.git" },
});

/** What a distribution `acme` with these images tells its documents. */
function facts(images: Record<string, DeclaredBuild | undefined>): DocumentFacts {
  const known = Object.entries(images).map(([name, declared]) => [
    name,
    {
      repositories: [`docker.io/acme/${name}`],
      tags: ["v1.0.0"],
      tag: "v1.0.0",
      platforms: [],
      build: declared,
    },
  ]);
  return {
    distribution: "acme",
    images: Object.fromEntries(known) as DocumentFacts["images"],
    declaredExternalImages: { redis: "docker.io/library/redis:7-alpine" },
  } as unknown as DocumentFacts;
}

async function textOf(document: DocumentTarget, given: DocumentFacts): Promise<string> {
  const edits = (await promised(document.edits(given))) as [{ yaml: { json: string } }];
  return renderYaml(JSON.parse(edits[0].yaml.json) as unknown[]);
}

function promised(value: unknown): Promise<unknown> {
  return new Promise((resolve) => pulumi.output(value as pulumi.Input<object>).apply(resolve));
}

describe("deploy files with local images", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-compose-"));
    await mkdir(path.join(folder, "docker/core"), { recursive: true });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const file: ComposeFile = {
    services: { "acme-ui": { image: "ui", ports: ["80:80"] }, redis: { image: "redis" } },
  };
  const local: ComposeOptions = {
    images: "local",
    builds: { base: { additional_contexts: { packages: "./packages" }, network: "host" } },
  };

  it("TINY-32, TINY-33: one switch makes each image of the release a build, its bases before it", async function () {
    requireTools(this, "compose");
    const at = "docker/core/compose.yml";
    const read = async (options: ComposeOptions) => {
      await writeFile(
        path.join(folder, at),
        await textOf(composeFile(at, file, options), facts({ base, ui })),
      );
      return (
        await composeConfig(path.join(folder, "docker/core"), [
          "--profile",
          "build",
          "--file",
          path.join(folder, at),
        ])
      ).services;
    };
    const published = await read({});
    assert.deepEqual(
      Object.entries(published).map(([name, { image, build: section }]) => [name, image, section]),
      [
        ["acme-ui", "acme/ui:v1.0.0", undefined],
        ["redis", "docker.io/library/redis:7-alpine", undefined],
      ],
    );
    const context = path.join(folder, "docker/apps");
    const services = await read(local);
    assert.deepEqual(Object.keys(services).sort(), ["acme-ui", "base", "redis"]);
    assert.equal(services["acme-ui"]?.image, "acme-ui:latest");
    assert.deepEqual(services["acme-ui"]?.build, {
      context,
      dockerfile: "../dockerfiles/Dockerfile.ui",
      target: "run",
      args: { BASE_IMAGE: "acme-base:latest" },
      additional_contexts: {
        shared: path.join(folder, "docker/shared"),
        remote: "https://example.com/x.git",
        "acme-base": "service:base",
      },
    });
    assert.deepEqual(services.base?.build, {
      context,
      dockerfile: "../dockerfiles/Dockerfile.base",
      args: { PYTHON: "python:3.12" },
      additional_contexts: { packages: path.join(folder, "docker/core/packages") },
      network: "host",
    });
    assert.deepEqual(await read({}), published, "and back");
  });

  it("a base that a service names is built as that service", async () => {
    const both = { services: { ...file.services, "acme-base": { image: "base" } } };
    const text = await textOf(composeFile("compose.yml", both, local), facts({ base, ui }));
    assert.match(text, /acme-base: service:acme-base\n/);
    assert.doesNotMatch(text, /profiles/);
  });

  it("containers of Kubernetes have the same names, and nobody pulls them", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "ui" },
      spec: {
        containers: [
          { name: "ui", image: "ui" },
          { name: "redis", image: "redis" },
        ],
      },
    };
    const text = await textOf(
      kubernetesManifests("k8s/ui.yaml", [pod], { images: "local" }),
      facts({ base, ui }),
    );
    assert.match(text, /- name: ui\n +image: acme-ui:latest\n +imagePullPolicy: Never\n/);
    assert.match(text, /- name: redis\n +image: docker.io\/library\/redis:7-alpine\n$/);
  });

  for (const [what, images, options, reason] of [
    ["an image without a Dockerfile", { ui: undefined }, local, /^builds\.ui: image "ui" has no Dockerfile/],
    [
      "a program of the distribution as a context",
      { ui, base },
      { images: "local" },
      /^builds\.base: context "packages" is a program .*additional_contexts: \{ "packages": "\.\/packages" \}/,
    ],
    [
      "a base whose name the Dockerfile has",
      { base: build("Dockerfile.base"), ui: build("Dockerfile.ui", { bases: [{ image: "base" }] }) },
      { images: "local" },
      /^builds\.ui: .*argument: "BASE_IMAGE"/,
    ],
    [
      "content of others",
      { ui: build("Dockerfile", { copies: ["ghcr.io/acme/tool:v1"] }) },
      { images: "local" },
      /^builds\.ui: content of ghcr\.io\/acme\/tool:v1 is put on top/,
    ],
    [
      "a build of no image",
      { base, ui },
      { builds: { iu: {} } },
      /^builds\.iu: there is no image "iu".*did you mean ui/,
    ],
  ] as [string, Record<string, DeclaredBuild | undefined>, ComposeOptions, RegExp][]) {
    it(`are refused: ${what}`, () => {
      const found = composeFile("compose.yml", file, options).findings?.(facts(images)) ?? [];
      const said = found.map(({ property, reason: text }) => `${property}: ${text}`);
      assert.ok(
        said.some((text) => reason.test(text)),
        said.join("\n"),
      );
    });
  }

  it("are refused where they are none: a file without services, an object without a kind", () => {
    for (const make of [
      () => composeFile("compose.yml", { services: {} }),
      () => composeFile("compose.yml", file, { images: "here" as "local" }),
      () => kubernetesManifests("k8s.yaml", []),
      () => kubernetesManifests("k8s.yaml", [{ apiVersion: "v1", metadata: { name: "a" } } as never]),
    ]) {
      assert.throws(make, DeclarationError);
    }
  });
});
