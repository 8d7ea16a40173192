import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { emulateArm64 } from "../support/buildkit";
import { crane, runClient } from "../support/clients";
import { resourceCounts, type EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { BuildKitPlace } from "./buildkit-place";
import { platforms, program, projectFiles } from "./five-images";

interface Config {
  config: { Labels: Record<string, string>; Healthcheck?: { Test: string[] }; User?: string };
  created: string;
  architecture: string;
}

interface PlatformManifest {
  config: { digest: string };
  layers: { digest: string }[];
  annotations?: Record<string, string>;
}

const apps = ["ui", "otlp-receiver"] as const;
const names = ["ui", "otlp-receiver", "python-base", "opamp-server", "otel-supervisor"] as const;

/** ELF machine of each platform (System V ABI, "e_machine"). */
const machines: Record<string, number> = { "linux/amd64": 62, "linux/arm64": 183 };

describe("images from Dockerfiles, through the engine, the official plugin and BuildKit", function () {
  this.timeout(240_000);
  let place: BuildKitPlace;
  let registry: TestRegistry;
  let rootfs: string;
  let project: EngineProject;

  before(async function (this: Context) {
    const why = emulateArm64();
    requirement(this, why === undefined, why ?? "");
    // Nobody listens there.
    place = await BuildKitPlace.open(this, "slipway-test", { gone: "tcp://127.0.0.1:9" });
    ({ registry, rootfs } = place);
    project = await create(program(registry.host));
  });

  after(async () => {
    await project?.remove();
    await place?.close();
  });

  function create(text: string, more: { secrets?: Record<string, string> } = {}): Promise<EngineProject> {
    return place.create({ program: text, files: projectFiles(rootfs), ...more });
  }

  const repository = (name: string) => `${registry.host}/myorg/${name}`;

  async function manifest(name: string, platform: string, tag = "v2.0.0"): Promise<PlatformManifest> {
    return JSON.parse(
      await crane(["manifest", "--platform", platform, `${repository(name)}:${tag}`]),
    ) as PlatformManifest;
  }

  async function config(name: string, platform: string): Promise<Config> {
    return JSON.parse(
      await crane(["config", "--platform", platform, `${repository(name)}:v2.0.0`]),
    ) as Config;
  }

  const digests = () => Promise.all(names.map((name) => crane(["digest", `${repository(name)}:v2.0.0`])));

  /** Names of the resources that a preview would update, of a type. */
  const updated = (text: string, type: string): string[] =>
    [...text.matchAll(new RegExp(`~ ${type}: \\(update\\)[^]*?::([\\w-]+)\\]\\n`, "g"))]
      .map(([, name = ""]) => name)
      .sort();

  /** Names of the builds that a preview would make again. */
  const replaced = (text: string): string[] =>
    [...text.matchAll(/docker-build:index:Image: \(replace[^]*?::([\w-]+)\]\n/g)].map(
      ([, name = ""]) => name,
    );

  /** Requests that wrote to the registry. */
  const writes = () =>
    registry.requests().filter(({ method }) => method !== "GET" && method !== "HEAD").length;

  it("CAP-05, TINY-08: five images for two platforms are built, pushed and indexed", async () => {
    await project.up();
    for (const name of names) {
      const index = JSON.parse(await crane(["manifest", `${repository(name)}:v2.0.0`])) as {
        manifests: { platform: { os: string; architecture: string } }[];
      };
      const found = index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
      assert.deepEqual(found, [...platforms], name);
      await crane(["validate", "--remote", `${repository(name)}:v2.0.0`]);
    }
  });

  it("TINY-05: the children's first layers are the base's, on each platform", async () => {
    for (const platform of platforms) {
      const base = (await manifest("python-base", platform)).layers.map(({ digest }) => digest);
      assert.ok(base.length >= 3);
      for (const name of apps) {
        const layers = (await manifest(name, platform)).layers.map(({ digest }) => digest);
        assert.deepEqual(layers.slice(0, base.length), base, `${name} for ${platform}`);
        assert.ok(layers.length > base.length);
      }
    }
  });

  it("programs inside are for their platform, and RUN ran there", async () => {
    const folder = path.join(place.folder, "unpacked");
    for (const platform of platforms) {
      const place = path.join(folder, platform);
      await mkdir(place, { recursive: true });
      const archive = path.join(place, "image.tar");
      await crane(["export", "--platform", platform, `${repository("opamp-server")}:v2.0.0`, archive]);
      await runClient("tar", ["-xf", archive, "-C", place]);
      const program = await runClient("od", ["-An", "-tu2", "-j18", "-N2", path.join(place, "opamp-server")]);
      assert.equal(Number(program.trim()), machines[platform]);
      const builtOn = await runClient("cat", [path.join(place, "out", "built-on")]);
      assert.equal(builtOn.trim(), platform.split("/")[1]);
    }
  });

  it("G-08: the health check and the user survive in the configuration", async () => {
    for (const platform of platforms) {
      assert.deepEqual((await config("ui", platform)).config.Healthcheck?.Test, [
        "CMD",
        "/bin/tool",
        "health",
      ]);
      assert.deepEqual((await config("opamp-server", platform)).config.Healthcheck?.Test, [
        "CMD",
        "/opamp-server",
        "health",
      ]);
      assert.equal((await config("otel-supervisor", platform)).config.User, "10001");
    }
  });

  it("BLEU-16: the standard labels and annotations are filled, the created time is reproducible", async () => {
    const { config: ui, created } = await config("ui", "linux/arm64");
    const expected = {
      "org.opencontainers.image.title": "ui",
      "org.opencontainers.image.version": "v2.0.0",
      "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
      "org.opencontainers.image.source": "https://github.com/tinyolly/tinyolly",
      "org.opencontainers.image.licenses": "BSD-3-Clause",
      "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
    };
    assert.deepEqual(ui.Labels, expected);
    assert.equal(created, "1970-01-01T00:00:00Z");
    assert.deepEqual((await manifest("ui", "linux/arm64")).annotations, expected);
  });

  it("G-42: nothing is tagged but what the tag rule says", async () => {
    for (const name of names) {
      const tags = (await crane(["ls", repository(name)])).split("\n").sort();
      assert.deepEqual(tags, ["latest", "v2", "v2.0", "v2.0.0"], name);
    }
  });

  it("a second update builds and pushes nothing", async () => {
    const before = writes();
    const text = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"]);
    assert.doesNotMatch(text, /building with/);
    assert.equal(writes(), before);
  });

  it("a changed file of one child rebuilds that child only, and the preview says which file", async () => {
    const old = await digests();
    // A version tag never moves, so this and what follows is another version.
    await project.program(
      program(registry.host)
        .replaceAll("v2.0.0", "v2.0.0-next.1")
        .replace(`commit:`, `tags: () => [{ tag: "next", moves: "always", published: true }], commit:`),
    );
    await project.upWithoutPreview();
    await project.write({ "docker/apps/tinyolly-ui/main.py": "print('ui, changed')\n" });
    const preview = await project.preview();
    assert.deepEqual(updated(preview, "slipway:build:Context"), ["ui"]);
    assert.match(preview, /~ tinyolly-ui\/main\.py: "[0-9a-f]{16}" => "[0-9a-f]{16}"/);
    assert.deepEqual(updated(preview, "docker-build:index:Image"), ["ui-linux-amd64", "ui-linux-arm64"]);
    const up = await project.upWithoutPreview();
    assert.doesNotMatch(up, /(python-base|otlp-receiver|opamp-server|otel-supervisor)-linux-\w+ updat/);
    assert.deepEqual(await digests(), old, "the version tags stay");
  });

  it("a changed base rebuilds the base and its two children only, and the preview says so", async () => {
    await project.write({ "docker/apps/requirements.txt": "fastapi==0.111.0\n" });
    const preview = await project.preview();
    assert.deepEqual(updated(preview, "slipway:build:Context"), ["python-base"]);
    const expected = ["otlp-receiver", "python-base", "ui"].flatMap((name) =>
      platforms.map((platform) => `${name}-${platform.replace("/", "-")}`),
    );
    assert.deepEqual(updated(preview, "docker-build:index:Image"), expected);
    const text = await project.upWithoutPreview();
    assert.doesNotMatch(text, /(opamp-server|otel-supervisor)-linux-\w+ updat/);
    for (const platform of platforms) {
      const base = (await manifest("python-base", platform, "next")).layers.map(({ digest }) => digest);
      for (const name of apps) {
        const layers = (await manifest(name, platform, "next")).layers.map(({ digest }) => digest);
        assert.deepEqual(layers.slice(0, base.length), base);
      }
    }
  });

  it("BLEU-34: a base image that was published anew is a rebuild that the preview shows", async () => {
    const before = await crane(["digest", rootfs]);
    await place.pushBase("LABEL patched=yes\n");
    const after = await crane(["digest", rootfs]);
    assert.notEqual(after, before);
    const preview = await project.preview();
    assert.ok(preview.includes(`"${before}" => "${after}"`), preview);
    assert.equal(updated(preview, "docker-build:index:Image").length, 10);
  });

  it("an image that is gone from the registry is built again, and the preview says so", async () => {
    await project.upWithoutPreview();
    const digest = (
      await crane(["digest", "--platform", "linux/arm64", `${repository("otel-supervisor")}:next`])
    ).trim();
    await crane(["delete", `${repository("otel-supervisor")}@${digest}`]);
    const preview = await project.preview();
    assert.match(preview, /rebuilds: \{\s+\+ linux\/arm64: 1/);
    assert.deepEqual(replaced(preview), ["otel-supervisor-linux-arm64"]);
    await project.upWithoutPreview();
    assert.equal(await crane(["digest", `${repository("otel-supervisor")}@${digest}`]), digest);
  });

  describe("what fails names the image and the place, and tags nothing", () => {
    let broken: EngineProject;
    const only = (text: string) => program(registry.host, { broken: text }).replaceAll("myorg", "broken");

    before(async () => {
      broken = await create(only(`dockerfile: "docker/Dockerfile"`));
    });
    after(() => broken?.remove());

    const noTags = async () =>
      assert.doesNotMatch(await crane(["ls", `${registry.host}/broken/broken`]).catch(() => ""), /v2/);

    const cases: { title: string; dockerfile: string; image?: string; expected: RegExp[] }[] = [
      {
        title: "an instruction that is none: the Dockerfile's line",
        dockerfile: "FROM scratch\nCOPPY a b\n",
        expected: [/broken-linux-(amd64|arm64)/, /line 2/, /unknown instruction: COPPY/],
      },
      {
        title: "a RUN that fails: the step, its output and the platform",
        dockerfile: `FROM ROOTFS\nCOPY opamp.txt /\nRUN ["/bin/tool", "fail"]\n`,
        expected: [
          /broken-linux-(amd64|arm64)/,
          /\[2\/3\] RUN \["\/bin\/tool", "fail"\]/,
          /the tool says why it fails/,
          /exit code: 7/,
          /docker\/Dockerfile, line 3, failed: RUN \["\/bin\/tool", "fail"\]/,
        ],
      },
      {
        title: "a file that is not there",
        dockerfile: "FROM scratch\nCOPY nothing.txt /\n",
        expected: [
          /broken-linux-(amd64|arm64)/,
          /nothing\.txt.*not found/,
          /docker\/Dockerfile, line 2, failed: COPY nothing\.txt \//,
        ],
      },
      {
        title: "a context that is not there",
        dockerfile: "FROM scratch\nCOPY opamp.txt /\n",
        image: `dockerfile: "docker/Dockerfile", context: "docker/appz"`,
        expected: [/image broken: context "docker\/appz": there is no such folder/],
      },
      {
        title: "a builder that does not answer: its name and endpoint",
        dockerfile: "FROM scratch\nCOPY opamp.txt /\n",
        image: `dockerfile: "docker/Dockerfile", builder: "gone"`,
        expected: [
          /image broken for linux\/amd64 and linux\/arm64: the builder "gone" does not answer at tcp:\/\/127\.0\.0\.1:9/,
          /ECONNREFUSED/,
        ],
      },
      {
        title: "a secret that is not set: its name and the line that needs it",
        dockerfile: `FROM ROOTFS\nRUN --mount=type=secret,id=token,required=true ["/bin/tool", "secret", "/run/secrets/token", "/t"]\n`,
        expected: [/image broken: docker\/Dockerfile, line 2, requires the secret "token"/],
      },
    ];
    for (const { title, dockerfile, image, expected } of cases) {
      it(title, async () => {
        await broken.write({ "docker/Dockerfile": dockerfile.replace("ROOTFS", rootfs) });
        await broken.program(
          only(image ?? `dockerfile: "docker/Dockerfile"`).replace(
            image?.includes("builder") ? `builder: "slipway-test", ` : "\0",
            "",
          ),
        );
        const text = await broken.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
        for (const pattern of expected) assert.match(text, pattern);
        await noTags();
      });
    }

    it("a registry that refuses the push: its answer, and the image", async () => {
      const readOnly = await startDistribution({ readOnly: true });
      try {
        await broken.write({ "docker/Dockerfile": "FROM scratch\nCOPY opamp.txt /\n" });
        await broken.program(
          only(`dockerfile: "docker/Dockerfile"`).replaceAll(registry.host, readOnly.host),
        );
        const text = await broken.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
        assert.match(text, /broken-linux-(amd64|arm64)/);
        assert.match(text, new RegExp(`failed to push ${readOnly.host}/broken/broken.*405`));
        assert.equal(await crane(["catalog", readOnly.host]), "");
      } finally {
        await readOnly.stop();
      }
    });

    it("a fix and another update go on; the secret is in no state, log or image", async () => {
      await broken.write({
        "docker/Dockerfile": `FROM ${rootfs}\nRUN --mount=type=secret,id=token,required=true ["/bin/tool", "secret", "/run/secrets/token", "/token-length"]\n`,
      });
      await broken.setSecret("token", "a secret of 24 characters");
      await broken.program(
        only(
          `dockerfile: "docker/Dockerfile", secrets: { token: new Config().requireSecret("token") }`,
        ).replace("import {", `import { Config } from "@pulumi/pulumi";\nimport {`),
      );
      const text = await broken.upWithoutPreview();
      assert.doesNotMatch(text, /a secret of 24/);
      assert.doesNotMatch(await broken.state(), /a secret of 24/);
      const image = `${registry.host}/broken/broken:v2.0.0`;
      const archive = path.join(place.folder, "secret.tar");
      await crane(["export", "--platform", "linux/amd64", image, archive]);
      assert.equal(await runClient("tar", ["-xOf", archive, "token-length"]), "25");
      assert.doesNotMatch(await crane(["config", "--platform", "linux/amd64", image]), /a secret of 24/);
    });

    it("TINY-42: a size budget that is exceeded fails before anything is tagged, or warns", async () => {
      const budget = (exceeded: string, fields = "") =>
        only(
          `dockerfile: "docker/Dockerfile", secrets: { token: "x" }, ${fields}budget: { maximumBytes: 1000, exceeded: "${exceeded}" }`,
        );
      // Of two platforms that fail, the engine may not begin the second.
      await broken.program(budget("fail", `platforms: ["linux/amd64"], `));
      const text = await broken.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      assert.match(text, /for linux\/amd64 is over its budget: it has \d+ bytes, and 1000 are the most/);
      await broken.program(budget("warn"));
      assert.match(await broken.preview(), /warning: .*is over its budget|is over its budget/);
    });
  });
});
