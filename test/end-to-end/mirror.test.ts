import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestHex, digestOf, shortDigest } from "../../lib/oci/digest";
import type { RegistryHost } from "../../lib/oci/registry/options";
import { makeCertificate } from "../support/certificates";
import { crane, runClient, skopeo } from "../support/clients";
import { requireDocker, startDocker } from "../support/docker";
import { EngineProject, resourceCounts } from "../support/engine";
import {
  htpasswdUser,
  startDebianRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../support/registries";
import { startTokenServer, type TokenServer } from "../support/token-server";
import { requireTools } from "../support/tools";
import { pushReferrer, referrersOf } from "./artifact";
import { mirrorFiles, mirrorProgram, mirrorTags, registryAt } from "./mirror-program";
import { tagDigests } from "./observation";

const images = ["ant", "bee", "cat", "dog", "elk"];
const { username, password } = htpasswdUser;
const access = `username: config.require("username"), password: config.requireSecret("password")`;

describe("a distribution of five images in five registries, a layout and an archive", function () {
  let folder: string;
  /** Environment of crane, which then has access to all of them. */
  let judge: NodeJS.ProcessEnv;
  let tokens: TokenServer;
  let primary: TestRegistry;
  let mirrors: TestRegistry[] = [];
  let hosts: RegistryHost[];
  let project: EngineProject;
  /** Digests by image. */
  let published: Record<string, string>;

  const repositories = (name: string) => [primary, ...mirrors].map(({ host }) => `${host}/${name}`);
  const layout = (name: string) => path.join(project.directory, "offline", name);
  const archive = (name: string) => path.join(project.directory, "packed", `${name}.tar`);

  before(async function () {
    requireTools(this, "docker-registry", "referrers-registry", "skopeo");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-mirror-"));
    const certificate = makeCertificate(folder);
    tokens = await startTokenServer({ users: { [username]: password } });
    primary = await startDistribution();
    const basic = await startDistribution({ auth: "htpasswd", tls: certificate });
    const guarded = await startDistribution({ auth: tokens });
    const open = [await startReferrersRegistry(), await startDebianRegistry()];
    mirrors = [...open, basic, guarded];
    const auth = { auth: Buffer.from(`${username}:${password}`).toString("base64") };
    await writeFile(
      path.join(folder, "config.json"),
      JSON.stringify({ auths: { [basic.host]: auth, [guarded.host]: auth } }),
    );
    judge = { DOCKER_CONFIG: folder, SSL_CERT_FILE: certificate.caFile };
    hosts = [
      { host: basic.host, username, password, ca: certificate.ca },
      { host: guarded.host, username, password },
    ];
    project = await EngineProject.create({
      program: mirrorProgram({
        version: "v1.0.0",
        images,
        registries: [
          registryAt(primary.host),
          ...open.map(({ host }) => registryAt(host)),
          registryAt(basic.host, `${access}, ca: ${JSON.stringify(certificate.ca)}`),
          registryAt(guarded.host, access),
          `imageFolder({ directory: "offline" })`,
          `imageFolder({ directory: "packed", format: "archive" })`,
        ],
      }),
      files: mirrorFiles,
      config: { username },
      secrets: { password },
    });
  });

  after(async () => {
    await project?.remove();
    for (const registry of [primary, ...mirrors]) await registry?.stop();
    await tokens?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function assertEqualEverywhere(): Promise<void> {
    for (const name of images) {
      const expected = Object.fromEntries(mirrorTags.map((tag) => [tag, published[name]]));
      for (const repository of repositories(name)) {
        const found = Object.entries(await tagDigests(repository, judge));
        // Registries without the referrers API have a tag for them (distribution-spec 1.1,
        // "Referrers Tag Schema").
        const tags = Object.fromEntries(found.filter(([tag]) => !tag.startsWith("sha256-")));
        assert.deepEqual(tags, expected, repository);
      }
      for (const place of [`oci:${layout(name)}`, `oci-archive:${archive(name)}`]) {
        for (const tag of mirrorTags) {
          // The line's end is not part of what runClient returns, nor of a manifest.
          const raw = await skopeo(["inspect", "--raw", `${place}:${tag}`]);
          assert.equal(digestOf(Buffer.from(raw)), published[name], `${place}:${tag}`);
        }
      }
    }
  }

  it("is published to all of them by one update", async () => {
    const text = await project.upWithoutPreview();
    assert.match(text, /Resources:\s+\+ \d+ created/);
    const digests = await Promise.all(
      images.map(async (name) => [name, await crane(["digest", `${primary.host}/${name}:v1.0.0`])]),
    );
    published = Object.fromEntries(digests) as Record<string, string>;
    assert.equal(new Set(Object.values(published)).size, images.length);
  });

  it("BLEU-03: has the same digest under every tag everywhere", () => assertEqualEverywhere());

  it("is whole everywhere, as crane sees it", async () => {
    for (const name of images) {
      for (const repository of repositories(name)) {
        await crane(["validate", "--remote", `${repository}:v1.0.0`], judge);
      }
    }
  });

  it("is read from the layout by skopeo, for both platforms", async () => {
    for (const name of images) {
      const copy = path.join(folder, `copy-of-${name}`);
      await skopeo(["copy", "--all", "--quiet", `oci:${layout(name)}:v1.0.0`, `dir:${copy}`]);
      assert.equal(digestOf(await readFile(path.join(copy, "manifest.json"))), published[name]);
    }
  });

  it("is loaded from the archive by Docker", async function () {
    requireDocker(this);
    const docker = await startDocker();
    try {
      for (const name of images) {
        const said = await docker.docker("load", "--input", archive(name));
        for (const tag of mirrorTags) assert.ok(said.includes(`${name}:${tag}`), said);
      }
      const listed = await docker.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
      assert.equal(new Set(listed.split("\n")).size, images.length * mirrorTags.length);
    } finally {
      await docker.stop();
    }
  });

  it("is left alone by the next update", async () => {
    const text = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
  });

  describe("when somebody signs an image in the first registry", () => {
    let subject: string;
    let referrer: string;
    const name = images[0] ?? "";

    before(async () => {
      subject = published[name] ?? "";
      referrer = await pushReferrer(`${primary.host}/${name}`, subject, "looked at");
    });

    it("shows the signature in a preview, for each mirror of that image", async () => {
      const text = await project.preview();
      assert.equal(resourceCounts(text).update, mirrors.length + 2, text);
      assert.ok(text.includes(`referrer ${referrer} of ${shortDigest(subject)} is new at the source`), text);
    });

    it("brings it to all of them", async () => {
      await project.upWithoutPreview();
      for (const repository of repositories(name)) {
        assert.deepEqual(await referrersOf(repository, subject, hosts), [referrer], repository);
      }
      const index = JSON.parse(await readFile(path.join(layout(name), "index.json"), "utf8")) as {
        manifests: { digest: string }[];
      };
      assert.ok(index.manifests.some(({ digest }) => digest === referrer));
      const packed = (await runClient("tar", ["-tf", archive(name)])).split("\n");
      assert.ok(packed.includes(`blobs/sha256/${digestHex(referrer)}`), packed.join("\n"));
      await assertEqualEverywhere();
    });

    it("leaves nothing to do", async () => {
      const text = await project.preview();
      assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
    });
  });
});
