import assert from "node:assert/strict";
import * as path from "node:path";
import type { Context } from "mocha";
import { recordedAddress } from "../../lib/embedded/address";
import { stop } from "../../lib/embedded/registry";
import { crane, runClient } from "../support/clients";
import { signedIn } from "../support/embedded-registry";
import { requireDocker, startDocker, type DockerEngine } from "../support/docker";
import { resourceCounts, type EngineProject } from "../support/engine";
import type { TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";
import { BuildKitPlace } from "./buildkit-place";

interface Layered {
  layers: { digest: string }[];
}

describe("modes of Dockerfile images: publish, build, load", function () {
  this.timeout(240_000);
  let place: BuildKitPlace;
  let registry: TestRegistry;
  let project: EngineProject;
  let engine: DockerEngine | undefined;

  const platforms = ["linux/amd64", "linux/arm64"];

  before(async function (this: Context) {
    place = await BuildKitPlace.open(this, "ci");
    ({ registry } = place);
    const { rootfs } = place;
    project = await place.create({
      program: "",
      files: {
        "base/Dockerfile": `FROM ${rootfs}\nCOPY base.txt /base.txt\n`,
        "base/base.txt": "base\n",
        "app/Dockerfile": `FROM acme/base:latest\nCOPY app.txt /app.txt\nENTRYPOINT ["/bin/tool", "fail"]\n`,
        "app/app.txt": "app\n",
      },
      // Nobody listens there: the engine is one that a test starts.
      env: { DOCKER_HOST: "unix:///nonexistent/docker.sock" },
    });
  });

  after(async () => {
    await engine?.stop();
    if (project) await stop(project.directory);
    await project?.remove();
    await place?.close();
  });

  const program = (fields: string) => `
import { Distribution, ociRegistry, cosignKey } from "@slipway";
const release = new Distribution("acme", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "${registry.host}", namespace: "acme" })],
  platforms: ${JSON.stringify(platforms)},
  trust: { sign: cosignKey({ key: "no-such.key", publicKey: "no-such.pub" }) },
  images: {
    base: { dockerfile: "base/Dockerfile", context: "base", builder: "ci" },
    app: {
      dockerfile: "app/Dockerfile", context: "app", builder: "ci", base: "base",
      cache: { to: "${registry.host}/acme/app:buildcache-{arch}" },
    },
  },
  ${fields}
});
export const digests = { base: release.images.base.digest, app: release.images.app.digest };
export const loaded = release.loaded;
`;

  const catalog = async () => (await crane(["catalog", registry.host])).split("\n").filter(Boolean).sort();

  const layers = async (reference: string, platform: string) =>
    (JSON.parse(await crane(["manifest", "--platform", platform, reference])) as Layered).layers.map(
      ({ digest }) => digest,
    );

  const unpublishing: { title: string; fields: string }[] = [
    {
      title: `MESH-26: environment "test" builds on what was just built, and leaves the registry as it was`,
      fields: `environment: "test",`,
    },
    {
      title: `MESH-06: mode "build" builds on what was just built, and leaves the registry as it was`,
      fields: `mode: "build",`,
    },
  ];
  for (const { title, fields } of unpublishing) {
    it(title, async () => {
      const before = await catalog();
      const requests = registry.requests().length;
      await project.program(program(fields));
      await project.upWithoutPreview();
      assert.deepEqual(await catalog(), before);
      const written = registry
        .requests()
        .slice(requests)
        .filter(({ method }) => method !== "GET" && method !== "HEAD");
      assert.deepEqual(written, []);
      const { digests } = await project.outputs<{ digests: { base: string; app: string } }>();
      const host = recordedAddress(project.directory) ?? "";
      for (const platform of platforms) {
        const base = await layers(`${host}/base@${digests.base}`, platform);
        const app = await layers(`${host}/app@${digests.app}`, platform);
        assert.deepEqual(app.slice(0, base.length), base);
        assert.equal(app.length, base.length + 1);
      }
      // Signatures and attestations have tags made of their subject's digest; there is no other
      // tag.
      const tags = (await crane(["ls", `${host}/app`]))
        .split("\n")
        .filter((tag) => !tag.startsWith("sha256-"));
      assert.deepEqual(tags, []);
    });
  }

  it("what was built is built again where the registry of this machine has lost it", async () => {
    const host = recordedAddress(project.directory) ?? "";
    const { digests } = await project.outputs<{ digests: { base: string; app: string } }>();
    const arm = await crane(["digest", "--platform", "linux/arm64", `${host}/app@${digests.app}`]);
    const env = signedIn(project.directory, path.join(project.directory, ".signed-in"));
    await crane(["delete", `${host}/app@${arm}`], env);
    const preview = await project.preview();
    assert.match(preview, /rebuilds: \{\s+\+ linux\/arm64: 1/);
    const replaced = preview.matchAll(/docker-build:index:Image: \(replace[^]*?::([\w-]+)\]\n/g);
    assert.deepEqual(
      [...replaced].map(([, name]) => name),
      ["app-linux-arm64"],
    );
    await project.upWithoutPreview();
    await crane(["validate", "--remote", `${host}/app@${digests.app}`]);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });

  it("CAP-19: a mode that publishes contradicts an environment that does not", async () => {
    await project.program(program(`mode: "publish", environment: "test",`));
    const text = await project.fail(["preview", "--stack", "dev"]);
    assert.match(text, /mode: "publish" contradicts environment: "test", which publishes nothing/);
  });

  it(`mode "load" without a Docker engine ends before the build, and names the engine`, async function () {
    requireTools(this, "docker");
    await project.write({ "app/app.txt": "app, changed\n" });
    await project.program(program(`mode: "load",`));
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(
      text,
      /mode: "load": no Docker engine answers, so nothing is built: .*\/nonexistent\/docker\.sock/,
    );
    assert.doesNotMatch(text, /building with/);
  });

  it(`MESH-06, TINY-15: mode "load" gives Docker the image of its platform under name and tag`, async function () {
    requireDocker(this);
    engine = await startDocker();
    project.env.DOCKER_HOST = engine.host;
    const before = await catalog();
    await project.upWithoutPreview();
    assert.deepEqual(await catalog(), before);
    const names = ["v1.0.0", "v1.0", "v1", "latest"].map((tag) => `${registry.host}/acme/app:${tag}`);
    const listed = (
      await engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}", `${registry.host}/acme/app`)
    ).split("\n");
    assert.deepEqual(listed.sort(), [...names].sort());
    const { loaded } = await project.outputs<{ loaded: Record<string, string[]> }>();
    assert.deepEqual(loaded.app, names);
    const architecture = await engine.docker(
      "image",
      "inspect",
      "--format",
      "{{.Os}}/{{.Architecture}}",
      names[0] ?? "",
    );
    assert.equal(architecture, "linux/amd64");
    const container = await engine.docker("create", names[0] ?? "");
    const copied = path.join(place.folder, "app.txt");
    await engine.docker("cp", `${container}:/app.txt`, copied);
    assert.equal(await runClient("cat", [copied]), "app, changed");
    await engine.docker("rm", container);
  });

  it("a name that is gone from Docker is a change that the preview shows, and comes back", async function () {
    requirement(this, engine, "the Docker engine of the test before this one was not started");
    const name = `${registry.host}/acme/app:v1`;
    await engine.docker("image", "rm", name);
    assert.match(await project.preview(), /~ slipway:docker:LoadedImage: \(update\)/);
    await project.upWithoutPreview();
    assert.ok(await engine.docker("image", "inspect", "--format", "{{.Id}}", name));
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
  });
});
