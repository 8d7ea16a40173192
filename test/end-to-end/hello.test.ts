import assert from "node:assert/strict";
import { chmod, cp, mkdir, mkdtemp, open, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { request } from "undici";
import { crane, hasProgram, runClient, skopeo } from "../support/clients";
import { EngineProject, repository, resourceCounts } from "../support/engine";
import { freePort, startServer } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { RequestRecord, tagDigests } from "./observation";

const version = "v0.1.0";
const tags = ["latest", "v0.1", "v0.1.0"];
const platforms = ["linux/amd64", "linux/arm64"];

/** This repository's own program, in a project with its own state. */
async function helloProject(
  registry: TestRegistry,
  env: Record<string, string> = {},
): Promise<EngineProject> {
  const project = await EngineProject.create({
    name: "hello",
    program: await readFile(path.join(repository, "index.ts"), "utf8"),
    config: { "hello:registry": registry.host, "hello:version": version },
    env,
  });
  await project.copy("examples/hello", "examples/hello");
  await project.copy("LICENSE", "LICENSE");
  return project;
}

/** Processor that an ELF file is for (System V ABI, "ELF Header", e_machine). */
async function elfMachine(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const header = Buffer.alloc(20);
    await handle.read(header, 0, header.length, 0);
    assert.equal(header.toString("latin1", 0, 4), "\x7fELF");
    return header.readUInt16LE(18);
  } finally {
    await handle.close();
  }
}

