import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { applyEdits, type DocumentEdit } from "../../lib/documents/edits";
import { EXAMPLES } from "../../tools/examples";
import { runClient } from "../support/clients";
import { composeConfig, imagesOf, kubeconform, kubectlApply, withKubernetes } from "../support/deploy-files";
import { requireTools } from "../support/tools";
import { builtCommit, mockProgram } from "./mocked-program";

const at = (example: string, file: string) => path.join(EXAMPLES, example, file);

/** The deploy files that the prod stack of an example writes, by path; those that are there are the ones of the example. */
async function deployFiles(
  example: string,
  overrides: Record<string, string> = {},
): Promise<Record<string, string>> {
  const program = await mockProgram(example, "prod", { deployFiles: "true", ...overrides });
  const documents = [...program.ofType("slipway:files:Document").values()].filter(
    ({ path: file }) => !String(file).startsWith(".github/"),
  );
  return Object.fromEntries(
    documents.map(({ path: file, edits }) => {
      const name = String(file);
      const present = existsSync(at(example, name)) ? readFileSync(at(example, name), "utf8") : undefined;
      return [name, applyEdits(name, present, edits as DocumentEdit[]).text];
    }),
  );
}

/** The files of an example as a release leaves them are those that it has. */
function assertAsTheyAre(example: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    assert.equal(text, readFileSync(at(example, file), "utf8"), file);
  }
}

async function imagesByService(file: string, args: readonly string[] = []): Promise<Record<string, string>> {
  const { services } = await composeConfig(path.dirname(file), ["--file", file, ...args]);
  return Object.fromEntries(
    Object.entries(services).map(([name, { image = "", build }]) => [
      name,
      build === undefined ? image : "built",
    ]),
  );
}

