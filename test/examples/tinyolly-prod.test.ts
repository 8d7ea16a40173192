import assert from "node:assert/strict";
import * as path from "node:path";
import type { Context } from "mocha";
import { emulateArm64 } from "../support/buildkit";
import { crane } from "../support/clients";
import { requireDocker, startDocker, type DockerEngine } from "../support/docker";
import { resourceCounts } from "../support/engine";
import { requirement } from "../support/requirement";
import { requireTools, toolPath } from "../support/tools";
import { refuse, refuseAtOnce } from "./bad-stack";
import { ExampleProject, ownPlatform, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { runHistory } from "./history";
import { imageNames, platforms } from "./tinyolly";
import { badStacks } from "./tinyolly-bad-stacks";
import { speakToServices } from "./tinyolly-containers";
import { tinyollySteps, titleOf } from "./tinyolly-history";
import { checkRows } from "./tinyolly-rows";
import { RedirectedProd } from "./tinyolly-stack";

describe("TinyOlly's prod stack, on registries of this machine", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let prod: RedirectedProd;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "trivy", "cosign", "oras", "python3", "go", "tar");
    workspace = await ExampleWorkspace.shared();
    prod = await RedirectedProd.create(workspace);
  });

  after(async () => {
    await prod?.remove();
    await workspace?.remove();
  });

  const reference = (name: string, tag = "v2.0.0") => `${prod.repository(name)}:${tag}`;

  describe("made bad, the policy pack refuses it before anything is built:", () => {
    refuseAtOnce(
      () => prod,
      badStacks.filter(({ onceBuilt }) => !onceBuilt),
    );
  });

  describe("good,", () => {
    it("it is published, with the policy pack on, after a preview that names each tag", async () => {
      const preview = await prod.preview();
      for (const tag of ["v2.0.0", "v2.0", "v2", "latest"]) assert.match(preview, new RegExp(`"${tag}"`));
      assert.deepEqual(Object.values(await prod.published()).flatMap(Object.keys), []);
      const text = await prod.up();
      assert.match(text, /slipway: promoted-tags-are-signed looked at 20 tags: no violation/);
    });

    it("TINY-01, TINY-09: each of the five images has v2.0.0, v2.0, v2 and latest, of one digest", async () => {
      for (const [name, tags] of Object.entries(await prod.published())) {
        assert.deepEqual(Object.keys(tags).sort(), ["latest", "v2", "v2.0", "v2.0.0"], name);
        assert.equal(new Set(Object.values(tags)).size, 1, name);
      }
    });

    it("PROD-01, PROD-03: a second update changes nothing", async () => {
      const before = await prod.published();
      assert.deepEqual(Object.keys(resourceCounts(await prod.up())), ["unchanged"]);
      assert.deepEqual(await prod.published(), before);
    });

    checkRows(() => prod);

    it("the release on GitHub has the notes of its version, and the SBOMs of each image", () => {
      const release = prod.released("v2.0.0");
      assert.equal(release?.name, "TinyOlly v2.0.0");
      assert.equal(release?.body?.trim(), "- First publication of the five images.");
      const documents = release?.assets.map(({ name }) => name).filter((name) => name.endsWith(".spdx.json"));
      const parts = ["", "-linux-amd64", "-linux-arm64"];
      const expected = imageNames.flatMap((name) => parts.map((part) => `${name}${part}.spdx.json`));
      assert.deepEqual(documents?.sort(), expected.sort());
    });
  });

  describe("made bad, the policy pack refuses what is built already:", () => {
    badStacks.filter(({ onceBuilt }) => onceBuilt).forEach((bad) => refuse(() => prod, bad));
  });

  describe("started by Docker,", () => {
    let engine: DockerEngine;

    before(async function (this: Context) {
      requireDocker(this);
      engine = await startDocker();
    });
    after(() => engine?.stop());

    it("TINY-41: a machine that has nothing pulls v2.0.0 and latest without credentials, and they are one", async () => {
      assert.equal(await engine.docker("images", "--quiet"), "");
      for (const name of imageNames) {
        for (const tag of ["v2.0.0", "latest"]) {
          await engine.docker("pull", "--quiet", reference(name, tag));
        }
        const ids = await engine.docker("images", "--quiet", "--no-trunc", prod.repository(name));
        assert.equal(new Set(ids.split("\n")).size, 1, name);
      }
    });

    for (const platform of platforms) {
      it(`TINY-07, TINY-08, TINY-41: the images of a first publication start on ${platform}`, async function () {
        const why = platform === "linux/arm64" ? emulateArm64() : undefined;
        requirement(this, why === undefined, why ?? "");
        const python = ["run", "--rm", "--network", "none", "--platform", platform, reference("python-base")];
        assert.match(await engine.docker(...python, "python3", "--version"), /Python 3\.\d+\.\d+/);
        assert.equal(
          await engine.docker(...python, "python3", "-c", "import platform; print(platform.machine())"),
          platform === "linux/arm64" ? "aarch64" : "x86_64",
        );
        await speakToServices(engine, platform, (name) => reference(name));
      });
    }
  });

  describe("elsewhere,", () => {
    it("TINY-03: another organization is one field, and no image refers to the old one", async () => {
      const before = await prod.published();
      await prod.project.succeed([
        "up",
        "--yes",
        "--skip-preview",
        "--stack",
        "prod",
        "--config",
        "namespace=myorg",
      ]);
      const own = new RegExp(`(${prod.host}|docker\\.io)/tinyolly/|FROM tinyolly/`);
      for (const [name, tags] of Object.entries(await prod.published("myorg"))) {
        assert.deepEqual(tags, before[name], name);
        for (const platform of platforms) {
          const image = `${prod.repository(name, "myorg")}:v2.0.0`;
          for (const kind of ["manifest", "config"]) {
            assert.doesNotMatch(await crane([kind, "--platform", platform, image]), own, name);
          }
        }
      }
      assert.deepEqual(await prod.published(), before, "what was published stays");
    });
  });

  describe("and the dev stack, on the embedded default:", () => {
    let dev: ExampleProject;

    before(async () => {
      const PATH = [workspace.env.PATH, path.dirname(toolPath("trivy"))].join(path.delimiter);
      dev = await ExampleProject.copyOf("tinyolly", { workspace, env: { PATH } });
    });

    const repositories = () => imageNames.map((name) => `${prod.host}/${name}`);
    const steps = tinyollySteps(
      () => prod.host,
      () => workspace.signedIn,
    );
    runHistory({ project: () => dev, repositories, steps }, titleOf);

    it("PROD-08: v2.0.0 has the digests of prod, whose endpoints are other ones by configuration alone", async () => {
      for (const name of imageNames) {
        const digests = [`${prod.host}/${name}:v2.0.0`, reference(name)].map((tag) => crane(["digest", tag]));
        const [own, theirs] = await Promise.all(digests);
        assert.equal(own, theirs, name);
      }
    });

    it("TINY-12: what is pinned by a version or a date can be pulled, releases later", async () => {
      const pinned = ["v2.0.0", "v2.1.0", "v2.1.0-20260131", "0123456"];
      for (const repository of repositories()) {
        for (const tag of pinned) await crane(["validate", "--fast", "--remote", `${repository}:${tag}`]);
      }
      // Every byte of the first one is still what its digest says.
      await crane(["validate", "--remote", `${prod.host}/ui:v2.0.0`]);
    });

    const entries: { what: string; edit: [string | RegExp, string]; adds: RegExp }[] = [
      {
        what: "another image",
        edit: [
          "\n  images: {",
          `\n  images: { demo: { dockerfile: dockerfile("tinyolly-ui"), context, base: "python-base", buildArgs: { APP_DIR: "tinyolly-ui" } },`,
        ],
        adds: new RegExp(
          `docker-build:index:Image: \\(create\\)[^]*?::demo-${ownPlatform.replace("/", "-")}\\]`,
        ),
      },
      {
        what: "another platform of an image",
        edit: [
          `"opamp-server": { dockerfile`,
          `"opamp-server": { platforms: ["linux/amd64", "linux/arm64", "linux/riscv64"], dockerfile`,
        ],
        adds: /docker-build:index:Image: \(create\)[^]*?::opamp-server-linux-riscv64\]/,
      },
    ];
    for (const { what, edit, adds } of entries) {
      it(`${what} is one entry, as a preview shows`, async () => {
        const program = await dev.read("index.ts");
        assert.notEqual(program.replace(...edit), program);
        await dev.edit("index.ts", (text) => text.replace(...edit));
        try {
          const text = await dev.preview();
          assert.match(text, adds);
        } finally {
          await dev.edit("index.ts", program);
        }
      });
    }
  });
});