describe("hello, from nothing to a registry", function () {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let hello: string;
  let folder: string;

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await helloProject(registry);
    hello = `${registry.host}/hello`;
    folder = await mkdtemp(path.join(tmpdir(), "slipway-hello-"));
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** The root file system of one platform's image, unpacked by crane and tar. */
  async function rootFileSystem(platform: string): Promise<string> {
    const name = platform.replaceAll("/", "-");
    const archive = path.join(folder, `${name}.tar`);
    const root = path.join(folder, name);
    await crane(["export", "--platform", platform, `${hello}:${version}`, archive]);
    await mkdir(root);
    await runClient("tar", ["-xf", archive, "-C", root]);
    return root;
  }

  it("previews the digest that the update then publishes, and sends nothing at preview", async () => {
    const preview = await project.preview();
    const announced = /published: \{\s+hello: \{\s+digest\s*: "(sha256:[0-9a-f]{64})"/.exec(preview)?.[1];
    assert.ok(announced, preview);
    assert.deepEqual(await requests.takeWrites(), []);

    const text = await project.up();
    assert.deepEqual(resourceCounts(text), { created: 31 });
    const digests = await tagDigests(hello);
    assert.deepEqual(digests, Object.fromEntries(tags.map((tag) => [tag, announced])));
  });

  it("tells digest, platforms and pull commands in its outputs", async () => {
    const digest = await crane(["digest", `${hello}:latest`]);
    assert.deepEqual(await project.outputs(), {
      proven: {
        hello: { sbom: "passed", provenance: "passed", scan: "not executed", signature: "passed" },
      },
      published: {
        hello: {
          digest,
          platforms,
          pull: ["v0.1.0", "v0.1", "latest"].map((tag) => `docker pull ${hello}:${tag}`),
          pullByDigest: `docker pull ${hello}@${digest}`,
        },
      },
    });
  });

  it("publishes an index of exactly the declared platforms", async () => {
    const index = JSON.parse(await crane(["manifest", `${hello}:${version}`])) as {
      mediaType: string;
      manifests: { platform: { os: string; architecture: string } }[];
    };
    assert.equal(index.mediaType, "application/vnd.oci.image.index.v1+json");
    assert.deepEqual(
      index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`),
      platforms,
    );
  });

  for (const tag of tags) {
    it(`publishes content under ${tag} that crane validates`, async () => {
      await crane(["validate", "--remote", `${hello}:${tag}`]);
    });
  }

  it("publishes what skopeo reads and copies, byte for byte", async function () {
    requirement(this, hasProgram("skopeo"), "skopeo is not installed (apt-get install skopeo)");
    const raw = await skopeo(["inspect", "--tls-verify=false", "--raw", `docker://${hello}:${version}`]);
    assert.equal(raw, await crane(["manifest", `${hello}:${version}`]));
    const layout = path.join(folder, "layout");
    const target = `oci:${layout}:${version}`;
    await skopeo(["copy", "--all", "--src-tls-verify=false", `docker://${hello}:${version}`, target]);
    const { manifests } = JSON.parse(await readFile(path.join(layout, "index.json"), "utf8")) as {
      manifests: { digest: string }[];
    };
    assert.deepEqual(
      manifests.map(({ digest }) => digest),
      [await crane(["digest", `${hello}:${version}`])],
    );
  });

  it("publishes an amd64 root file system whose program runs", async function () {
    const here = `${process.platform}/${process.arch}`;
    requirement(this, here === "linux/x64", `a linux/amd64 program does not run on ${here}`);
    const program = path.join(await rootFileSystem("linux/amd64"), "usr/local/bin/hello");
    assert.equal(await runClient(program, ["--version"]), `hello ${version} (linux/amd64)`);
    const port = await freePort();
    const server = await startServer(program, ["-listen", `127.0.0.1:${port}`], port);
    try {
      const { statusCode, body } = await request(`http://127.0.0.1:${port}/healthz`);
      assert.deepEqual([statusCode, await body.text()], [200, "ok\n"]);
    } finally {
      await server.stop();
    }
  });

  it("publishes an arm64 root file system with a program for AArch64", async () => {
    const root = await rootFileSystem("linux/arm64");
    assert.equal(await elfMachine(path.join(root, "usr/local/bin/hello")), 183);
  });

  for (const platform of platforms) {
    it(`publishes the declared configuration for ${platform}`, async () => {
      const { os, architecture, config } = JSON.parse(
        await crane(["config", "--platform", platform, `${hello}:${version}`]),
      ) as { os: string; architecture: string; config: unknown };
      assert.equal(`${os}/${architecture}`, platform);
      assert.deepEqual(config, {
        Entrypoint: ["/usr/local/bin/hello"],
        ExposedPorts: { "8080/tcp": {} },
        // Docker's extension of the configuration counts in nanoseconds.
        Healthcheck: { Test: ["CMD", "/usr/local/bin/hello", "-healthcheck"], Interval: 1e10, Timeout: 3e9 },
        Labels: {
          "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
          "org.opencontainers.image.licenses": "Apache-2.0",
          "org.opencontainers.image.title": "hello",
          "org.opencontainers.image.version": version,
        },
        User: "65532:65532",
      });
    });
  }

  it("releases archives for six targets with sums, which sha256sum checks", async () => {
    const release = path.join(project.directory, ".slipway/releases/hello/releases/latest/download");
    const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, release];
    const checked = (await runClient("sh", check)).split("\n");
    const systems = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"].map(
      (name) => `${name}.tar.gz`,
    );
    const targets = [...systems, "windows_amd64.zip", "windows_arm64.zip"];
    const archives = ["0.1.0", "latest"].flatMap((name) =>
      targets.map((target) => `hello_${name}_${target}: OK`),
    );
    assert.deepEqual(checked.filter((line) => line.startsWith("hello_")).sort(), archives);
    const released = (await readdir(release)).filter((name) => !name.startsWith("SHA256SUMS"));
    assert.deepEqual(checked.sort(), released.map((name) => `${name}: OK`).sort());
  });

  it("releases a native program that tar unpacks and that prints its version", async function () {
    const here = `${process.platform}/${process.arch}`;
    requirement(this, here === "linux/x64", `a linux/amd64 program does not run on ${here}`);
    const release = path.join(project.directory, ".slipway/releases/hello/releases/download", version);
    const unpacked = await mkdtemp(path.join(folder, "native-"));
    await runClient("tar", ["-xzf", path.join(release, "hello_0.1.0_linux_amd64.tar.gz"), "-C", unpacked]);
    const program = path.join(unpacked, "hello");
    assert.equal(await runClient(program, ["--version"]), `hello ${version} (linux/amd64)`);
  });

  it("PROD-03: changes nothing the second time, and sends nothing that could", async () => {
    await requests.take();
    const text = await project.up();
    assert.deepEqual(resourceCounts(text), { unchanged: 31 });
    assert.deepEqual(await requests.takeWrites(), []);
  });

  it("G-49: comes to the same digests elsewhere: another folder, later, with another umask and time zone", async () => {
    const before = await tagDigests(hello);
    const umask = process.umask(0o077);
    let copy: EngineProject | undefined;
    try {
      copy = await helloProject(registry, { TZ: "Asia/Tokyo", LC_ALL: "C" });
      for (const name of ["main.go", "go.mod"]) {
        const file = path.join(copy.directory, "examples/hello", name);
        await chmod(file, 0o600);
        await utimes(file, new Date("2031-05-01"), new Date("2031-05-01"));
      }
      // Whoever signs has the key; another one would sign again, beside the first.
      const keys = path.join(".slipway", "keys");
      await cp(path.join(project.directory, keys), path.join(copy.directory, keys), { recursive: true });
      await requests.take();
      await copy.upWithoutPreview();
      // The same bytes, SBOMs and signatures are there already: nothing is uploaded, and no tag is
      // written.
      assert.deepEqual(await requests.takeWrites(), []);
      const { published } = await copy.outputs<{ published: { hello: { digest: string } } }>();
      assert.equal(published.hello.digest, before[version]);
      assert.deepEqual(await tagDigests(hello), before);
    } finally {
      process.umask(umask);
      await copy?.remove();
    }
  });
});