describe("deploy files of the examples, as prod writes them", function () {
  this.timeout(60_000);
  let folder: string;

  before(async function () {
    requireTools(this, "compose", "kubeconform", "kubernetes-validate", "kubectl", "sh", "sed");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-deploy-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("CORE-21: compose reads a service mlos-core with the published image and both ports", async () => {
    const files = await deployFiles("mlos-core");
    assert.deepEqual(Object.keys(files), ["docker-compose.yml"]);
    assertAsTheyAre("mlos-core", files);
    assert.deepEqual(await imagesByService(at("mlos-core", "docker-compose.yml")), {
      "mlos-core": "ghcr.io/mlos-foundation/mlos-core:v1.0.0",
    });
    assert.match(files["docker-compose.yml"] ?? "", /- 8080:8080\n\s+- 8081:8081\n/);
  });

  it("DISTRO-24: compose reads the whole stack, which is one image, on 8080", async () => {
    const files = await deployFiles("mlos-distro");
    assertAsTheyAre("mlos-distro", files);
    assert.deepEqual(await imagesByService(at("mlos-distro", "docker-compose.yml")), {
      mlos: "ghcr.io/mlos-foundation/mlos:v1.0.0",
    });
    assert.match(files["docker-compose.yml"] ?? "", /- 8080:8080\n/);
  });

  it("BLEU-22, BLEU-23: compose and Kubernetes take the files of Bleu OS", async () => {
    const files = await deployFiles("bleu-os", { commit: builtCommit });
    assert.deepEqual(Object.keys(files), ["deploy/docker-compose.yml", "deploy/kubernetes.yaml"]);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.join(folder, "deploy"), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
    assert.deepEqual(await imagesByService(path.join(folder, "deploy/docker-compose.yml")), {
      "bleu-os": "ghcr.io/helloblueai/bleu-os:1.0.0",
    });
    const manifests = path.join(folder, "deploy/kubernetes.yaml");
    assert.match(
      imagesOf(readFileSync(manifests, "utf8")).join(),
      /^ghcr\.io\/helloblueai\/bleu-os:1\.0\.0@sha256:/,
    );
    await kubeconform(folder, [manifests]);
    assert.deepEqual(await kubectlApply(folder, [manifests]), ["deployment.apps/bleu-os created (dry run)"]);
  });

  describe("TinyOlly", () => {
    const compose = [
      "docker/docker-compose-tinyolly-core.yml",
      "docker-core-only/docker-compose-tinyolly-core.yml",
    ];
    const local = "docker/docker-compose-tinyolly-core-local.yml";
    const manifests = ["otel-supervisor", "otlp-receiver", "opamp-server", "ui"].map(
      (name) => `k8s/${name}.yaml`,
    );
    const services = [
      "otel-supervisor",
      "tinyolly-opamp-server",
      "tinyolly-otlp-receiver",
      "tinyolly-redis",
      "tinyolly-ui",
    ];

    it("the files are as prod writes them, and follow the next release", async () => {
      const files = await deployFiles("tinyolly");
      const script = "docker/build-and-push-images.sh";
      assert.deepEqual(Object.keys(files).sort(), [...compose, local, ...manifests, script].sort());
      assertAsTheyAre("tinyolly", files);
      const next = await deployFiles("tinyolly", { version: "v2.1.0" });
      for (const file of [...compose, ...manifests]) {
        assert.equal(next[file], files[file]?.replaceAll(":v2.0.0", ":v2.1.0"), file);
      }
      assert.equal(next[local], files[local]);
      assert.equal(next[script], files[script]);
    });

    it("TINY-14: no service of the two compose files is built, and each image is a published one of TinyOlly or Redis", async () => {
      const [core = {}, only = {}] = await Promise.all(
        compose.map((file) => imagesByService(at("tinyolly", file))),
      );
      assert.deepEqual(Object.keys(core).sort(), services);
      assert.deepEqual(
        Object.keys(only).sort(),
        services.filter((name) => /ui|receiver|redis/.test(name)),
      );
      for (const [name, image] of [...Object.entries(core), ...Object.entries(only)]) {
        const expected =
          name === "tinyolly-redis" ? "docker.io/library/redis:7-alpine" : /^tinyolly\/[a-z-]+:v2\.0\.0$/;
        assert.match(image, new RegExp(expected), name);
      }
    });

    it("TINY-15, TINY-33: compose reads a local file that builds each of the five, two on the base of the same file", async () => {
      const file = at("tinyolly", local);
      assert.deepEqual(await imagesByService(file, ["--profile", "build"]), {
        ...Object.fromEntries(services.map((name) => [name, "built"])),
        "python-base": "built",
        "tinyolly-redis": "docker.io/library/redis:7-alpine",
      });
      const project = await composeConfig(path.dirname(file), ["--profile", "build", "--file", file]);
      for (const { build } of Object.values(project.services)) {
        if (build) assert.ok(existsSync(path.join(build.context, build.dockerfile)), build.dockerfile);
      }
    });

    it("TINY-32: one setting takes the compose files back to local builds, and again to published images", async () => {
      const back = await deployFiles("tinyolly", { deploy: "local" });
      for (const file of compose) {
        const target = path.join(folder, file);
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, back[file] ?? "");
        const { services: found } = await composeConfig(path.dirname(target), ["--file", target]);
        for (const [name, { image = "", build }] of Object.entries(found)) {
          if (name === "tinyolly-redis") continue;
          assert.match(image, /^tinyolly-[a-z-]+:latest$/, name);
          assert.ok(build, name);
        }
      }
      assertAsTheyAre("tinyolly", await deployFiles("tinyolly"));
    });

    it("TINY-17: once use-local-builds.sh is sourced, compose has what is built", async () => {
      const script = `. ./use-local-builds.sh && "$@"`;
      const args = ["-c", `cd "$0" && ${script}`, at("tinyolly", "docker"), "compose", "config"];
      const env = { PATH: `${process.env.SLIPWAY_TOOLS ?? ""}:${process.env.PATH ?? ""}` };
      assert.match(await runClient("sh", args, env), /\n {4}build:\n/);
    });

    it("TINY-19: each manifest is valid, has a published image, and is pulled always", async () => {
      const files = manifests.map((file) => at("tinyolly", file));
      await kubeconform(folder, files);
      for (const file of files) {
        const text = readFileSync(file, "utf8");
        assert.match(imagesOf(text).join(), /^tinyolly\/[a-z-]+:v2\.0\.0$/);
        assert.match(text, /imagePullPolicy: Always\n/);
      }
      assert.equal((await kubectlApply(folder, files)).length, 2 * files.length);
    });

    it("TINY-20: with USE_DOCKERHUB=true nothing is built and published images are deployed, else local ones", async () => {
      const script = (name: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
        runClient("sh", [at("tinyolly", `k8s/${name}`), ...args], env);
      const published = { USE_DOCKERHUB: "true" };
      // A program that builds would not be found.
      const built = await script("01-build-images.sh", [], { ...published, PATH: "/usr/bin:/bin" });
      assert.equal(built, "Published images are used: nothing is built.");
      const deployed = (env: NodeJS.ProcessEnv) =>
        withKubernetes(folder, (args, kubectl) =>
          script("02-deploy-tinyolly.sh", ["--output", "yaml", ...args], { ...env, ...kubectl }),
        );
      const images = async (env: NodeJS.ProcessEnv) => imagesOf(await deployed(env)).sort();
      const names = ["opamp-server", "otel-supervisor", "otlp-receiver", "ui"];
      assert.deepEqual(
        await images(published),
        names.map((name) => `tinyolly/${name}:v2.0.0`),
      );
      assert.deepEqual(
        await images({}),
        names.map((name) => `tinyolly-${name}:latest`),
      );
    });

    it("the scripts are as shellcheck wants them", async function () {
      requireTools(this, "shellcheck");
      const scripts = [
        "docker/01-start-core.sh",
        "docker/build-and-push-images.sh",
        "docker/build-local-images.sh",
        "docker/use-local-builds.sh",
      ];
      const all = [...scripts, "k8s/01-build-images.sh", "k8s/02-deploy-tinyolly.sh"];
      assert.equal(
        await runClient(
          "shellcheck",
          all.map((file) => at("tinyolly", file)),
        ),
        "",
      );
    });
  });
});
