import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { publicAddresses, type AskedMetrics } from "../../lib/metrics/asked";
import { repository } from "../support/engine";
import { builtCommit, declaredTags, mockProgram, type MockedProgram } from "./mocked-program";
import { imageNames } from "./tinyolly";

const platforms = ["linux/amd64", "linux/arm64"];

describe("TinyOlly's prod stack, under Pulumi's mocks", function () {
  this.timeout(60_000);
  let prod: MockedProgram;

  before(async () => {
    prod = await mockProgram("tinyolly", "prod");
  });

  it("the five images go to Docker Hub, with the tags of the first release", () => {
    const tags = ["v2.0.0 never", "v2.0 highest", "v2 highest", "latest highest"];
    assert.deepEqual(
      declaredTags(prod),
      Object.fromEntries(imageNames.map((name) => [`docker.io/tinyolly/${name}`, tags])),
    );
  });

  it("TINY-02: each repository on Docker Hub is public, with a line of its own and the README, which has the link", () => {
    const shown = prod.ofType("slipway:oci:RepositoryMetadata");
    const readme = readFileSync(path.join(repository, "examples/tinyolly/README.md"), "utf8");
    assert.match(readme, /\(https:\/\/github\.com\/tinyolly\/tinyolly\)/);
    assert.ok(Buffer.byteLength(readme) <= 25_000);
    assert.equal(shown.size, 2 * imageNames.length);
    for (const name of imageNames) {
      const at = { repository: `docker.io/tinyolly/${name}`, kind: "docker-hub" };
      assert.deepEqual(shown.get(`docker.io/tinyolly/${name}:settings`), {
        ...at,
        visibility: "public",
        immutableTags: ["^v[0-9]+\\.[0-9]+\\.[0-9]+"],
      });
      const { description, ...page } = shown.get(`docker.io/tinyolly/${name}:page`) ?? {};
      const links = "https://github.com/tinyolly/tinyolly/blob/HEAD";
      assert.deepEqual(page, { ...at, overview: { file: "README.md", links }, gated: true });
      assert.ok(Buffer.byteLength(String(description)) <= 100);
    }
  });

  it("TINY-40: pulls on Docker Hub, runs of CI and issues about the migration are what its metrics are of", () => {
    const { asked } = prod.registered.metrics as { asked: AskedMetrics };
    assert.deepEqual(
      asked.images,
      imageNames.map((image) => ({ image, repositories: [`docker.io/tinyolly/${image}`] })),
    );
    assert.deepEqual(asked.github, {
      repository: "tinyolly/tinyolly",
      endpoint: "https://api.github.com",
      workflows: ["docker-publish.yml"],
      feedback: ["migration"],
    });
    assert.deepEqual(asked.addresses, publicAddresses);
    assert.ok(existsSync(path.join(repository, "examples/tinyolly/.github/workflows/docker-publish.yml")));
  });

  it("PROD-08: they are read from stand-ins by configuration alone", async () => {
    const services = { dockerHub: "http://127.0.0.1:1", github: "http://127.0.0.1:2" };
    const { registered } = await mockProgram("tinyolly", "prod", { services: JSON.stringify(services) });
    const { asked } = registered.metrics as { asked: AskedMetrics };
    assert.deepEqual([asked.addresses.dockerHub, asked.github?.endpoint], Object.values(services));
  });

  it("TINY-04: each image has the Dockerfile of its name, and each is built for both platforms", () => {
    const contexts = prod.ofType("slipway:build:Context");
    const files = Object.fromEntries([...contexts].map(([name, { dockerfile }]) => [name, dockerfile]));
    assert.deepEqual(files, {
      "python-base": "docker/dockerfiles/Dockerfile.tinyolly-python-base",
      ui: "docker/dockerfiles/Dockerfile.tinyolly-ui",
      "otlp-receiver": "docker/dockerfiles/Dockerfile.tinyolly-otlp-receiver",
      "opamp-server": "docker/dockerfiles/Dockerfile.tinyolly-opamp-server",
      "otel-supervisor": "docker/dockerfiles/Dockerfile.otel-supervisor",
    });
    for (const file of Object.values(files)) {
      assert.ok(existsSync(path.join(repository, "examples/tinyolly", String(file))), String(file));
    }
    const builds = [...prod.ofType("docker-build:index:Image").keys()].sort();
    const expected = imageNames.flatMap((name) => platforms.map((of) => `${name}-${of.replace("/", "-")}`));
    assert.deepEqual(builds, expected.sort());
  });

  it("APP_DIR is given to the two applications, and to nothing else", () => {
    const given = [...prod.ofType("slipway:build:Context")].map(([name, { buildArgs }]) => [
      name,
      (buildArgs as Record<string, string>).APP_DIR,
    ]);
    assert.deepEqual(Object.fromEntries(given.filter(([, value]) => value !== undefined)), {
      ui: "tinyolly-ui",
      "otlp-receiver": "tinyolly-otlp-receiver",
    });
  });

  it("the base is declared, proven and tagged as the others are, and built before its two children", () => {
    const position = (type: string, name: string) =>
      prod.resources.findIndex((resource) => resource.type === type && resource.name === name);
    for (const platform of ["linux-amd64", "linux-arm64"]) {
      const base = position("slipway:oci:Manifest", `python-base-${platform}`);
      assert.ok(base >= 0);
      for (const child of ["ui", "otlp-receiver"]) {
        assert.ok(
          position("docker-build:index:Image", `${child}-${platform}`) > base,
          `${child}-${platform}`,
        );
      }
    }
  });

  it("every image is signed, scanned and described before it is tagged", () => {
    for (const type of ["Sbom", "Provenance", "Scan", "Signature", "Verification"]) {
      const of = [...prod.ofType(`slipway:trust:${type}`).keys()].sort();
      assert.deepEqual(of, [...imageNames].sort(), type);
    }
  });

  it("TINY-21: Redis, Collector and supervisor are resolved, and in the SBOM of every image", () => {
    const telemetry = "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector";
    const [declared] = [...prod.ofType("slipway:oci:ExternalImages").values()];
    const images = declared?.images as Record<string, string>;
    assert.deepEqual(Object.values(images).sort(), [
      "docker.io/library/redis:7-alpine",
      `${telemetry}-contrib:latest`,
      `${telemetry}-opampsupervisor:latest`,
    ]);
    const listed = Object.values(images).map((image) => `${image}@sha256:${"0".repeat(64)}`);
    for (const [name, { externalImages }] of prod.ofType("slipway:trust:Sbom")) {
      assert.deepEqual(externalImages, listed.sort(), name);
    }
  });

  it("TINY-31: a version is released on GitHub with the section of the change log", async () => {
    const program = await mockProgram("tinyolly", "prod", { version: "v2.1.0" });
    const [release] = [...program.ofType("slipway:github:Release").values()];
    assert.deepEqual(
      [release?.repository, release?.tag, release?.title, release?.notesFrom],
      ["tinyolly/tinyolly", "v2.1.0", "TinyOlly v2.1.0", { version: "v2.1.0", changelog: "CHANGELOG.md" }],
    );
  });

  it("another organization is one field: nothing names the old one", async () => {
    const other = await mockProgram("tinyolly", "prod", { namespace: "myorg" });
    const repositories = Object.keys(declaredTags(other));
    assert.deepEqual(repositories.sort(), imageNames.map((name) => `docker.io/myorg/${name}`).sort());
    for (const { inputs } of other.resources) {
      assert.doesNotMatch(JSON.stringify(inputs), /docker\.io\/tinyolly/);
    }
  });

  const releases: { title: string; config: Record<string, string | undefined>; tags: string[] }[] = [
    {
      title: "a development build",
      config: { version: undefined, commit: builtCommit },
      tags: [`${builtCommit.slice(0, 7)} never`, "dev always"],
    },
    {
      title: "a rebuild",
      config: { rebuilt: "20250116" },
      tags: ["v2.0.0-20250116 never", "v2.0 highest", "v2 highest", "latest highest"],
    },
    {
      title: "a minor version",
      config: { version: "v2.1.0" },
      tags: ["v2.1.0 never", "v2.1 highest", "v2 highest", "latest highest"],
    },
    {
      title: "a pre-release: aliases are declared, and stay where they are",
      config: { version: "v2.2.0-rc.1" },
      tags: ["v2.2.0-rc.1 never", "v2.2 highest", "v2 highest", "latest highest"],
    },
  ];
  for (const { title, config, tags } of releases) {
    it(`tags of ${title}`, async () => {
      const found = declaredTags(await mockProgram("tinyolly", "prod", config));
      for (const name of imageNames) assert.deepEqual(found[`docker.io/tinyolly/${name}`], tags, name);
    });
  }

  it("a test and a pull request have no tags to publish", async () => {
    for (const config of [{ environment: "test" }, { pullRequest: "7" }]) {
      assert.deepEqual(declaredTags(await mockProgram("tinyolly", "prod", config)), {});
    }
  });
});
