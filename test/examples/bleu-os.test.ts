import assert from "node:assert/strict";
import * as path from "node:path";
import { emulateArm64 } from "../../lib/buildkit/emulation";
import { privateKey } from "../lib/scan/planted";
import { crane, runClient } from "../support/clients";
import { requirement } from "../support/requirement";
import { requireTools, toolPath } from "../support/tools";
import { commitOf, factsOfFirstRelease, fixedTags, git, makeCheckout, writeRelease } from "./bleu-os-release";
import { crash } from "./crash";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { runHistory, type HistoryStep, type PublishedState } from "./history";

const dockerfile = "bleu-os/Dockerfile.production";

/** A scan that needs no database: Trivy's, for secrets. */
const secretScan = JSON.stringify({
  kinds: ["secret"],
  scanner: { name: "trivy", offline: true, databaseDirectory: "none" },
});

interface Result {
  result: string;
  detail: string;
  output: string;
  checkedAt: string;
}

/** What is left to people after a release. */
const afterwards = ["watch-downloads", "collect-feedback", "fix-faults", "plan-next"];

interface ImageConfig {
  config: { Labels: Record<string, string>; User?: string };
}

/** What is published after the steps up to a release, for those that follow it. */
const afterFirst: PublishedState = {
  ...fixedTags("1.0.0", "first release"),
  "1.0": "first release",
  latest: "first release",
};
const afterPatch: PublishedState = {
  ...afterFirst,
  ...fixedTags("1.0.1", "patch"),
  "1.0": "patch",
  latest: "patch",
};
const afterMinor: PublishedState = {
  ...afterPatch,
  ...fixedTags("1.1.0", "minor"),
  "1.1": "minor",
  latest: "minor",
};
const afterCandidate: PublishedState = { ...afterMinor, ...fixedTags("1.2.0-rc.1", "pre-release") };
const afterOldLine: PublishedState = {
  ...afterCandidate,
  ...fixedTags("1.0.2", "patch of the old line"),
  "1.0": "patch of the old line",
};
const afterCrash: PublishedState = {
  ...afterOldLine,
  ...fixedTags("1.1.1", "the run after the crash"),
  "1.1": "the run after the crash",
  latest: "the run after the crash",
};
const main = commitOf("main");
const afterBranch: PublishedState = {
  ...afterCrash,
  main: "push to main",
  [`main-${main.slice(0, 7)}`]: "push to main",
  [main]: "push to main",
};
const afterNight: PublishedState = { ...afterBranch, nightly: "night" };
const afterRebuild: PublishedState = {
  ...afterNight,
  "1.1.1-20260131": "rebuild for a newer base",
  "1.1": "rebuild for a newer base",
  latest: "rebuild for a newer base",
};

