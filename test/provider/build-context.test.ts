import assert from "node:assert/strict";
import { mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { CheckFailed, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { requireTools } from "../support/tools";
import { textLayer, Workbench } from "./workbench";

const type = "slipway:build:Context";

describe("contexts of builds", function () {
  let bench: Workbench;
  let provider: ProviderProcess;
  let serial = 0;
  let folder: string;

  before(async function () {
    requireTools(this, "registry", "crane");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
  });
  after(() => bench?.close());
  beforeEach(() => {
    folder = `context-${++serial}`;
  });

  async function write(files: Record<string, string>, mode = 0o644): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const place = name === "Dockerfile" ? `${folder}-docker` : folder;
      const file = path.join(bench.project, place, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content, { mode });
    }
  }

  const inputs = (more: Properties = {}): Properties => ({
    image: "app",
    dockerfile: `${folder}-docker/Dockerfile`,
    context: folder,
    platforms: ["linux/amd64"],
    ...more,
  });

  const files = (state: Properties) =>
    Object.keys(state.files as object)
      .map((name) => name.replace(`${folder}-docker/`, ""))
      .sort();

  const refused = async (more: Properties, expected: RegExp) =>
    assert.rejects(provider.create(type, inputs(more)), (error) => {
      assert.ok(error instanceof CheckFailed, String(error));
      assert.match(JSON.stringify(error.failures ?? error.message), expected);
      return true;
    });

  it("refuses a builder that cannot push to the registry of this machine, before anything is built", async () => {
    await write({ Dockerfile: "FROM scratch\nCOPY . /\n", "a.txt": "a" });
    const buildx = path.join(bench.project, "buildx");
    await mkdir(path.join(buildx, "instances"), { recursive: true });
    const record = { Driver: "remote", Nodes: [{ Endpoint: "tcp://arm.example.com:1234" }] };
    await writeFile(path.join(buildx, "instances", "arm"), JSON.stringify(record));
    const other = await bench.provider({}, { BUILDX_CONFIG: buildx });
    const more = { repository: "localhost:1/acme/app", builders: { "linux/amd64": "arm" } };
    await assert.rejects(
      other.create(type, inputs(more)),
      /image app for linux\/amd64: the builder "arm" cannot push to localhost:1, which is on this machine: it runs at tcp:\/\/arm\.example\.com:1234/,
    );
  });

  for (const [title, text, more, user] of [
    ["its own", "FROM scratch\nUSER 65532:65532\n", {}, "65532:65532"],
    ["none", "FROM scratch\n", {}, ""],
    [
      "that of an image of the same distribution",
      "FROM acme/base:latest\n",
      { ownImages: ["base"] },
      undefined,
    ],
    ["what a build argument says", "FROM scratch\nARG ID\nUSER $ID\n", { buildArgs: { ID: "0" } }, "0"],
    ["what is not known yet", "FROM scratch\nARG ID\nUSER $ID\n", { buildArgs: { ID: unknown } }, undefined],
  ] as const) {
    it(`says whom the image runs as, for policies: ${title}`, async () => {
      await write({ Dockerfile: text, "a.txt": "a" });
      const held = await provider.create(type, inputs(more), true);
      assert.equal(held.inputs.user, user);
    });
  }

  it("names each file that the build reads, after .dockerignore", async () => {
    await write({
      Dockerfile: "FROM scratch\nCOPY . /\n",
      ".dockerignore": "*.log\n",
      "a.txt": "a",
      "b.log": "b",
      "sub/c.txt": "c",
    });
    const { state } = await provider.create(type, inputs());
    assert.deepEqual(files(state), [".dockerignore", "Dockerfile", "a.txt", "sub/c.txt"]);
    assert.equal(state.stagedContext, `${String(state.location)}/context`);
  });

  it("leaves out what no instruction names", async () => {
    await write({ Dockerfile: "FROM scratch\nCOPY a*.txt /\n", "a1.txt": "a", "b.txt": "b" });
    assert.deepEqual(files((await provider.create(type, inputs())).state), ["Dockerfile", "a1.txt"]);
    const whole = await provider.create(type, inputs({ whole: true }));
    assert.deepEqual(files(whole.state), ["Dockerfile", "a1.txt", "b.txt"]);
  });

  it("a file that a command made is a context, in the folder of its platform", async () => {
    await write({ Dockerfile: "FROM scratch\nCOPY --from=made made.txt /\n", "a.txt": "a" });
    const build = (text: string) =>
      provider.create("slipway:build:Command", {
        command: `printf '%s' ${text} > {output}/made.txt`,
        sources: [`${folder}/a.txt`],
        outputs: ["made.txt"],
      });
    const made = async (text: string, forgotten = false) => {
      const { state } = await build(text);
      if (forgotten) await rm(path.join(bench.project, ".slipway", "cache"), { recursive: true });
      const { path: file } = (state.files as Record<string, { path: string }>)["made.txt"] ?? { path: "" };
      return provider.create(type, inputs({ builtFiles: { made: { linux_amd64: file } } }));
    };
    const { state } = await made("one");
    assert.deepEqual(files(state), ["Dockerfile", "made:linux_amd64/made.txt"]);
    const staged = path.join(bench.project, String((state.stagedFolders as Properties).made));
    assert.equal(await readFile(path.join(staged, "linux_amd64", "made.txt"), "utf8"), "one");
    assert.notEqual((await made("two")).state.digest, state.digest);
    // What another machine has built is built again where it is read.
    assert.equal((await made("one", true)).state.digest, state.digest);
  });

  it("takes all where a name leads through a symbolic link", async () => {
    await write({ Dockerfile: "FROM scratch\nCOPY link/a.txt /\n", "real/a.txt": "a" });
    await symlink("real", path.join(bench.project, folder, "link"));
    const { state } = await provider.create(type, inputs());
    assert.deepEqual(files(state), ["Dockerfile", "link", "real/a.txt"]);
  });

  it("times and modes of a checkout change nothing, an executable bit does (pulumi-docker-build#222)", async () => {
    const text = { Dockerfile: "FROM scratch\nCOPY a.txt /\n", "a.txt": "a" };
    await write(text);
    const first = await provider.create(type, inputs());
    const file = path.join(bench.project, folder, "a.txt");
    await utimes(file, 1, 1);
    await rm(file);
    await write(text, 0o600);
    assert.equal((await provider.create(type, inputs())).state.digest, first.state.digest);
    await rm(file);
    await write({ "a.txt": "a" }, 0o755);
    assert.notEqual((await provider.create(type, inputs())).state.digest, first.state.digest);
  });

  it("resolves bases to digests", async () => {
    const repository = bench.repository("bases/app");
    const image = await provider.create("slipway:oci:Image", {
      repository,
      platform: "linux/amd64",
      layers: [textLayer("base")],
    });
    const digest = String(image.state.digest);
    await crane(["tag", bench.direct(`${repository}@${digest}`), "1.2.3"]);
    await write({ Dockerfile: `ARG V\nFROM ${repository}:\${V}\n`, "a.txt": "a" });
    const { state } = await provider.create(type, inputs({ buildArgs: { V: "1.2.3" } }));
    assert.deepEqual(state.bases, [{ reference: `${repository}:1.2.3`, line: 2, digest, floating: false }]);
  });

  it("resolves a base whose version is cut out of a variable", async () => {
    const repository = bench.repository("bases/cut");
    const { state: image } = await provider.create("slipway:oci:Image", {
      repository,
      platform: "linux/amd64",
      layers: [textLayer("cut")],
    });
    await crane(["tag", bench.direct(`${repository}@${String(image.digest)}`), "1.2"]);
    await write({ Dockerfile: `ARG V\nFROM ${repository}:\${V%.*}\n`, "a.txt": "a" });
    const { state } = await provider.create(type, inputs({ buildArgs: { V: "1.2.3" } }));
    assert.deepEqual(
      (state.bases as Properties[]).map(({ reference, digest }) => [reference, digest]),
      [[`${repository}:1.2`, image.digest]],
    );
  });

  it("says of a base that a variable without a value leaves open that nothing pins it, or refuses a lock", async () => {
    await write({ Dockerfile: "ARG V\nFROM node:${V%.*}-${BUILDARCH}\n", "a.txt": "a" });
    await provider.check(type, inputs({ buildArgs: { V: "1.2.3" } }));
    const reason =
      /line 2: what .*node:.* stands for is not known before the build, so nothing pins this base/;
    assert.match(provider.messages.join("\n"), reason);
    await refused({ buildArgs: { V: "1.2.3" }, lock: { file: "lock.json" } }, reason);
  });

  it("refuses what cannot be built, naming image, path and line", async () => {
    await write({ "x.txt": "x" });
    await refused({}, /image app: .*Dockerfile.*there is no such file/);
    await write({ Dockerfile: "FROM scratch AS one\n" });
    await refused({ context: "nowhere" }, /image app: context .*nowhere.*there is no such folder/);
    await refused({ stage: "two" }, /has no stage .*two.*; its stages are one/);
    await refused(
      { ownImages: ["base"] },
      /declared to start from .*base.*and context-\d+-docker\/Dockerfile does not/,
    );
    await write({ Dockerfile: "FROM Scratch/X:1\n" });
    await refused({}, /line 1: .*lower-case|line 1/);
    await write({ Dockerfile: "FROM scratch\nCOPY a /\n", ".dockerignore": "[a" });
    await refused({}, /\.dockerignore: line 1: the pattern/);
  });
});
