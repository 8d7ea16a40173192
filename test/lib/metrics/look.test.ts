import assert from "node:assert/strict";
import type { SizedImage } from "../../../lib/contents/image-sizes";
import type { PublishedImages } from "../../../lib/contents/published-images";
import type { AskedMetrics } from "../../../lib/metrics/asked";
import { lookAtMetrics, type LookOptions } from "../../../lib/metrics/look";
import type { MetricsReport } from "../../../lib/metrics/report";
import type { MetricRow } from "../../../lib/metrics/row";
import { hubRepository, listedRelease, listedRuns, UsageServices } from "../../support/usage-services";

const now = new Date("2026-11-30T12:00:00.000Z");
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

describe("how what is published is used", () => {
  let services: UsageServices;

  beforeEach(async () => {
    services = await UsageServices.start();
  });
  afterEach(() => services.stop());

  const asked = (more: Partial<AskedMetrics> = {}): AskedMetrics => ({
    images: [],
    packages: [],
    addresses: services.addresses,
    ...more,
  });
  const github = (more: Partial<AskedMetrics["github"]> = {}) => ({
    repository: "acme/app",
    endpoint: services.url,
    workflows: [],
    feedback: [],
    ...more,
  });
  const look = (
    one: AskedMetrics,
    more: Partial<LookOptions> = {},
    published: ReadonlyMap<string, PublishedImages> = new Map(),
  ) =>
    lookAtMetrics([one], published, {
      now,
      versions: 10,
      agent: "slipway/test",
      tokenFor: () => undefined,
      sizesOf: () => Promise.resolve([]),
      ...more,
    });
  const rowsOf = ({ rows }: MetricsReport, metric: MetricRow["metric"]) =>
    rows
      .filter((row) => row.metric === metric)
      .map(({ of, version, platform, period, value, reason }) => [
        [of, version, platform, period].join("|"),
        value ?? reason,
      ]);

  it("BLEU-30: has five values, of Docker Hub, releases, CI and issues", async () => {
    services.on("/v2/namespaces/acme/repositories/app", { body: hubRepository(1234, 7) });
    services.on("/repos/acme/app/releases", {
      body: [
        listedRelease("v1.2.0", { "app_linux_amd64.tar.gz": 1 }, true),
        listedRelease("v1.1.0", {
          "app_1.1.0_linux_amd64.tar.gz": 30,
          "app_1.1.0_amd64.deb": 5,
          "app_1.1.0_darwin_arm64.tar.gz": 12,
          "app_1.1.0_linux_amd64.tar.gz.sha256": 900,
          SHA256SUMS: 40,
        }),
        listedRelease("v1.0.0", { "app_1.0.0_windows_amd64.zip": 3 }),
      ],
    });
    services.on("/repos/acme/app/actions/runs", {
      body: listedRuns({ success: 6, failure: 1, timed_out: 1, cancelled: 9, skipped: 4 }),
    });
    services.on("/repos/acme/app/issues", {
      body: [{ number: 1 }, { number: 2, pull_request: { url: "…" } }, { number: 3 }],
    });
    const report = await look(
      asked({
        images: [{ image: "app", repositories: ["docker.io/acme/app"] }],
        github: github({ feedback: ["migration"] }),
      }),
    );
    assert.deepEqual(report.use, {
      pulls: { value: 1234, of: "1 of 1 repositories, since they were made" },
      versions: {
        value: { "v1.1.0": 47, "v1.0.0": 3 },
        of: "files of releases, since they were published",
      },
      platforms: {
        value: { "linux/amd64": 35, "darwin/arm64": 12, "windows/amd64": 3 },
        of: "files of releases, since they were published",
      },
      errors: { value: 0.25, of: "runs of CI that failed: acme/app, in 30 days" },
      feedback: { value: 2, of: "open issues: acme/app migration" },
    });
    assert.deepEqual(rowsOf(report, "stars"), [["docker.io/acme/app|||", 7]]);
    // What names no platform is told apart, and is no use of a version.
    assert.deepEqual(
      rowsOf(report, "downloads").filter(([key]) => key === "acme/app|v1.1.0||"),
      [["acme/app|v1.1.0||", 940]],
    );
  });

  it("BLEU-30: says of each of the five that it is not available, and why, where nobody tells", async () => {
    const report = await look(
      asked({ images: [{ image: "app", repositories: ["ghcr.io/acme/app", "registry.acme.example/app"] }] }),
    );
    assert.deepEqual(report.use, {
      pulls: {
        notAvailable:
          "ghcr.io/acme/app: GitHub has no API for pulls of container packages; " +
          "registry.acme.example/app: registry.acme.example has no API for pulls that Slipway knows",
      },
      versions: {
        notAvailable: "no registry tells pulls by version, and nothing else is counted by version",
      },
      platforms: {
        notAvailable: "no registry tells pulls by platform, and nothing else is counted by platform",
      },
      errors: { notAvailable: "no repository of GitHub is known" },
      feedback: { notAvailable: "no label is declared (metrics.feedback)" },
    });
    assert.deepEqual(services.requests, []);
  });

  it("BLEU-30: of Quay are pulls and pushes together, which are no pulls", async () => {
    services.on("/api/v1/repository/acme/app", {
      body: {
        name: "app",
        stats: [
          { date: "2026-11-29", count: 4 },
          { date: "2026-11-28", count: 6 },
        ],
      },
    });
    const report = await look(asked({ images: [{ image: "app", repositories: ["quay.io/acme/app"] }] }));
    assert.deepEqual(rowsOf(report, "actions"), [["quay.io/acme/app|||3 months", 10]]);
    assert.deepEqual(rowsOf(report, "pulls"), [
      ["quay.io/acme/app|||", "Quay counts pulls and pushes together"],
    ]);
    assert.equal(
      services.requests[0]?.path,
      "/api/v1/repository/acme/app?includeStats=true&includeTags=false",
    );
  });

  it("are downloads of npm by version and platform, of PyPI by system, and of Homebrew", async () => {
    services.on("/downloads/point/last-month/@acme/app", { body: { downloads: 500, package: "@acme/app" } });
    services.on("/versions/%40acme%2Fapp/last-week", {
      body: { package: "@acme/app", downloads: { "1.0.0": 20, "1.1.0": 80 } },
    });
    services.on("/downloads/point/last-month/@acme/app-linux-x64", { body: { downloads: 400 } });
    services.on("/api/packages/acme-app/recent", {
      body: { data: { last_day: 1, last_week: 7, last_month: 30 } },
    });
    services.on("/api/packages/acme-app/system", {
      body: {
        data: [
          { category: "Linux", date: "2026-11-01", downloads: 10 },
          { category: "Linux", date: "2026-11-02", downloads: 5 },
          { category: "Darwin", date: "2026-11-01", downloads: 2 },
          { category: "null", date: "2026-11-01", downloads: 99 },
        ],
      },
    });
    services.on("/api/analytics/install/30d.json", {
      body: {
        category: "install",
        items: [
          { number: 1, formula: "acme/tap/app", count: "1,204", percent: "0.1" },
          { number: 2, formula: "acme/tap/app --HEAD", count: "3", percent: "0" },
        ],
      },
    });
    services.on("/api/formula/app.json", {
      body: { analytics: { install: { "30d": { app: 11, "app --HEAD": 1 } } } },
    });
    const report = await look(
      asked({
        packages: [
          { registry: "npm", name: "@acme/app" },
          { registry: "npm", name: "@acme/app-linux-x64", platform: "linux/amd64" },
          { registry: "pypi", name: "Acme-App" },
          { registry: "homebrew", name: "acme/tap/app" },
          { registry: "homebrew", name: "acme/tap/other" },
          { registry: "homebrew", name: "app" },
        ],
      }),
    );
    assert.deepEqual(rowsOf(report, "downloads"), [
      ["npm @acme/app|||30 days", 500],
      ["npm @acme/app|1.0.0||7 days", 20],
      ["npm @acme/app|1.1.0||7 days", 80],
      ["npm @acme/app-linux-x64||linux/amd64|30 days", 400],
      ["PyPI Acme-App|||30 days", 30],
      ["PyPI Acme-App||linux|180 days", 15],
      ["PyPI Acme-App||darwin|180 days", 2],
      ["Homebrew acme/tap/app|||30 days", 1207],
      ["Homebrew acme/tap/other|||", "Homebrew's analytics of the last 30 days do not list it"],
      ["Homebrew app|||30 days", 12],
    ]);
    assert.deepEqual(report.use.versions, {
      value: { "1.0.0": 20, "1.1.0": 80 },
      of: "packages of npm, in 7 days",
    });
    assert.deepEqual(report.use.platforms, {
      value: { "linux/amd64": 400 },
      of: "packages of npm, in 30 days",
    });
    // A list of everything that was installed is read once.
    assert.equal(services.requests.filter(({ path }) => path.startsWith("/api/analytics")).length, 1);
  });

  it("TINY-40: are issues under a label, runs of one workflow and branch, and no pull requests", async () => {
    services.on("/repos/acme/app/actions/workflows/release.yml/runs", { body: listedRuns({ success: 4 }) });
    services.on("/repos/acme/app/issues", { body: [] });
    services.on("/repos/acme/app/releases", { body: [] });
    const report = await look(
      asked({
        github: github({ workflows: ["release.yml"], branch: "main", feedback: ["migration issue"] }),
      }),
      { tokenFor: () => "secret-token" },
    );
    assert.deepEqual(report.use.errors, {
      value: 0,
      of: "runs of CI that failed: acme/app release.yml, in 30 days",
    });
    assert.deepEqual(report.use.feedback, { value: 0, of: "open issues: acme/app migration issue" });
    const at = (part: string) =>
      new URL(services.requests.find(({ path }) => path.includes(part))?.path ?? "", "http://x");
    const runs = at("/runs").searchParams;
    assert.deepEqual(
      ["status", "created", "branch"].map((name) => runs.get(name)),
      ["completed", ">=2026-10-31", "main"],
    );
    assert.deepEqual(
      ["state", "labels"].map((name) => at("/issues").searchParams.get(name)),
      ["open", "migration issue"],
    );
    for (const { headers } of services.requests) {
      assert.equal(headers.authorization, "Bearer secret-token");
      assert.equal(headers["x-github-api-version"], "2022-11-28");
    }
    assert.ok(!JSON.stringify(report).includes("secret-token"));
  });

  it("are issues of several pages, and not available where there are more than are read", async () => {
    const page = (count: number) => ({ body: Array.from({ length: count }, (_, number) => ({ number })) });
    services.on("/repos/acme/app/issues", page(100), page(100), page(50));
    const counted = await look(asked({ github: github({ feedback: ["bug"] }) }));
    assert.deepEqual(counted.use.feedback, { value: 250, of: "open issues: acme/app bug" });
    services.on("/repos/acme/app/issues", page(100));
    const endless = await look(asked({ github: github({ feedback: ["bug"] }) }));
    assert.deepEqual(endless.use.feedback, { notAvailable: "acme/app bug: there are more than 1000" });
  });

  it("TINY-42: are sizes of each version and platform, with how they shrink and grow, read once for all mirrors", async () => {
    const images = (letter: string) => [
      { repository: "docker.io/acme/app", digest: digest(letter) },
      { repository: "ghcr.io/acme/app", digest: digest(letter) },
    ];
    const published = new Map<string, PublishedImages>([
      ["v1.0.0", { published: "2026-01-01T00:00:00.000Z", images: images("a") }],
      ["v1.1.0", { published: "2026-11-29T12:00:00.000Z", images: images("b") }],
      ["v1.2.0", { published: "2026-11-30T11:00:00.000Z", images: images("c") }],
    ]);
    const sizes: Record<string, readonly SizedImage[]> = {
      [digest("a")]: [{ platform: "linux/amd64", digest: digest("1"), size: 900 }],
      [digest("b")]: [
        { platform: "linux/amd64", digest: digest("2"), size: 1000 },
        { platform: "linux/arm64", digest: digest("3"), size: 700 },
      ],
      [digest("c")]: [
        { platform: "linux/amd64", digest: digest("4"), size: 800 },
        { platform: "linux/arm64", digest: digest("3"), size: 700 },
      ],
    };
    const read: string[] = [];
    const report = await look(
      asked({ images: [{ image: "app", repositories: ["docker.io/acme/app", "ghcr.io/acme/app"] }] }),
      {
        versions: 2,
        sizesOf: ({ repository, digest: of }) => {
          read.push(repository);
          return Promise.resolve(sizes[of] ?? []);
        },
      },
      published,
    );
    const found = report.rows
      .filter(({ metric }) => metric === "size")
      .map(({ version, platform, value, change, since }) => [version, platform, value, change, since]);
    assert.deepEqual(found, [
      ["v1.1.0", "linux/amd64", 1000, 100, "v1.0.0"],
      ["v1.1.0", "linux/arm64", 700, undefined, undefined],
      ["v1.2.0", "linux/amd64", 800, -200, "v1.1.0"],
      ["v1.2.0", "linux/arm64", 700, 0, "v1.1.0"],
    ]);
    assert.deepEqual(read, Array(3).fill("docker.io/acme/app"));
    assert.deepEqual(rowsOf(report, "age"), [
      ["version|v1.1.0||", 86_400],
      ["version|v1.2.0||", 3_600],
    ]);
  });

  it("are not available where a registry does not give a size; what others tell is told", async () => {
    services.on("/v2/namespaces/acme/repositories/app", { body: hubRepository(1, 0) });
    const report = await look(
      asked({ images: [{ image: "app", repositories: ["docker.io/acme/app"] }] }),
      { sizesOf: () => Promise.reject(new Error("docker.io answers HTTP 429")) },
      new Map([
        [
          "v1.0.0",
          {
            published: now.toISOString(),
            images: [{ repository: "docker.io/acme/app", digest: digest("a") }],
          },
        ],
      ]),
    );
    assert.deepEqual(rowsOf(report, "size"), [["docker.io/acme/app|v1.0.0||", "docker.io answers HTTP 429"]]);
    assert.deepEqual(rowsOf(report, "pulls"), [["docker.io/acme/app|||", 1]]);
  });

  describe("where a service does not answer as it should", () => {
    const actions = async () => {
      const report = await look(asked({ images: [{ image: "app", repositories: ["quay.io/acme/app"] }] }));
      return report.rows.find(({ metric }) => metric === "actions" || metric === "pulls");
    };
    const path = "/api/v1/repository/acme/app";

    it("a wait that it asks for is waited, and then it is asked once more", async () => {
      const body = hubRepository(5, 1);
      const hub = "/v2/namespaces/acme/repositories/app";
      services.on(
        hub,
        { status: 429, headers: { "retry-after": "1" }, body: { detail: "slow down" } },
        { body },
      );
      const began = Date.now();
      const { use } = await look(asked({ images: [{ image: "app", repositories: ["docker.io/acme/app"] }] }));
      assert.deepEqual(use.pulls, { value: 5, of: "1 of 1 repositories, since they were made" });
      assert.ok(Date.now() - began >= 1000, `${Date.now() - began} ms`);
      assert.equal(services.requests.length, 2);
    });

    it("Docker Hub is not, with the reason, where it knows of no such repository or tells no counts", async () => {
      const pulls = async () =>
        (await look(asked({ images: [{ image: "app", repositories: ["docker.io/acme/app"] }] }))).use.pulls;
      assert.deepEqual(await pulls(), {
        notAvailable: "docker.io/acme/app: Docker Hub tells nobody of it who has not signed in",
      });
      const hub = "/v2/namespaces/acme/repositories/app";
      services.on(hub, { body: hubRepository(-1, 0) });
      assert.deepEqual(await pulls(), { notAvailable: "docker.io/acme/app: Docker Hub tells -1 pulls" });
      services.on(hub, { body: { name: "app" } });
      assert.match(JSON.stringify(await pulls()), /notAvailable.*not one of Docker Hub's API/);
      services.on(hub, { status: 429, body: { detail: "slow down" } });
      assert.match(JSON.stringify(await pulls()), /notAvailable.*HTTP 429 \(slow down\)/);
    });

    const cases: readonly [what: string, answer: Parameters<UsageServices["on"]>[1], reason: RegExp][] = [
      ["limits requests", { status: 429, body: { detail: "slow down" } }, /limits requests: slow down$/],
      [
        "limits them until a time",
        {
          status: 403,
          headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1796040000" },
          body: {},
        },
        /limits requests until 2026-11-30T/,
      ],
      ["has no such repository", { status: 404, body: { message: "no" } }, /HTTP 404: no$/],
      ["has a web page", { body: "<html><title>Welcome</title></html>" }, /answers with what is not JSON/],
      [
        "leads to another host",
        { status: 302, headers: { location: "http://localhost:1/x" }, body: "" },
        /not followed/,
      ],
      ["breaks off", (response) => response.destroy(), /127\.0\.0\.1:\d+: /],
      ["nests without an end", { body: "[".repeat(10_000) }, /what is not JSON/],
    ];
    for (const [what, answer, reason] of cases) {
      it(`it is not available where it ${what}, with the reason`, async () => {
        services.on(path, answer);
        const row = await actions();
        assert.equal(row?.value, undefined);
        assert.match(row?.reason ?? "", reason);
      });
    }

    it("one that cannot be reached keeps no other from being read", async () => {
      services.on("/repos/acme/app/actions/runs", { body: listedRuns({ success: 1, failure: 1 }) });
      const report = await look(
        asked({
          images: [{ image: "app", repositories: ["docker.io/acme/app"] }],
          github: github(),
          addresses: { ...services.addresses, dockerHub: "http://127.0.0.1:9" },
        }),
      );
      assert.deepEqual(report.use.errors, { value: 0.5, of: "runs of CI that failed: acme/app, in 30 days" });
      assert.match(JSON.stringify(report.use.pulls), /notAvailable.*127\.0\.0\.1:9/);
    });
  });
});
