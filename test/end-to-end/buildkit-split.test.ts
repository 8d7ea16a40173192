import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { partsText, readPartsText, type BuildPart } from "../../lib/buildkit/build-part";
import { emulateArm64 } from "../support/buildkit";
import { crane } from "../support/clients";
import { EngineProject, repository, resourceCounts } from "../support/engine";
import { requirement } from "../support/requirement";
import { tagDigests } from "./observation";
import { BuildKitPlace } from "./buildkit-place";

const revision = "0123456789abcdef0123456789abcdef01234567";

/** The program of all machines. */
function program(
  host: string,
  { namespace = "split", split = true, version = "v1.0.0", commit = revision } = {},
): string {
  return `
import { Config } from "@pulumi/pulumi";
import { Command, Distribution, ociRegistry } from "@slipway";
const config = new Config();
const release = new Distribution("app", {
  version: "${version}",
  commit: "${commit}",
  source: "https://github.com/acme/app",
  registries: [ociRegistry({ host: "${host}", namespace: "${namespace}" })],
  platforms: ["linux/amd64", "linux/arm64"],
  ${split ? "split: true," : ""}
  images: {
    base: { dockerfile: "base/Dockerfile", context: "base", builder: "slipway-split" },
    ui: {
      dockerfile: "ui/Dockerfile", context: "ui", base: "base", builder: "slipway-split",
      secrets: { token: config.requireSecret("token") },
      cache: { from: ["${host}/${namespace}/ui:cache-{arch}"], to: "${host}/${namespace}/ui:cache-{arch}" },
    },
    docs: { files: [{ to: "/docs.txt", content: "docs" }] },
  },
  trust: {},
});
// What a program declares beside its distributions is made by who publishes.
new Command("beside", {
  command: ["touch", "beside.txt", "{output}/made"], sources: ["base/Dockerfile"], outputs: ["made"], atPreview: false,
});
export const digests = release.published.apply((images) => [images.base.digest, images.ui.digest, images.docs.digest]);
`;
}

