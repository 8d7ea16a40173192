import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { cp, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { awsChangeSet } from "../../lib/marketplace/aws";
import { azureConfiguration } from "../../lib/marketplace/azure";
import type { Properties } from "../../provider/base/properties";
import { runClient } from "../support/clients";
import { repository } from "../support/engine";
import { ProviderProcess } from "../support/provider-process";
import { requireTools } from "../support/tools";
import { builtCommit, mockProgram } from "./mocked-program";

/**
 * The documents of the examples, as the prod stacks declare them: the programs run under Pulumi's mocks, and the
 * provider writes what they say into a copy of the example.
 */

/** Digest of each image, by its name. */
const digestOf = (image: string) =>
  `sha256:${Buffer.from(image).toString("hex").padEnd(64, "0").slice(0, 64)}`;

const publicKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();

describe("documents of the examples", function () {
  this.timeout(60_000);
  let root: string;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-example-documents-"));
  });
  after(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));

  /** A copy of an example in which its documents are written; twice, the second time without a change. */
  async function written(example: string, config: Record<string, string> = {}) {
    const folder = path.join(root, example);
    await cp(path.join(repository, "examples", example), folder, {
      recursive: true,
      filter: (file) => !file.includes(".slipway"),
    });
    const program = await mockProgram(example, "prod", { documents: "true", ...config }, (type, name) =>
      type === "slipway:trust:PublicKey"
        ? { publicKey }
        : ["slipway:oci:Index", "slipway:build:Archive"].includes(type)
          ? { digest: digestOf(name) }
          : {},
    );
    const provider = await ProviderProcess.start(folder);
    try {
      for (const [name, inputs] of program.ofType("slipway:files:Document")) {
        const held = await provider.create("slipway:files:Document", inputs, false, name);
        const read = await provider.read(held);
        assert.ok(read);
        assert.deepEqual((await provider.diff(read, inputs as Properties)).changes, [], name);
      }
      assert.deepEqual(provider.messages, []);
    } finally {
      await provider.stop();
    }
    return {
      path: (file: string) => path.join(folder, file),
      read: (file: string) => readFile(path.join(folder, file), "utf8"),
      /** All files of a folder, as `find` lists them. */
      find: async (within: string) =>
        (await runClient("find", [path.join(folder, within), "-type", "f", "-printf", "%P\\n"]))
          .split("\n")
          .sort(),
    };
  }

  describe("of TinyOlly", () => {
    let made: Awaited<ReturnType<typeof written>>;
    const services = ["ui", "otlp-receiver", "opamp-server", "otel-supervisor"];
    const all = ["python-base", ...services];

    before(async () => {
      made = await written("tinyolly", { version: "v2.1.0" });
    });

    it("TINY-29: the README has a quick start with the published images, the services for both architectures, and local builds", async () => {
      const readme = await made.read("README.md");
      assert.match(readme, /## Quick start\n\n[^#]*<!-- slipway:begin install -->\n\n### Docker\n\n```sh\n/);
      for (const image of all)
        assert.ok(readme.includes(`\ndocker pull docker.io/tinyolly/${image}:v2.1.0\n`), image);
      for (const image of services)
        assert.ok(
          readme.includes(`\n| \`docker.io/tinyolly/${image}:v2.1.0\` | linux/amd64, linux/arm64 |\n`),
          image,
        );
      assert.match(readme, /## Build locally\n\n`npm start -- tinyolly` builds all five images/);
      const before = await readFile(path.join(repository, "examples/tinyolly/README.md"), "utf8");
      const outside = (text: string) =>
        text.replaceAll(/(slipway:begin (\w+) -->)[^]*?(<!-- slipway:end \2)/g, "$1$3");
      assert.equal(outside(readme), outside(before));
    });

    it("TINY-30: DOCKER_HUB.md has images, tags, how to publish and how to use a version", async () => {
      const page = await made.read("DOCKER_HUB.md");
      for (const image of all)
        assert.ok(
          page.includes(
            `| \`docker.io/tinyolly/${image}:v2.1.0\` | linux/amd64, linux/arm64 | \`${digestOf(image)}\` |`,
          ),
          page,
        );
      for (const [tag, meaning] of [
        ["v2.1.0", "this version; it never moves"],
        ["v2.1", "the latest stable version of 2.1"],
        ["v2", "the latest stable version of 2"],
        ["latest", "the latest stable version"],
      ])
        assert.ok(page.includes(`| \`${tag}\` | ${meaning} |`), tag);
      assert.match(page, /docker pull docker\.io\/tinyolly\/ui@sha256:/);
      assert.match(page, /## Build and publish\n[^]*npm run pulumi -- -C examples\/tinyolly up --stack prod/);
      assert.doesNotMatch(page, /v2\.0\.0|\{/);
    });

    it("TINY-21: DOCKER_HUB.md lists the images of others with their digests", async () => {
      const page = await made.read("DOCKER_HUB.md");
      const telemetry = "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector";
      for (const image of [
        "docker.io/library/redis:7-alpine",
        `${telemetry}-contrib:latest`,
        `${telemetry}-opampsupervisor:latest`,
      ])
        assert.match(page, new RegExp(`\\| \`${image.replaceAll(".", "\\.")}\` \\| \`sha256:0{64}\` \\|`));
    });

    it("TINY-31: the notes of v2.1.0 have features, five images, the breaking change and the migration", async () => {
      const notes = await made.read("RELEASE-NOTES-v2.1.0.md");
      for (const image of all) assert.ok(notes.includes(`docker.io/tinyolly/${image}:v2.1.0`), image);
      assert.match(notes, /## Breaking change\n\nThe default is published images/);
      assert.match(notes, /## Migration\n\nExisting users need no action/);
    });
  });

  it("BLEU-20, BLEU-27, BLEU-28: README, announcements and marketplace descriptor say the release", async () => {
    const { read } = await written("bleu-os", { version: "v1.4.0", commit: builtCommit });
    const image = "ghcr.io/helloblueai/bleu-os";
    const readme = await read("README.md");
    assert.match(
      readme,
      /docker pull ghcr\.io\/helloblueai\/bleu-os:1\.4\.0\ndocker run -it ghcr\.io\/helloblueai\/bleu-os:1\.4\.0\n/,
    );
    assert.match(
      readme,
      /\[discussions\]\(https:\/\/\S+\/discussions\), \[issues\]\(https:\/\/\S+\/issues\)/,
    );
    assert.match(await read("announcements/blog.md"), new RegExp(`\`${image}@${digestOf("bleu-os")}\``));
    assert.ok((await read("announcements/short.txt")).length <= 300);
    const listing = JSON.parse(await read("marketplace/listing.json")) as Record<string, string>;
    assert.deepEqual([listing.version, listing.image], ["1.4.0", `${image}@${digestOf("bleu-os")}`]);
  });

  it("BLEU-20: what AWS's and Microsoft's marketplaces are told has their form, and the released image", async () => {
    const ecr = "709825985650.dkr.ecr.us-east-1.amazonaws.com/helloblueai";
    const { read } = await written("bleu-os", {
      version: "v1.4.0",
      commit: builtCommit,
      mirrors: JSON.stringify([ecr, "bleuos.azurecr.io"]),
      awsProduct: "prod-abcdef123456",
      azurePlan: JSON.stringify({
        product: "a8b48be1-a630-41b5-b5a5-c2a9f7789922",
        plan: "4db792e6-8e10-439d-9db2-a0e98fa7e174",
        subscription: "537d2130-be25-451e-b3ff-c5b469a13e2d",
        resourceGroup: "releases",
      }),
    });
    const { ChangeSet } = awsChangeSet.parse(JSON.parse(await read("marketplace/aws.json")));
    const { Version, DeliveryOptions } = ChangeSet[0].DetailsDocument;
    assert.deepEqual(DeliveryOptions[0].Details.EcrDeliveryOptionDetails.ContainerImages, [
      `${ecr}/bleu-os:1.4.0`,
    ]);
    assert.ok(
      Version.ReleaseNotes.endsWith(`- ${ecr}/bleu-os:1.4.0@${digestOf("bleu-os")}`),
      Version.ReleaseNotes,
    );
    const { resources } = azureConfiguration.parse(JSON.parse(await read("marketplace/azure.json")));
    assert.ok(resources[0].payloadType === "image");
    assert.deepEqual(resources[0].imageTags, ["1.4.0"]);
    assert.equal(resources[0].imageRepositoryDetails.registryName, "bleuos");
  });

  describe("of MLOS Distro", () => {
    let made: Awaited<ReturnType<typeof written>>;

    before(async () => {
      made = await written("mlos-distro", { deployFiles: "true" });
    });

    it("DISTRO-01: the repository has the declared files, beside those of the declaration itself", async () => {
      const declaration = [
        ...[
          "Pulumi.dev.yaml",
          "Pulumi.prod.yaml",
          "Pulumi.yaml",
          "index.ts",
          "policies.json",
          "versions.json",
        ],
        ...["LICENSE", "bundle/README.md", "compatibility-test.sh", "mlos/go.mod", "mlos/main.go"],
      ];
      const all = await made.find(".");
      assert.deepEqual(
        all.filter((file) => !declaration.includes(file) && !file.startsWith("templates/")),
        [
          ...[".github/workflows/release.yml", ".github/workflows/test-compatibility.yml", "CHANGELOG.md"],
          ...["Dockerfile", "README.md", "VERSIONS.md", "config/axon.yaml", "config/mlos.yaml"],
          ...["dist/binaries/README.md", "dist/docker/README.md", "dist/packages/README.md"],
          ...["docker-compose.yml", "docs/COMPONENTS.md", "docs/INSTALLATION.md", "docs/VERSIONING.md"],
          ...["examples/e2e-demo.sh", "examples/quickstart.sh", "install.sh"],
        ].sort(),
      );
    });

    it("DISTRO-29: guides for installation, components and versions say what is in the release, and so does the change log", async () => {
      const includes = "Axon v1.5.0 + MLOS Core v1.0.0";
      const image = "ghcr.io/mlos-foundation/mlos";
      const [installation, components, versioning, changelog] = await Promise.all(
        ["docs/INSTALLATION.md", "docs/COMPONENTS.md", "docs/VERSIONING.md", "CHANGELOG.md"].map(made.read),
      );
      assert.match(
        changelog ?? "",
        /## \[1\.0\.0\][^#]*### Changed\n\n- Includes Axon v1\.5\.0 \+ MLOS Core v1\.0\.0\n/,
      );
      for (const text of [
        `${includes}, tested together`,
        `docker pull ${image}:v1.0.0\n`,
        "/mlos-distro/releases/latest/download/install.sh | sh\n",
        "brew install mlOS-foundation/tap/mlos\n",
        "MLOS_INSTALL_METHOD",
        publicKey.trim(),
        "mlos-v1.0.0_darwin_arm64.tar.gz",
      ])
        assert.ok(installation?.includes(text), `${text} in ${installation}`);
      for (const text of ["\n- Axon: v1.5.0\n- MLOS Core: v1.0.0\n", digestOf("mlos")])
        assert.ok(components?.includes(text), components);
      for (const text of [`v1.0.0 is ${includes};`, "| `latest` | the latest stable version |"])
        assert.ok(versioning?.includes(text), versioning);
    });

    it("DISTRO-01: installer and quick start are of the release, and as shellcheck wants them", async function () {
      requireTools(this, "shellcheck");
      assert.match(
        await made.read("install.sh"),
        /^#!\/bin\/sh\n# Written by Slipway[^\n]*\n# Installs mlos /,
      );
      assert.match(
        await made.read("examples/quickstart.sh"),
        /image=ghcr\.io\/mlos-foundation\/mlos:v1\.0\.0\n/,
      );
      const files = ["install.sh", "examples/quickstart.sh"].map(made.path);
      for (const file of files) assert.equal((await stat(file)).mode & 0o111, 0o111);
      assert.equal(await runClient("shellcheck", files), "");
      const [bundles, packages] = await Promise.all(
        ["dist/binaries/README.md", "dist/packages/README.md"].map(made.read),
      );
      assert.match(bundles ?? "", /mlos-v1\.0\.0_linux_amd64\.tar\.gz/);
      assert.doesNotMatch(bundles ?? "", /brew/);
      assert.match(packages ?? "", /brew install/);
      assert.doesNotMatch(packages ?? "", /docker pull|tar\.gz/);
    });
  });

  it("MESH-31, MESH-32: packaging has its folders, scripts that are those of the example, and a README of all of it", async () => {
    const { read, find } = await written("mcp-mesh");
    const packaging = (folder: string) => find(path.join("packaging", folder));
    assert.deepEqual(await packaging("."), [
      "README.md",
      ...["cli", "python-runtime", "registry"].map((name) => `docker/${name}.Dockerfile`),
      "homebrew/mcp-mesh.rb",
      ...["README.md", "build.sh", "normalize.py", "pyproject.toml", "requirements.txt"].map(
        (name) => `pypi/${name}`,
      ),
      "scoop/mcp-mesh.json",
      ...["build-binaries", "build-docker", "check-manifest", "check-pypi"].map(
        (name) => `scripts/${name}.sh`,
      ),
    ]);
    const addresses = "https://github.com/dhyansraj/mcp-mesh/releases/download/v1.0.0/";
    assert.ok(
      (await read("packaging/homebrew/mcp-mesh.rb")).includes(`"${addresses}mcp-mesh_v1.0.0_linux_amd64`),
    );
    assert.ok(
      (await read("packaging/scoop/mcp-mesh.json")).includes(`"${addresses}mcp-mesh_v1.0.0_windows_amd64`),
    );
    for (const script of ["build-binaries", "build-docker"]) {
      const file = `packaging/scripts/${script}.sh`;
      assert.equal(
        await read(file),
        await readFile(path.join(repository, "examples/mcp-mesh", file), "utf8"),
      );
    }
    const page = await read("packaging/README.md");
    for (const line of [
      "docker pull docker.io/mcpmesh/cli:1.0.0",
      "brew install dhyansraj/tap/mcp-mesh",
      "scoop install dhyansraj/mcp-mesh",
      "docker run --rm docker.io/mcpmesh/cli:latest version",
    ])
      assert.ok(page.includes(`\n${line}\n`), page);
    for (const platform of ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"])
      assert.match(page, new RegExp(`\\n\\| ${platform} \\| \\[mcp-mesh_v1\\.0\\.0_`), platform);
    assert.ok(
      page.includes(
        `| \`docker.io/mcpmesh/python-runtime:1.0.0\` | linux/amd64, linux/arm64 | \`${digestOf("python-runtime")}\` |`,
      ),
    );
    for (const script of ["build-docker.sh", "build-binaries.sh"])
      assert.ok(page.includes(`scripts/${script}`), page);
    assert.match(page, /https:\/\/github\.com\/dhyansraj\/mcp-mesh\/issues/);
  });
});
