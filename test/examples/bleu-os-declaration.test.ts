import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import type { AskedMetrics } from "../../lib/metrics/asked";
import { repository } from "../support/engine";
import { builtCommit as commit, mockProgram, type MockedProgram } from "./mocked-program";

const image = "ghcr.io/helloblueai/bleu-os";

interface Tagged {
  repository: string;
  tags: { tag: string; moves: string }[];
}

/** Tags of the image by name, with how each may move. */
function tagsOf(program: MockedProgram): Record<string, string> {
  const declared = [...program.ofType("slipway:oci:Tags").values()] as unknown as Tagged[];
  for (const { repository } of declared) assert.equal(repository, image);
  return Object.fromEntries(declared.flatMap(({ tags }) => tags).map(({ tag, moves }) => [tag, moves]));
}

describe("Bleu OS as its program declares it for prod", function () {
  this.timeout(60_000);
  let token: string | undefined;
  before(() => {
    token = process.env.GITHUB_TOKEN;
    process.env.GITHUB_TOKEN = "of this test only";
  });
  after(() => {
    if (token === undefined) delete process.env.GITHUB_TOKEN;
    else process.env.GITHUB_TOKEN = token;
  });

  const prod = (config: Record<string, string | undefined> = {}) =>
    mockProgram("bleu-os", "prod", { commit, ...config });
  const full = { [commit]: "never" };

  it("BLEU-30: what its metrics are of: both repositories, the workflows that publish, and what users say", async () => {
    const { registered } = await prod();
    const { asked } = registered.metrics as { asked: AskedMetrics };
    const [bleu, ...others] = asked.images;
    assert.deepEqual(others, []);
    assert.deepEqual(bleu?.repositories.slice(0, 2), [image, "docker.io/bleuos/bleu-os"]);
    assert.deepEqual(asked.github, {
      repository: "helloblueai/bleu-os",
      endpoint: "https://api.github.com",
      workflows: ["docker-publish.yml", "release.yml"],
      branch: "main",
      feedback: ["feedback"],
    });
    for (const file of asked.github?.workflows ?? [])
      assert.ok(existsSync(path.join(repository, "examples/bleu-os/.github/workflows", file)), file);
  });

  for (const [title, config, expected] of [
    [
      "a release",
      {},
      {
        ...{
          "1.0.0": "never",
          "v1.0.0": "never",
          "release-1.0.0": "never",
          [`1.0.0-${commit.slice(0, 7)}`]: "never",
        },
        ...{ ...full, "1.0": "highest", latest: "highest" },
      },
    ],
    [
      "a pre-release: aliases are declared, and stay where they are",
      { version: "v1.1.0-rc.1" },
      {
        ...{ "1.1.0-rc.1": "never", "v1.1.0-rc.1": "never", "release-1.1.0-rc.1": "never" },
        ...{ ...full, [`1.1.0-rc.1-${commit.slice(0, 7)}`]: "never" },
        ...{ "1.1": "highest", latest: "highest" },
      },
    ],
    [
      "a rebuild for a newer base: the version stays",
      { rebuilt: "20260131" },
      { "1.0.0-20260131": "never", "1.0": "highest", latest: "highest" },
    ],
    [
      "a branch",
      { version: undefined, branch: "main" },
      { main: "always", [`main-${commit.slice(0, 7)}`]: "never", ...full },
    ],
    ["a night: nothing but its own tag", { version: undefined }, { nightly: "always" }],
  ] as const) {
    it(`tags of ${title}`, async () => {
      assert.deepEqual(tagsOf(await prod(config)), expected);
    });
  }

  it("G-38, G-39: GHCR first, then Docker Hub and the customers' registry, each by its own name", async () => {
    const program = await prod();
    const mirrors = [...program.ofType("slipway:oci:Mirror").values()];
    assert.deepEqual(
      mirrors.map(({ source, target }) => [source, target]),
      [
        [image, "docker.io/bleuos/bleu-os"],
        [image, "registry.bleuos.com/enterprise/bleu-os"],
      ],
    );
    const releases = [...program.ofType("slipway:github:Release").values()];
    assert.deepEqual(
      releases.map(({ repository, tag }) => [repository, tag]),
      [["helloblueai/bleu-os", "v1.0.0"]],
    );
  });

  /** Kinds of registries, each with a place there and the image's name in it. */
  const kinds = {
    "Docker Hub": ["docker.io/bleuos", "docker.io/bleuos/bleu-os"],
    GHCR: ["ghcr.io/helloblueai", "ghcr.io/helloblueai/bleu-os"],
    ECR: [
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bleuos",
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bleuos/bleu-os",
    ],
    GCR: ["gcr.io/bleuos-prod", "gcr.io/bleuos-prod/bleu-os"],
    ACR: ["bleuos.azurecr.io", "bleuos.azurecr.io/bleu-os"],
    "Quay.io": ["quay.io/bleuos", "quay.io/bleuos/bleu-os"],
    Harbor: ["harbor.bleuos.com:8443/public", "harbor.bleuos.com:8443/public/bleu-os"],
  } as const;

  it("BLEU-03: a list of all seven kinds of registries: each has every tag of the same image, and no other", async () => {
    const [first = "", ...others] = Object.values(kinds).map(([place]) => place);
    const [registry, namespace] = first.split("/");
    const program = await prod({
      registry,
      namespace,
      dockerHub: undefined,
      enterprise: undefined,
      mirrors: JSON.stringify(others),
    });
    const [source, ...targets] = Object.values(kinds).map(([, repository]) => repository);
    const tags = [...program.ofType("slipway:oci:Tags").values()] as unknown as Tagged[];
    for (const { repository } of tags) assert.equal(repository, source);
    const expected = tags.flatMap(({ tags: some }) => some.map(({ tag }) => tag)).sort();
    assert.ok(expected.includes("1.0.0") && expected.includes("latest"));
    const mirrors = [...program.ofType("slipway:oci:Mirror").values()] as unknown as (Tagged & {
      source: string;
      target: string;
      digest: string;
    })[];
    assert.deepEqual(
      mirrors.map((mirror) => [mirror.source, mirror.target]),
      targets.map((target) => [source, target]),
    );
    for (const mirror of mirrors) {
      assert.deepEqual(mirror.tags.map(({ tag }) => tag).sort(), expected, mirror.target);
      assert.equal(mirror.digest, mirrors[0]?.digest);
    }
  });

  for (const [kind, [place, repository]] of Object.entries(kinds)) {
    it(`BLEU-03: ${kind} as the primary registry`, async () => {
      const [registry, namespace] = place.split("/");
      const program = await prod({ registry, namespace, dockerHub: undefined });
      const tags = [...program.ofType("slipway:oci:Tags").values()] as unknown as Tagged[];
      assert.ok(tags.length > 0);
      for (const tagged of tags) assert.equal(tagged.repository, repository);
    });
  }

  it("starts from bases that are named by digest", async () => {
    const [context] = (await prod()).ofType("slipway:build:Context").values();
    const { buildArgs, dockerfile, platforms } = context as { [name: string]: unknown } & {
      buildArgs: Record<string, string>;
    };
    assert.equal(dockerfile, "bleu-os/Dockerfile.production");
    assert.deepEqual(platforms, ["linux/amd64", "linux/arm64"]);
    for (const name of ["GO_IMAGE", "DEBIAN_IMAGE"]) {
      assert.match(
        buildArgs[name] ?? "",
        /^docker\.io\/library\/[a-z]+:\d+\.\d+(\.\d+)?[\w.-]*@sha256:[0-9a-f]{64}$/,
      );
    }
  });

  it("what points to the image comes after build, proofs and the four checks", async () => {
    const order = (await prod()).resources.map(({ type, name }) => `${type} ${name}`);
    const at = (text: string) => {
      const found = order.findIndex((one) => one.includes(text));
      assert.ok(found >= 0, text);
      return found;
    };
    const steps = [
      ["docker-build:index:Image bleu-os-linux-amd64", "docker-build:index:Image bleu-os-linux-arm64"],
      ["slipway:oci:Index bleu-os"],
      ["Sbom", "Scan", "Signature", "Check tests", "Check docs", "Check changelog", "Check git-tag"],
      ["bleu-os:version-tags"],
      ["bleu-os:aliases", "Mirror bleu-os@docker.io", "github:Release"],
      ["Check reachable"],
      ["Check clean-pull ghcr.io/", "Check clean-pull docker.io/"],
      ["Check watch-downloads", "Check collect-feedback", "Check fix-faults", "Check plan-next"],
    ];
    for (const [index, step] of steps.slice(1).entries()) {
      for (const later of step)
        for (const earlier of steps[index] ?? []) assert.ok(at(earlier) < at(later), later);
    }
  });

  it("a build without a version asks only for what a build has", async () => {
    const names = [
      ...(await prod({ version: undefined, branch: "main" })).ofType("slipway:gate:Check").keys(),
    ];
    assert.deepEqual(names, ["tests"]);
  });
});