describe("images from Dockerfiles, each platform built by a run of its own", function () {
  this.timeout(240_000);
  let place: BuildKitPlace;
  let host: string;
  let intel: EngineProject;
  let arm: EngineProject;
  let joined: EngineProject;
  let parts: Record<string, BuildPart[]>;

  const files = () => ({
    "base/Dockerfile": `FROM ${place.rootfs}\nRUN ["/bin/tool", "write", "/etc/base", "base"]\n`,
    "ui/Dockerfile": [
      "FROM base:latest",
      "COPY app.txt /app.txt",
      `RUN --mount=type=secret,id=token,required=true ["/bin/tool", "secret", "/run/secrets/token", "/token-length"]`,
      "",
    ].join("\n"),
    "ui/app.txt": "app\n",
  });
  const secrets = { token: "a secret of 24 characters" };

  before(async function (this: Context) {
    const why = emulateArm64();
    requirement(this, why === undefined, why ?? "");
    place = await BuildKitPlace.open(this, "slipway-split");
    host = place.registry.host;
    const machine = () => place.create({ program: program(host), files: files(), secrets });
    intel = await machine();
    arm = await machine();
    // It has neither builder nor plugin.
    joined = await EngineProject.create({ program: program(host), files: files(), secrets });
  });
  after(async () => {
    for (const project of [intel, arm, joined]) await project?.remove();
    await place?.close();
  });

  /** Runs \`npx slipway build\` on a machine. */
  function build(
    project: EngineProject,
    platform: string,
    ...more: string[]
  ): Promise<{ code: number; text: string }> {
    const args = ["build", "--platform", platform, "--output", file(project), "--stack", "dev", ...more];
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [path.join(repository, "cli", "slipway.cjs"), ...args],
        { cwd: project.directory, env: project.env },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === "number" ? error.code : 0, text: stdout + stderr }),
      );
    });
  }
  const file = (project: EngineProject) => path.join(project.directory, "parts", "part.json");

  const read = (text = "") => readPartsText(Buffer.from(text), "part.json");

  /** Gives files with parts to the run that joins. */
  async function give(given: Record<string, BuildPart[]>): Promise<void> {
    for (const [name, list] of Object.entries(given)) {
      await joined.write({ [`parts/${name}.json`]: partsText(list) });
    }
    joined.env.SLIPWAY_PARTS = "parts";
  }
  const up = (how = "succeed" as "succeed" | "fail") =>
    joined[how](["up", "--yes", "--skip-preview", "--stack", "dev"]);
  const tags = (name: string, namespace = "split") => tagDigests(`${host}/${namespace}/${name}`);

  it("a run for one platform pushes its images by digest, and leaves tags, index, state and secrets alone", async () => {
    const before = await intel.state();
    for (const [project, platform] of [
      [intel, "linux/amd64"],
      [arm, "linux/arm64"],
    ] as const) {
      const { code, text } = await build(project, platform);
      assert.equal(code, 0, text);
      assert.match(text, new RegExp(`part\\.json has base, ui for ${platform}\\.`));
      assert.doesNotMatch(text, /a secret of 24/);
    }
    assert.equal(await intel.state(), before);
    assert.equal(existsSync(path.join(intel.directory, "beside.txt")), false);
    const [first, second] = await Promise.all([intel, arm].map((project) => readFile(file(project), "utf8")));
    parts = { intel: read(first), arm: read(second) };
    for (const part of [...(parts.intel ?? []), ...(parts.arm ?? [])]) {
      const manifest = await crane(["manifest", `${part.repository}@${part.digest}`]);
      assert.equal(Buffer.byteLength(manifest), part.size);
      assert.match(manifest, /"layers"/);
    }
    assert.deepEqual(await tags("base").catch(() => ({})), {});
    assert.deepEqual(Object.keys(await tags("ui")), ["cache-amd64", "cache-arm64"]);
    // The image from files is made by the run that joins.
    assert.deepEqual(await tags("docs").catch(() => ({})), {});
    assert.doesNotMatch(`${first}${second}`, /a secret of 24|token/);
  });

  it("nothing is published without the parts: a preview says what is to be built, an update is refused", async () => {
    assert.match(await joined.preview(), /image base for linux\/arm64 is not built yet\. Build it/);
    const refused = await up("fail");
    assert.match(refused, /image base for linux\/(amd64|arm64) is not built yet\..*slipway build --platform/);
    assert.deepEqual(await tags("base").catch(() => ({})), {});
    await give({ intel: parts.intel ?? [] });
    const half = await up("fail");
    assert.match(half, /image base for linux\/arm64 is not built yet/);
    assert.deepEqual(await tags("base").catch(() => ({})), {});
  });

  /** Parts of a former version, which are in the same repositories. */
  let former: BuildPart[] = [];
  const contentOf = ({ digest = "", size = 1 }: Partial<BuildPart> = {}) => ({ digest, size });

  it("a machine that builds another version leaves what was built alone", async () => {
    await arm.program(program(host, { version: "v0.9.0" }));
    const { code, text } = await build(arm, "linux/arm64");
    assert.equal(code, 0, text);
    former = read(await readFile(file(arm), "utf8"));
    await arm.program(program(host));
    assert.notEqual(former[0]?.digest, parts.arm?.[0]?.digest);
  });

  const cases: { title: string; change: (list: BuildPart[]) => BuildPart[]; expected: RegExp }[] = [
    {
      title: "a part that names another image of the registry",
      change: (list) => list.map((part) => ({ ...part, digest: parts.intel?.[0]?.digest ?? "" })),
      expected: /is for linux\/amd64, not for linux\/arm64/,
    },
    {
      title: "a part of another size",
      change: (list) => list.map((part) => ({ ...part, size: part.size + 1 })),
      expected: /is not image base for linux\/arm64, as it is declared: it has \d+ bytes, not \d+/,
    },
    {
      title: "a part that the registry does not have",
      change: (list) => list.map((part) => ({ ...part, digest: `sha256:${"0".repeat(64)}` })),
      expected:
        /split\/base does not have sha256:0{64}, which was built as image base for linux\/arm64\. Build it/,
    },
    {
      title: "a part that names what was built from another version",
      change: (list) => list.map((part, index) => ({ ...part, ...contentOf(former[index]) })),
      expected:
        /is not image base for linux\/arm64, as it is declared: its label org\.opencontainers\.image\.version is "v0\.9\.0", not "v1\.0\.0"\. Build it/,
    },
  ];
  for (const { title, change, expected } of cases) {
    it(`refused by the preview: ${title}`, async () => {
      await give({ intel: parts.intel ?? [], arm: change(parts.arm ?? []) });
      assert.match(await joined.fail(["preview", "--stack", "dev"]), expected);
    });
  }

  it("refused by the preview: a file that was edited, and one that is none", async () => {
    await give(parts);
    const whole = await joined.read("parts/arm.json");
    await writeFile(path.join(joined.directory, "parts/arm.json"), whole.replace(/"size": \d/, '"size": 9'));
    assert.match(
      await joined.fail(["preview", "--stack", "dev"]),
      /arm\.json was changed after `slipway build`/,
    );
    await joined.write({ "parts/arm.json": "{}" });
    assert.match(
      await joined.fail(["preview", "--stack", "dev"]),
      /arm\.json was not written by `slipway build`: version/,
    );
    joined.env.SLIPWAY_PARTS = "nowhere";
    assert.match(
      await joined.fail(["preview", "--stack", "dev"]),
      /SLIPWAY_PARTS: there is no folder .*nowhere/,
    );
  });

  it("refused by the preview: parts of another version, commit, Dockerfile or file, each with what differs", async () => {
    await give(parts);
    const refused = async (text: string, expected: RegExp) => {
      await joined.program(text);
      const said = await joined.fail(["preview", "--stack", "dev"]);
      assert.match(said, expected);
      assert.match(said, /arm\.json|intel\.json/);
    };
    await refused(program(host, { version: "v1.1.0" }), /version v1\.0\.0, and here it is v1\.1\.0/);
    await refused(
      program(host, { commit: "f".repeat(40) }),
      /revision 0123456789abcdef\w*, and here it is f{40}/,
    );
    const labels = program(host).replace(`context: "base"`, `context: "base", labels: { team: "a" }`);
    await refused(labels, /image base .* was built from something else: other labels\. Build it/);
    await joined.write({ "base/Dockerfile": `FROM ${place.rootfs}\n` });
    await refused(
      program(host),
      /image base .* was built from something else: another Dockerfile or other files/,
    );
    await joined.write({ ...files(), "ui/app.txt": "another\n" });
    await refused(
      program(host),
      /image ui .* was built from something else: another Dockerfile or other files/,
    );
    await joined.write(files());
  });

  it("the parts are joined without a builder; the preview knows all digests, which are those of one run", async () => {
    await give(parts);
    assert.doesNotMatch(await joined.preview(), /is not built yet/);
    await up();
    assert.ok(existsSync(path.join(joined.directory, "beside.txt")));
    const one = await place.create({
      program: program(host, { namespace: "one", split: false }),
      files: files(),
      secrets,
    });
    try {
      await one.upWithoutPreview();
    } finally {
      await one.remove();
    }
    for (const name of ["base", "ui", "docs"]) {
      const [split, whole] = await Promise.all([tags(name), tags(name, "one")]);
      assert.equal(split["v1.0.0"], whole["v1.0.0"], name);
      assert.equal(split.latest, whole.latest, name);
      await crane(["validate", "--remote", `${host}/split/${name}:v1.0.0`]);
    }
  });

  it("what is joined needs no parts again, and nothing is done", async () => {
    delete joined.env.SLIPWAY_PARTS;
    assert.deepEqual(Object.keys(resourceCounts(await up())), ["unchanged"]);
  });

  it("an image that is gone from the registry is to be built again by its run", async () => {
    const { digest = "" } = parts.arm?.find(({ image }) => image === "ui") ?? {};
    await crane(["delete", `${host}/split/ui@${digest}`]);
    assert.match(
      await up("fail"),
      /image ui for linux\/arm64 is not built yet\. Build it, on a machine for linux\/arm64/,
    );
    const { code, text } = await build(arm, "linux/arm64");
    assert.equal(code, 0, text);
    const again = read(await readFile(file(arm), "utf8"));
    await give({ ...parts, arm: again });
    await up();
    await crane(["validate", "--remote", `${host}/split/ui:v1.0.0`]);
  });

  it("a program without split, and a platform that it does not have, are refused", async () => {
    assert.match(
      (await build(arm, "linux/s390x")).text,
      /No image is built from a Dockerfile for linux\/s390x/,
    );
    await arm.program(program(host, { split: false }));
    const { code, text } = await build(arm, "linux/arm64");
    assert.equal(code, 1);
    assert.match(text, /Declare it: split: true/);
    await arm.program(program(host).replace("split: true,", `split: true, environment: "test",`));
    assert.match(
      (await build(arm, "linux/arm64")).text,
      /split: a run for linux\/arm64 alone builds what another one publishes/,
    );
  });
});