describe("Bleu OS on the embedded default, through its life", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let project: ExampleProject;
  let image: string;

  before(async function () {
    requireExamples(this);
    requireTools(this, "git", "go", "trivy", "cosign");
    workspace = await ExampleWorkspace.shared();
    image = `${await workspace.registry()}/bleu-os`;
    project = await ExampleProject.copyOf("bleu-os", {
      workspace,
      config: { gates: "mandatory", commit: commitOf("1.0.0") },
      env: { PATH: [path.dirname(toolPath("trivy")), workspace.env.PATH].join(path.delimiter) },
    });
    await makeCheckout(project);
    await git(project, "tag", "v1.0.0");
  });

  after(() => workspace?.remove());

  /** A step that releases a version. */
  const release = (version: string) => ({
    config: { version: `v${version}`, commit: commitOf(version) },
    change: () => writeRelease(project, version),
  });

  /** Configuration that a step takes away. */
  const without = async (...keys: string[]) => {
    for (const key of keys) await project.succeed(["config", "rm", key, "--stack", project.stack]);
  };

  const manifest = async (reference: string) =>
    JSON.parse(await crane(["manifest", reference])) as {
      manifests: { digest: string; platform: { os: string; architecture: string } }[];
    };

  async function isWhatWasAskedFor(): Promise<void> {
    const { manifests } = await manifest(`${image}:1.0.0`);
    assert.deepEqual(
      manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`),
      ["linux/amd64", "linux/arm64"],
    );
    for (const { digest, platform } of manifests) {
      const { config } = JSON.parse(await crane(["config", `${image}@${digest}`])) as ImageConfig;
      const labels = Object.entries(config.Labels).map(([key, value]) => [
        key.replace("org.opencontainers.image.", ""),
        value,
      ]);
      assert.deepEqual(Object.fromEntries(labels), factsOfFirstRelease);
      assert.equal(config.User, "1000:1000");
      const files = (await crane(["export", `${image}@${digest}`, "-"])).toString();
      assert.match(files, /Bleu OS 1\.0\.0/);
      assert.ok(platform.architecture.length > 0);
    }
  }

  /**
   * Breaks one of the six gates, where the others hold. Each is another version, for a check that
   * has passed is not made again for the same one.
   */
  const broken = (
    version: string,
    parts: Parameters<typeof writeRelease>[2],
    step: Pick<HistoryStep, "name" | "config" | "files" | "fails">,
  ): HistoryStep => ({
    ...step,
    config: { version: `v${version}`, commit: commitOf(version), ...step.config },
    change: () => writeRelease(project, version, parts),
    published: afterFirst,
  });

  const steps: readonly HistoryStep[] = [
    {
      name: "first release",
      preview: ["release-1.0.0", "linux/arm64"],
      published: afterFirst,
      check: isWhatWasAskedFor,
    },
    { name: "nothing new", preview: [], check: (published) => published.onePlatform() },
    broken("1.0.11", ["docs", "git-tag"], {
      name: "the change log has no section",
      fails: /check failed: grep .* CHANGELOG\.md/,
    }),
    broken("1.0.12", ["changelog", "git-tag"], {
      name: "the page is of another version",
      fails: /check failed: grep .* README\.md/,
    }),
    broken("1.0.13", ["docs", "changelog"], {
      name: "Git has no tag",
      fails: /check failed: sh -c git tag/,
    }),
    broken("1.0.14", undefined, {
      name: "the tests do not pass",
      files: {
        "bleu-os/broken_test.go": `package main\n\nimport "testing"\n\nfunc TestBroken(t *testing.T) { t.Fatal("it is") }\n`,
      },
      fails: /check failed: go test [^]*TestBroken/,
    }),
    broken("1.0.15", undefined, {
      name: "the scan finds something",
      config: { scan: secretScan },
      files: {
        "bleu-os/broken_test.go": "package main\n",
        "bleu-os/leaked.pem": privateKey(),
        [dockerfile]: (text) =>
          text.replace("USER", "COPY --chmod=0444 bleu-os/leaked.pem /etc/leaked.pem\nUSER"),
      },
      fails: /secret private-key \(high\) in \/etc\/leaked\.pem/,
    }),
    broken("1.0.16", undefined, {
      name: "the image does not build",
      files: {
        [dockerfile]: (text) =>
          text
            .replace(/COPY --chmod.*\n/, "")
            .replace("-o /out/usr/bin/bleu .", "-o /out/usr/bin/bleu ./nowhere"),
      },
      fails: /nowhere/,
    }),
    {
      name: "patch",
      ...release("1.0.1"),
      files: { [dockerfile]: (text) => text.replace("./nowhere", ".") },
      preview: ["1.0.1"],
      published: afterPatch,
    },
    { name: "minor", ...release("1.1.0"), approved: "bleu-os", preview: ["1.1.0"], published: afterMinor },
    { name: "pre-release", ...release("1.2.0-rc.1"), preview: ["1.2.0-rc.1"], published: afterCandidate },
    { name: "patch of the old line", ...release("1.0.2"), preview: ["1.0.2"], published: afterOldLine },
    {
      name: "a crash while images are built",
      ...release("1.1.1"),
      run: (crashing) => crash(crashing, /docker-build:index:Image bleu-os-linux-\w+ (updating|updated)/),
    },
    { name: "the run after the crash", preview: ["1.1.1"], published: afterCrash },
    {
      name: "push to main",
      config: { branch: "main", commit: main },
      change: () => without("version"),
      preview: ["main"],
      published: afterBranch,
    },
    {
      name: "pull request",
      config: { pullRequest: "12" },
      change: () => without("branch"),
      published: afterBranch,
      check: async () => {
        const { tags } = await project.outputs<{ tags: { tag: string; published: boolean }[] }>();
        assert.deepEqual(
          tags.map(({ tag, published }) => [tag, published]),
          [["pr-12", false]],
        );
      },
    },
    { name: "night", change: () => without("pullRequest"), preview: ["nightly"], published: afterNight },
    {
      name: "rebuild for a newer base",
      ...release("1.1.1"),
      config: { version: "v1.1.1", commit: commitOf("1.1.1"), rebuilt: "20260131" },
      change: async () => {
        await writeRelease(project, "1.1.1");
        const base = `${workspace.host}/bases/debian:12`;
        await crane(["mutate", base, "--label", "security=fixed", "--tag", base], workspace.signedIn);
      },
      preview: ["bases/debian:12", "1.1.1-20260131"],
      published: afterRebuild,
    },
  ];

  /** Requirements whose check in the matrix a step makes. */
  const proven: Readonly<Record<string, string>> = {
    "first release": "BLEU-05, BLEU-07, BLEU-10, BLEU-12, BLEU-16, PROD-02",
    "nothing new": "PROD-03",
    "the change log has no section": "BLEU-24",
    "the page is of another version": "BLEU-24",
    "Git has no tag": "BLEU-24",
    "the tests do not pass": "BLEU-24",
    "the scan finds something": "BLEU-24, BLEU-32",
    "the image does not build": "BLEU-24",
    patch: "BLEU-08",
    "pre-release": "BLEU-09",
    "patch of the old line": "BLEU-09",
    "push to main": "BLEU-09, BLEU-10, BLEU-11",
    "pull request": "BLEU-11",
    night: "BLEU-12",
    "rebuild for a newer base": "BLEU-34",
  };
  runHistory({ project: () => project, repositories: () => [image], steps }, ({ name }) =>
    proven[name] === undefined ? name : `${proven[name]}: ${name}`,
  );

  it("BLEU-35: tells how much users download, and how many layers it is", async () => {
    type Built = Record<string, Record<string, { size: number; layers: number }>>;
    const { built } = await project.outputs<{ built: Built }>();
    for (const { digest, platform } of (await manifest(`${image}:latest`)).manifests) {
      const text = await runClient("curl", [
        ...["-fsS", "-H", "accept: application/vnd.oci.image.manifest.v1+json"],
        `http://${image.replace("/", "/v2/")}/manifests/${digest}`,
      ]);
      const { config, layers } = JSON.parse(text) as {
        config: { size: number };
        layers: { size: number }[];
      };
      const found = built["bleu-os"]?.[`${platform.os}/${platform.architecture}`];
      const content = layers.reduce((sum, { size }) => sum + size, config.size);
      assert.equal(found?.layers, layers.length);
      assert.ok(found.size > content && found.size < content + 10_000, `${found.size} of ${content}`);
    }
  });

  it("BLEU-25, BLEU-26: the steps after publication are recorded in their order, with a pull of every platform", async () => {
    const { checks } = await project.outputs<{ checks: Record<string, Result> }>();
    const order = Object.entries(checks).sort(([, a], [, b]) => a.checkedAt.localeCompare(b.checkedAt));
    const names = order.map(([name]) => name).filter((name) => !afterwards.includes(name));
    assert.deepEqual(names.slice(-2), ["reachable", `clean-pull ${image}`]);
    for (const name of names) assert.equal(checks[name]?.result, "passed", name);
    assert.match(
      checks[`clean-pull ${image}`]?.detail ?? "",
      /^2 manifests and \d+ blobs can be pulled without signing in$/,
    );
  });

  it("BLEU-29: the list for the time afterwards has each point, open until it is said how it went for this version", async () => {
    const list = async () => {
      const text = (await project.outputs<{ afterwards: string }>()).afterwards;
      const lines = text
        .split("\n")
        .filter((line) => afterwards.some((name) => line.includes(`] ${name}: `)));
      return lines.map((line) => line.slice(0, line.indexOf(":"))).sort();
    };
    const open = afterwards.map((name) => `- [ ] ${name}`).sort();
    assert.deepEqual(await list(), open);
    const went = { "watch-downloads": "1.1.1: 210 pulls in a week", "plan-next": "1.1.0: 1.2 is next" };
    await project.set("afterRelease", JSON.stringify(went));
    await project.upWithoutPreview();
    assert.deepEqual(
      await list(),
      [...open.filter((line) => !line.includes("watch-downloads")), "- [x] watch-downloads"].sort(),
    );
    const { checks } = await project.outputs<{ checks: Record<string, Result> }>();
    assert.match(checks["watch-downloads"]?.output ?? "", /210 pulls in a week/);
  });

  it("BLEU-31, BLEU-33: is signed, and has an SBOM that names its packages", async () => {
    const digest = await crane(["digest", `${image}:latest`]);
    const key = path.join(project.directory, ".slipway/keys/cosign.pub");
    await runClient("cosign", [
      ...["verify", "--key", key, "--insecure-ignore-tlog", "--allow-http-registry"],
      `${image}@${digest}`,
    ]);
    const sbom = await runClient("cosign", [
      ...["verify-attestation", "--key", key, "--insecure-ignore-tlog", "--allow-http-registry"],
      ...["--type", "spdxjson", `${image}@${(await manifest(`${image}:latest`)).manifests[0]?.digest}`],
    ]);
    const [line = ""] = sbom.split("\n");
    const payload = (JSON.parse(line) as { payload: string }).payload;
    const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as {
      predicate: { packages: { name: string }[] };
    };
    const names = statement.predicate.packages.map(({ name }) => name);
    assert.ok(names.includes("libc6"), names.join());
  });

  for (const architecture of ["amd64", "arm64"] as const) {
    it(`BLEU-18: starts on ${architecture}`, async function () {
      const why = architecture === "arm64" ? emulateArm64() : undefined;
      requirement(this, why === undefined, why ?? "");
      const folder = path.join(workspace.root, `root-${architecture}`);
      await runClient("mkdir", ["-p", folder]);
      const archive = `${folder}.tar`;
      await crane(["export", "--platform", `linux/${architecture}`, `${image}:1.0.0`, archive]);
      await runClient("tar", ["-xf", archive, "-C", folder]);
      const printed = await runClient("/usr/sbin/chroot", [folder, "/usr/bin/bleu", "version"]);
      assert.equal(printed, `Bleu OS 1.0.0 (linux/${architecture})`);
      await runClient("/usr/sbin/chroot", [folder, "/usr/bin/bleu", "check"]);
    });
  }
});
