import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { ContentsDifference } from "../../lib/contents/compare-contents";
import type { ReleaseDiff } from "../../lib/display/release-diff";
import { previewOrUp } from "../../lib/display/preview-or-up";
import { runChild } from "../../lib/machine/child.cjs";
import { ensureBuilt } from "../../tools/build.cjs";
import { EngineProject, repository } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";

/** Six archives, an image for two platforms, a mirror and a release. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { directoryRelease, Distribution, ociRegistry, throwAwayKey } from "@slipway";

const config = new pulumi.Config();
new Distribution("shiplog", {
  version: config.require("version"),
  licenses: "MIT",
  registries: ["first", "second"].map((name) => ociRegistry({ host: config.require(name), username: "x", password: config.requireSecret("token") })),
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    shiplog: {
      command: ["sh", "-c", "cp shiplog.txt {output}/shiplog{exe}; echo {os}/{arch} {version} >> {output}/shiplog{exe}"],
      sources: ["shiplog.txt"],
      platforms: ["linux", "darwin", "windows"].flatMap((os) => ["amd64", "arm64"].map((arch) => os + "/" + arch)),
      executable: false,
    },
  },
  archives: { shiplog: { binaries: ["shiplog"], formats: { windows: "zip" } } },
  release: directoryRelease({ directory: "public", name: "harbour/shiplog" }),
  images: { shiplog: { files: [{ to: "/shiplog", binary: "shiplog" }], user: "65532" } },
  trust: { sign: throwAwayKey() },
});
`;

/** The README's excerpt is of the project of the repository; values aside, its lines are those of this one. */
function assertShowsWhatIsPrinted(printed: readonly string[]): void {
  const page = readFileSync(path.join(repository, "README.md"), "utf8");
  const [, excerpt = ""] = /^\$ npm run slipway -- preview\n(.*?)^```$/ms.exec(page) ?? [];
  const shape = (line: string) =>
    line
      .replaceAll("hello", "shiplog")
      .replaceAll(/sha256:[0-9a-f]{12}/g, "sha256:…")
      .replaceAll(/v0\.1\.\d/g, "v0.1.x")
      .replaceAll(/ +/g, " ");
  const lines = excerpt.split("\n").filter((line) => line !== "" && line !== "…");
  assert.ok(lines.length > 3, excerpt);
  for (const line of lines) assert.ok(printed.map(shape).includes(shape(line)), shape(line));
}

const token = "s3cret-in-the-program";

const policies = {
  all: "mandatory",
  "promoted-tags-are-scanned": "disabled",
};

describe("the output of slipway preview and slipway up", function () {
  let first: TestRegistry;
  let second: TestRegistry;
  let project: EngineProject;
  let pack: string[];

  before(async function () {
    requireTools(this, "pulumi", "registry");
    await ensureBuilt({ ifStale: true });
    [first, second] = await Promise.all([startDistribution(), startDistribution()]);
    const config = {
      "test:token": token,
      "test:first": first.host,
      "test:second": second.host,
      "test:version": "v0.1.1",
    };
    project = await EngineProject.create({ program, config, files: { "shiplog.txt": "one\n" } });
    pack = await project.policyPack(policies);
  });
  after(async () => {
    await project?.remove();
    await first?.stop();
    await second?.stop();
  });

  async function slipway(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
    const lines: string[] = [];
    const { code } = await previewOrUp(
      (given, options) =>
        runChild(toolPath("pulumi"), given, {
          ...options,
          cwd: project.directory,
          env: { ...project.env, ...options.env },
        }),
      [...args, ...pack],
      (line) => lines.push(...line.split("\n")),
    );
    return { code, lines };
  }

  /** Requires success, and that there are not more lines than somebody wants to read. */
  async function lines(most: number, ...args: string[]): Promise<string[]> {
    const { code, lines } = await slipway(...args);
    assert.equal(code, 0, lines.join("\n"));
    // The language host of the tests is not the one that the CLI expects, and it says so.
    const shown = lines.filter((line) => !line.includes("pulumi-language-nodejs"));
    assert.ok(shown.length <= most, `${shown.length} lines\n${shown.join("\n")}`);
    return shown;
  }

  it("has at most 60 lines for a first release, 12 for a preview of nothing, 60 for a patch", async () => {
    const made = (await lines(60, "up", "--yes", "--skip-preview")).join("\n");
    assert.match(made, /^stage shiplog-proven: \d+ made, [\d.]+ [kM]B sent, [\d.]+ s$/m);
    assert.match(
      made,
      /^summary:\n {2}made +[^]*\d oci:Image[^]*\n {2}sent +[\d.]+ [kM]B\n {2}stages +shiplog-proven [\d.]+ s/m,
    );
    assert.match(made, /^ {2}slowest +\S+:\S+ \S+ [\d.]+ s/m);
    const same = await lines(12, "preview", "--expect-no-changes");
    assert.match(same.at(-1) ?? "", /^no changes, \d+ unchanged, policies kept \(\d+ s\)$/);

    await project.configure({ "test:version": "v0.1.2" });
    await project.write({ "shiplog.txt": "two\n" });
    const plan = await lines(60, "preview", "--diff");
    const done = await lines(60, "up", "--yes", "--skip-preview");
    assert.match(done.join("\n"), /\n {2}moved +\S+:latest, .*\n {2}kept +\d+ as they were\n/);
    for (const [shown, sum] of [
      [plan, /^\d+ to update.*, \d+ unchanged, policies kept/],
      [done, /^\d+ updated.*, \d+ unchanged, policies kept/],
    ] as const) {
      assert.match(shown.at(-1) ?? "", sum);
      const changed = shown.filter((line) => /^ {2}[+~±-] /.test(line));
      assert.ok(changed.length >= 20, changed.join("\n"));
      assert.deepEqual(changed, [...new Set(changed)]);
      assert.match(changed.join("\n"), /~ oci:Tags +shiplog:version-tags +.*\+ v0\.1\.2 sha256:[0-9a-f]{12}/);
      assert.match(
        changed.join("\n"),
        /~ oci:Tags +shiplog:aliases +.*latest sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}/,
      );
    }
    assertShowsWhatIsPrinted(plan);
    // In one order, whichever was done first.
    const names = (shown: string[]) =>
      shown.filter((line) => /^ {2}[~±] /.test(line)).map((line) => line.split(/ +/).slice(1, 4).join(" "));
    assert.deepEqual(names(done), names(plan));
  });

  it("npx slipway diff tells it for a pull request, changes nothing, and says by its exit code what it found", async () => {
    const diff = async (...args: string[]) => {
      let text = "";
      const { code } = await runChild(
        process.execPath,
        [path.join(repository, "cli/slipway.cjs"), "diff", "--stack", "dev", ...pack, ...args],
        {
          cwd: project.directory,
          env: project.env,
          stdio: ["ignore", "pipe", "pipe"],
          onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part)),
        },
      );
      return { code, text };
    };
    assert.deepEqual((await diff("--exit-code")).code, 0);
    await project.configure({ "test:version": "v0.1.3" });
    try {
      const { code, text } = await diff("--format", "json", "--exit-code");
      assert.equal(code, 2, text);
      const { tags, assets, counts } = JSON.parse(text) as ReleaseDiff;
      const moved = tags.filter(({ change }) => change === "moved").map(({ tag }) => tag);
      assert.deepEqual([...new Set(moved)].sort(), ["latest", "v0.1"]);
      assert.ok(tags.some(({ tag, change }) => tag === "v0.1.3" && change === "made"));
      assert.equal(assets.filter(({ release }) => release === "public/harbour/shiplog v0.1.3").length, 6);
      assert.ok((counts.update ?? 0) > 0);
      assert.ok(!text.includes(token), "a secret is in it");
      const file = path.join(project.directory, "diff.md");
      assert.equal((await diff("--format", "markdown", "--output", file)).code, 0);
      assert.match(readFileSync(file, "utf8"), /^### Release diff\n\nshiplog v0\.1\.2 → v0\.1\.3 in /);
    } finally {
      await project.configure({ "test:version": "v0.1.2" });
    }
    // What is published, registries tell: nothing is previewed.
    const { code, text } = await diff("--from", "v0.1.1", "--format", "json", "--exit-code");
    assert.equal(code, 2, text);
    const { sizes, packages, notKnown } = JSON.parse(text) as ContentsDifference;
    const image = `${first.host}/shiplog`;
    assert.deepEqual(
      sizes.map(({ image: name, platform, from, to }) => [
        name,
        platform,
        from === undefined,
        to === undefined,
      ]),
      ["linux/amd64", "linux/arm64"].map((platform) => [image, platform, false, false]),
    );
    const own = packages.map(({ change, package: name, from, to }) => [change, name, from, to]);
    assert.deepEqual(own, [["changed", "generic/shiplog", ["v0.1.1"], ["v0.1.2"]]]);
    assert.match(notKnown.join("\n"), /vulnerabilities before and after are not known/);
    const images = ["--from", `${image}:v0.1.1`, "--to", `${second.host}/shiplog:v0.1.2`];
    assert.match((await diff(...images)).text, /^[^]*packages: 0 came, 0 went, 1 changed/);
    assert.equal((await diff("--from", "v0.0.9")).code, 1);
    const wrong = await diff("--format", "xml");
    assert.equal(wrong.code, 2);
  });

  it("pulumi up alone says what was done as well, no preview has a change for that, and a step of CI gets it as Markdown", async () => {
    await project.configure({ "test:version": "v0.1.3" });
    const up = ["up", "--yes", "--skip-preview", "--stack", "dev"];
    const plain = await project.succeed(up);
    assert.match(
      plain,
      /summary:\n +changed +\S[^]*\n +moved +\S+:latest, [^]*\n +sent +[\d.]+ [kM]?B\n +slowest +\S/,
    );
    assert.match(await project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]), /unchanged/);
    assert.doesNotMatch(await project.succeed(up), /summary:/);
    await project.configure({ "test:version": "v0.1.4" });
    const file = path.join(project.directory, "step.md");
    process.env.GITHUB_STEP_SUMMARY = file;
    try {
      assert.equal((await slipway("up", "--yes", "--skip-preview")).code, 0);
    } finally {
      delete process.env.GITHUB_STEP_SUMMARY;
    }
    const markdown = readFileSync(file, "utf8");
    assert.match(markdown, /^### What the run did\n\n\|[^]*\n\| moved \| \S+:latest[^]*\n\| slowest \| /);
    assert.ok(!markdown.includes(token));
    await project.configure({ "test:version": "v0.1.2" });
  });

  it("npx slipway ends with what refuses a change under a published version, and does nothing", async () => {
    await project.write({ "shiplog.txt": "three\n" });
    let text = "";
    const { code } = await runChild(
      process.execPath,
      [path.join(repository, "cli/slipway.cjs"), "preview", ...pack],
      {
        cwd: project.directory,
        env: project.env,
        stdio: ["ignore", "pipe", "ignore"],
        onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part)),
      },
    );
    const shown = text.trimEnd().split("\n");
    assert.equal(code, 1, shown.join("\n"));
    assert.match(shown.at(-1) ?? "", /^preview failed/);
    assert.match(shown.join("\n"), /^error: [^\n]*v0\.1\.2/m);
    assert.doesNotMatch(shown.join("\n"), /has a problem/);
  });
});
