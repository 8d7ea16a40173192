import assert from "node:assert/strict";
import { appendFile, chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { ReleaseStatus, StatusRow } from "../../lib/display/release-status";
import { runChild } from "../../lib/machine/child.cjs";
import type { ProjectPage, VersionPage } from "../../lib/page/page-data";
import { deprecationList } from "../../lib/retention/deprecation-list";
import { parseServedHistory } from "../../lib/served/history";
import { ensureBuilt } from "../../tools/build.cjs";
import { crane, runClient } from "../support/clients";
import { EngineProject, repository } from "../support/engine";
import { FakeGitHub } from "../support/fake-github";
import { git } from "../support/git-server";
import { installPackage } from "../support/installed-package";
import { startDistribution, type TestRegistry } from "../support/registries";
import { startStaticServer } from "../support/static-server";
import { runJob } from "../support/workflow-job";

describe("CAP-22: npx slipway status: what is served of what was published", () => {
  let registry: TestRegistry;
  let copy: TestRegistry;
  let project: EngineProject;
  let catalog: Server;
  /** What the catalog says, and how often it was asked. */
  let listed = '[{"repo":"acme","version":"1.0.0-2"}]';
  let asked = 0;

  before(async () => {
    await ensureBuilt({ ifStale: true });
    catalog = createServer((_request, response) => {
      asked += 1;
      response.end(listed);
    });
    await new Promise<void>((done) => catalog.listen(0, "127.0.0.1", done));
    registry = await startDistribution();
    copy = await startDistribution();
    project = await EngineProject.create({
      program: program(registry.host, copy.host, (catalog.address() as AddressInfo).port),
      files: { "app.sh": "#!/bin/sh\necho app 1.0.0\n" },
    });
    await project.copy("examples/hello", "hello");
    git(project.directory, "init", "--quiet", "--bare", "tap.git");
    await project.upWithoutPreview();
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
    await copy?.stop();
    catalog?.closeAllConnections();
    catalog?.close();
  });

  const run = async (
    args: readonly string[],
    { command = "status", ...options }: { command?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) => {
    let text = "";
    const { code } = await runChild(
      process.execPath,
      [path.join(repository, "cli/slipway.cjs"), command, ...args],
      {
        cwd: project.directory,
        env: project.env,
        ...options,
        stdio: ["ignore", "pipe", "ignore"],
        onStart: (child) => child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part)),
      },
    );
    return { code, text };
  };

  const found = async (...args: string[]) => {
    const { code, text } = await run(["--stack", "dev", "--format", "json", ...args]);
    const status = JSON.parse(text) as ReleaseStatus;
    const at = (kind: string, name: string, place = ""): StatusRow | undefined =>
      status.rows.find((row) => row.kind === kind && row.name === name && row.place.startsWith(place));
    return { code, status, at };
  };

  it("is served, and neither state nor registry is touched", async () => {
    const before = await project.state();
    const { code, status, at } = await found("--fail-on", "failed,missing,drifted,behind,unknown");
    assert.equal(code, 0, JSON.stringify(status));
    assert.deepEqual(status.errors, []);
    assert.deepEqual(
      [...new Set(status.rows.map(({ state }) => state))].sort(),
      ["published", "served"],
      JSON.stringify(status.rows),
    );
    for (const host of [registry.host, copy.host])
      for (const tag of ["v1.0.0", "v1.0", "v1", "latest"])
        assert.equal(at("tag", tag, host)?.state, "served");
    const [channel] = status.rows.filter(({ kind }) => kind === "channel");
    assert.deepEqual(
      [channel?.place, channel?.state],
      ["git:Files", "published"],
      JSON.stringify(status.rows),
    );
    assert.ok(status.rows.some(({ kind, name }) => kind === "file" && name.endsWith(".tar.gz")));
    assert.equal(await project.state(), before);
    assert.match(
      (await run(["--stack", "dev"])).text,
      /^kind +place +name +declared +served +state +next step\n[^]*\n\d+ published: /,
    );
  });

  it("is told while another run has the stack locked", async () => {
    const locks = path.join(fileURLToPath(project.env.PULUMI_BACKEND_URL ?? ""), ".pulumi", "locks");
    const folder = path.join(locks, "organization", "test", "dev");
    const lock = {
      pid: process.pid,
      username: "other",
      hostname: "elsewhere",
      timestamp: new Date().toISOString(),
    };
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "other.json"), JSON.stringify(lock));
    try {
      assert.match(
        await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]),
        /currently locked/,
      );
      const { code, at } = await found();
      assert.deepEqual([code, at("tag", "v1.0.0", registry.host)?.state], [0, "served"]);
    } finally {
      await rm(path.join(folder, "other.json"));
    }
  });

  it("MESH-30: has a catalog that others fill, whatever it says, and asks it for no update", async () => {
    const row = async () => {
      const { code, at } = await found();
      const { place, declared, served, state, since } = at("catalog", "acme store") ?? {};
      assert.deepEqual([code, place, declared], [0, "acme store", "v1.0.0"]);
      return [state, served, since !== undefined];
    };
    assert.deepEqual(await row(), ["served", "1.0.0", false]);
    listed = '[{"repo":"acme","version":"0.9.0-1"}]';
    assert.deepEqual(await row(), ["awaiting", "0.9.0", true]);
    listed = "<!DOCTYPE html>";
    assert.deepEqual(await row(), ["unknown", "", false]);
    const before = asked;
    await project.upWithoutPreview();
    assert.equal(asked, before);
    listed = '[{"repo":"acme","version":"1.0.0-3"}]';
  });

  /** Of the list beside the release, without Pulumi and without the project. */
  const ofList = async (...args: string[]) => {
    const web = await startStaticServer(path.join(project.directory, "public"));
    try {
      const list = `${web.url}/releases.json`;
      const { code, text } = await run(["--releases", list, "--format", "json", ...args], {
        cwd: "/",
        env: { ...project.env, PATH: "/nowhere", PULUMI_BACKEND_URL: "", DOCKER_CONFIG: "/nowhere" },
      });
      const { rows } = JSON.parse(text) as ReleaseStatus;
      return { code, rows: rows.map(({ kind, name, state }) => `${kind} ${name}: ${state}`) };
    } finally {
      await web.stop();
    }
  };

  it("is told to everybody by the list beside the release", async () => {
    const { code, rows } = await ofList("--version", "v1.0.0");
    assert.equal(code, 0, rows.join("\n"));
    assert.deepEqual(rows, [
      "catalog acme store: served",
      "file SHA256SUMS: served",
      ...["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"].map(
        (platform) => `file app_1.0.0_${platform}.tar.gz: served`,
      ),
      "tag v1.0.0: served",
      "tag v1.0.0: served",
    ]);
    const { code: failed, text } = await run(["--releases", "/nowhere.json"]);
    assert.deepEqual([failed, text], [1, ""]);
  });

  it("has drifted where somebody has changed or removed it, each by itself", async () => {
    await crane(["delete", `${copy.host}/app:v1`]);
    const index = (await crane(["digest", `${registry.host}/app:v1.0.0`])).trim();
    const { manifests } = JSON.parse(await crane(["manifest", `${registry.host}/app@${index}`])) as {
      manifests: { digest: string }[];
    };
    await crane(["tag", `${registry.host}/app@${manifests[0]?.digest}`, "latest"]);
    const { status: before } = await found();
    const archive = before.rows.find(({ kind, name }) => kind === "file" && name.endsWith(".tar.gz"));
    await rm(path.join(project.directory, "public", "releases", "download", "v1.0.0", archive?.name ?? ""));

    const { code, status, at } = await found("--fail-on", "drifted");
    assert.equal(code, 2, JSON.stringify(status));
    const latest = at("tag", "latest", registry.host);
    assert.deepEqual(
      [latest?.state, latest?.declared, latest?.served],
      ["drifted", index, manifests[0]?.digest],
    );
    assert.equal(at("tag", "v1", copy.host)?.state, "missing");
    assert.ok((await ofList()).rows.includes(`file ${archive?.name}: missing`));
    assert.equal(at("file", archive?.name ?? "")?.state, "missing", JSON.stringify(status.rows));
    assert.equal(at("tag", "v1.0.0", registry.host)?.state, "served");
  });

  /** Options with files that have texts. */
  async function optionFiles(texts: Readonly<Record<string, string>>): Promise<string[]> {
    const options = Object.entries(texts).map(async ([option, text]) => {
      const file = path.join(project.directory, `${option}.txt`);
      await writeFile(file, text);
      return [`--${option}`, file];
    });
    return (await Promise.all(options)).flat();
  }

  it("MESH-30: pages show what has drifted of each kind, a tag, a file and a channel, to who has the state and to strangers", async () => {
    const clone = path.join(project.directory, ".slipway", "tap");
    git(project.directory, "clone", "--quiet", "--branch", "main", "tap.git", clone);
    const before = git(clone, "rev-parse", "HEAD");
    await appendFile(path.join(clone, "Formula", "app.rb"), "# by hand\n");
    git(clone, "commit", "--quiet", "--all", "--message", "by hand");
    git(clone, "push", "--quiet");
    try {
      const site = path.join(project.directory, "site");
      const { code } = await run(["--stack", "dev", "--out", site], { command: "page" });
      assert.equal(code, 0);
      const read = async <T>(file: string) => JSON.parse(await readFile(path.join(site, file), "utf8")) as T;
      const { rows, name } = await read<ProjectPage>("page.json");
      assert.equal(name, "test/dev");
      const { status } = await found();
      assert.deepEqual(rows, status.rows);
      const states = (kind: string) =>
        [...new Set(rows.filter((row) => row.kind === kind).map(({ state }) => state))].sort();
      assert.deepEqual(
        ["tag", "file", "channel", "catalog"].map((kind) => [kind, ...states(kind)]),
        [
          ["tag", "drifted", "missing", "served"],
          ["file", "missing", "served"],
          ["channel", "drifted"],
          ["catalog", "served"],
        ],
      );
      const front = await readFile(path.join(site, "index.html"), "utf8");
      for (const row of rows.filter(({ state }) => state === "drifted" || state === "missing"))
        assert.ok(
          front.includes(`<code>${row.name}</code></th><td><span class="state bad">${row.state}</span></td>`),
          row.name,
        );
      const { images, releases, vulnerabilities } = await read<VersionPage>("versions/v1.0.0/version.json");
      assert.deepEqual(
        images.map(({ tags, platforms }) => [tags[0]?.state, Array.isArray(platforms) && platforms.length]),
        [
          ["served", 2],
          ["served", 2],
        ],
      );
      assert.equal(releases[0]?.files.filter(({ state }) => state === "missing").length, 1);
      assert.deepEqual(vulnerabilities, { notAvailable: "no report of a scan is attached to any image" });

      const web = await startStaticServer(path.join(project.directory, "public"));
      const abroad = path.join(project.directory, "abroad");
      const texts = await optionFiles({
        install: "### Homebrew\n\n```sh\nbrew install acme/tap/app\n```\n",
        deprecated: deprecationList("app", [{ versions: "1", since: "2026-01-01", instead: "v2.0.0" }]),
      });
      try {
        const { code: strange } = await run(
          ["--releases", `${web.url}/releases.json`, "--name", "App", "--out", abroad, ...texts],
          { command: "page", cwd: "/", env: { ...project.env, PATH: "/nowhere", PULUMI_BACKEND_URL: "" } },
        );
        assert.equal(strange, 0);
      } finally {
        await web.stop();
      }
      const stranger = await readFile(path.join(abroad, "index.html"), "utf8");
      assert.match(
        stranger,
        /<strong>Deprecated<\/strong> since 2026-01-01[^]*<code>brew install acme\/tap\/app<\/code>/,
      );
      assert.match(stranger, /<h1>App<\/h1>[^]*<span class="state bad">missing<\/span>/);
      assert.equal((await run(["--stack", "dev", "--out", project.directory], { command: "page" })).code, 1);
    } finally {
      git(clone, "push", "--quiet", "--force", "origin", `${before}:refs/heads/main`);
    }
  });

  it("MESH-30: is told by the scheduled job, in one issue that is closed when all is served again, and kept on a branch", async () => {
    const github = await FakeGitHub.start();
    const issues = github.repository("acme/hello").issues;
    await installPackage(project.directory);
    const { PULUMI_BACKEND_URL: _url, PULUMI_CONFIG_PASSPHRASE: passphrase = "", ...env } = project.env;
    const text = await project.read(".github/workflows/status.yml");
    const beside = (file: string) => path.join(path.dirname(project.directory), file);
    const origin = beside("forge/acme/hello.git");
    await runClient("git", ["init", "--quiet", "--bare", origin]);
    git(project.directory, "init", "--quiet");
    git(project.directory, "remote", "add", "origin", origin);
    await project.write({ "../programs/gh": "#!/bin/sh\n" });
    await chmod(beside("programs/gh"), 0o755);
    const forge = {
      PATH: `${beside("programs")}:${env.PATH}`,
      GITHUB_SERVER_URL: `file://${beside("forge")}`,
      GITHUB_API_URL: github.url,
    };
    /** The job that may write to the repository; it has what the look has handed over. */
    const keep = async ({ outputs, temp }: { outputs: Record<string, string>; temp: string }) => {
      const event = {
        github: { event_name: "schedule", ref: "refs/heads/main", token: github.token },
        needs: { status: { outputs } },
      };
      const machine = {
        checkout: beside("."),
        env: { ...env, ...forge },
        without: [],
        bring: (folder: string) =>
          cp(path.join(temp, "served"), path.join(folder, "served"), { recursive: true }),
      };
      const result = await runJob(text, "keep", event, machine);
      assert.equal(result?.code, 0, result?.text);
    };
    const job = async () => {
      const event = {
        github: { event_name: "schedule", ref: "refs/heads/main", token: github.token },
        secrets: { PULUMI_CONFIG_PASSPHRASE: passphrase, STATUS_WEBHOOK: `${github.url}/hook/secret-path` },
      };
      const machine = {
        checkout: project.directory,
        env: { ...env, ...forge },
        without: ["Install packages", "Install Pulumi"],
      };
      const result = await runJob(text, "status", event, machine);
      assert.ok(result);
      // The fake has no webhook, and the job says so without the secret in its address.
      assert.match(result.text, /The webhook at 127\.0\.0\.1:\d+ was not told: it answers with HTTP 404/);
      assert.doesNotMatch(result.text, /secret-path|ghp_writer/);
      assert.equal(result.code, 1);
      await keep(result);
      return result;
    };
    try {
      const first = await job();
      assert.match(first.text, /^::warning title=drifted%3A tag latest::.*`pulumi up` puts it back$/m);
      assert.match(first.summary, /^\d+ published: 2 missing, 1 drifted, /);
      assert.match(first.text, /Issue #1 of acme\/hello: opened /);
      assert.equal(issues[0]?.title, "Published and not served: 2 missing, 1 drifted (test/dev)");
      assert.match((await job()).text, /Issue #1 of acme\/hello: left as it is /);
      await project.upWithoutPreview();
      const last = await job();
      assert.match(last.text, /Issue #1 of acme\/hello: closed /);
      assert.match(last.summary, /\nSlowest: release public, which served v1\.0\.0 after \d/);
      const branch = "slipway/served-dev";
      const { series, times, subject } = parseServedHistory(
        await runClient("git", ["-C", origin, "show", `${branch}:served.json`]),
      );
      assert.deepEqual([subject, times.length], ["test/dev", 3]);
      assert.deepEqual(series[`registry ${registry.host}/app`], ["drifted", "drifted", "served"]);
      assert.deepEqual(series[`registry ${copy.host}/app`], ["missing", "missing", "served"]);
      assert.deepEqual(series["release public"], ["missing", "missing", "served"]);
      // The branch does not grow, and has nothing else.
      assert.equal((await runClient("git", ["-C", origin, "rev-list", "--count", branch])).trim(), "1");
      assert.equal(
        (await runClient("git", ["-C", origin, "ls-tree", "--name-only", branch])).trim(),
        "served.json",
      );
      assert.deepEqual(
        issues.map(({ state }) => state),
        ["closed"],
      );
      assert.deepEqual(github.violations, []);
    } finally {
      await github.stop();
    }
  });

  it("keeps what was served when in a file, says how long each channel took, and writes over nothing else", async () => {
    await project.write({ "other.json": "{}" });
    assert.equal((await run(["--stack", "dev", "--history", "other.json"])).code, 1);
    assert.equal(await project.read("other.json"), "{}");
    const { code, text } = await run(["--stack", "dev", "--history", "served.json"]);
    assert.equal(code, 0, text);
    assert.match(text, /\nregistry \S+\/app +v1\.0\.0 +at most \S/);
    assert.match(text, /\nchannel app:homebrew\S* +v1\.0\.0 +at most \S/);
    assert.match(text, /\ncatalog acme store +v1\.0\.0 +at most \S/);
    const again = await run(["--stack", "dev", "--history", "served.json", "--format", "json"]);
    const { slowest, timesToServed } = JSON.parse(again.text) as { slowest: null; timesToServed: object[] };
    assert.deepEqual([slowest, timesToServed.length], [null, 5]);
    const { times } = parseServedHistory(await project.read("served.json"));
    assert.equal(times.length, 2);
    const releases = path.join(project.directory, "public", "releases.json");
    assert.equal((await run(["--releases", releases, "--history", "served.json"])).code, 1);
  });

  it("is refused before it looks where nobody can be told", async () => {
    const refused = async (...args: string[]) => (await run(["--stack", "dev", ...args])).code;
    assert.equal(await refused("--issue", "acme"), 2);
    assert.equal(await refused("--webhook", "http://hooks.example/"), 2);
    assert.equal(await refused("--format", "json", "--annotations"), 2);
    assert.equal(await refused("--issue", "acme/hello"), 1);
  });

  it("is unknown where nobody answers, and everything else is told all the same", async () => {
    await copy.suspend();
    const { code, status, at } = await found("--fail-on", "unknown");
    assert.equal(code, 2, JSON.stringify(status));
    assert.equal(at("tag", "v1.0.0", copy.host)?.state, "unknown", JSON.stringify(status));
    assert.equal(at("tag", "v1.0.0", registry.host)?.state, "served", JSON.stringify(status));

    await registry.suspend();
    const { code: failed, status: none, at: atNone } = await found();
    assert.equal(failed, 1, JSON.stringify(none));
    const tag = atNone("tag", "v1.0.0", registry.host);
    assert.deepEqual([tag?.state, tag?.served], ["unknown", ""], JSON.stringify(none));
    assert.match(tag?.reason ?? "", /ECONNREFUSED|cannot be reached|does not answer/);
    const outside = await ofList();
    assert.equal((await ofList("--partial")).code, 0);
    assert.deepEqual(
      [outside.code, outside.rows.filter((row) => row.startsWith("tag "))],
      [1, ["tag v1.0.0: unknown", "tag v1.0.0: unknown"]],
    );
    assert.equal(atNone("file", "SHA256SUMS")?.state, "served", JSON.stringify(none));
  });
});

function program(host: string, copy: string, catalog: number): string {
  return `
import { directoryRelease, Distribution, githubWorkflows, homebrewFormula, observedChannel, ociRegistry, semverTags } from "@slipway";
new Distribution("app", {
  version: "v1.0.0",
  licenses: "Apache-2.0",
  registries: [ociRegistry({ host: ${JSON.stringify(host)} }), ociRegistry({ host: ${JSON.stringify(copy)} })],
  platforms: ["linux/amd64", "linux/arm64"],
  tags: semverTags({ prefix: "v", aliases: ["minor", "major", "latest"] }),
  images: { app: { files: [{ to: "/app.sh", source: "app.sh", mode: "0755" }] } },
  binaries: { app: {
    directory: "hello",
    command: ["go", "build", "-trimpath", "-o", "{output}/app", "."],
    env: { CGO_ENABLED: "0" },
    sources: ["**/*.go", "go.mod"],
    platforms: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"],
  } },
  archives: { app: { binaries: ["app"] } },
  release: directoryRelease({ directory: "public", baseUrl: "https://downloads.acme.example" }),
  channels: [homebrewFormula({
    tap: "./tap.git",
    author: { name: "Acme", email: "releases@acme.example" },
    description: "Says its version",
    homepage: "https://acme.example/app",
  }), observedChannel({
    name: "acme store",
    probe: {
      url: "http://127.0.0.1:${catalog}/app.json",
      list: "", where: { repo: "acme" }, version: "/version", spelled: "debian",
    },
  })],
  documents: githubWorkflows({
    stack: "dev",
    repository: "acme/hello",
    state: { url: process.env.PULUMI_BACKEND_URL ?? "" },
    workflows: { release: { tags: ["v*"] } },
    status: { webhook: "STATUS_WEBHOOK", history: true },
  }),
});
`;
}
