import assert from "node:assert/strict";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { lodash, osvDatabase, privateKey } from "../lib/scan/planted";
import { crane } from "../support/clients";
import { cosignVerifyAttestation } from "../support/cosign";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { tagDigests } from "./observation";
import { referrersOf, secretScan, signWithProjectKey, subjectsOf, trustProgram } from "./trust-program";

const password = "of this test only";
const up = ["up", "--yes", "--skip-preview", "--stack", "dev"];
const clean = "one\n";
const vulnerable = Object.values(lodash.files)[0] ?? "";
const packageFile = "content/app/node_modules/lodash/package.json";

/** A day from now, e.g. for an exception. */
const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const osvScan = (expires: string) => `scan: {
  scanner: { name: "osv-scanner", offline: true, databaseDirectory: "osv" },
  exceptions: [{ id: "${lodash.cve}", package: "lodash", reason: "templates are not used", expires: "${expires}" }],
},`;

const noScanner = (fields = "") => `scan: { scanner: { name: "trivy", program: "./no-trivy" }, ${fields} },`;

/** A gate that is not a resource of Slipway. */
const otherProviderGate = (create: string) =>
  `new pulumi.CustomResource("command:local:Command", "other", { create: ${JSON.stringify(create)}, digest: images.app.digest }, options)`;

interface Outputs {
  digest: string;
  proven: { app: Record<string, string> };
  checks: Record<string, { result: string; detail: string; output: string; checkedAt: string }>;
  evidence: { app: { kind: string; subject: string; result: string; by: string; detail?: string }[] };
}

describe("gates of a distribution: what does not pass is not published", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;
  let app: string;
  /** Tags of registry and mirror. */
  let published: Record<string, string>[];

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "cosign", "trivy", "osv-scanner");
    [registry, mirror] = await Promise.all([startDistribution(), startDistribution()]);
    app = `${registry.host}/app`;
    const [pair, other] = [await generateKeyPairFiles(password), await generateKeyPairFiles(password)];
    project = await EngineProject.create({
      program: "",
      files: {
        "cosign.key": pair.privateKey,
        "cosign.pub": pair.publicKey,
        "other.pub": other.publicKey,
        "content/app.txt": clean,
      },
      secrets: { password },
      env: { PATH: [path.dirname(toolPath("trivy")), process.env.PATH].join(path.delimiter) },
      standIns: ["command"],
    });
    await osvDatabase(path.join(project.directory, "osv"));
    await declare("v1.0.0", `${signWithProjectKey} ${secretScan}`);
    await project.upWithoutPreview();
    published = await tags();
    assert.deepEqual(Object.keys(published[0] ?? {}), ["latest", "v1.0.0"]);
    assert.deepEqual(published[1], published[0]);
  });

  after(async () => {
    await project?.remove();
    await Promise.all([registry?.stop(), mirror?.stop()]);
  });

  /** What people pull by; the lists of referrers are tags too in a registry without the API. */
  const tags = () =>
    Promise.all(
      [app, `${mirror.host}/app`].map(async (one) =>
        Object.fromEntries(
          Object.entries(await tagDigests(one)).filter(([tag]) => !tag.startsWith("sha256-")),
        ),
      ),
    );

  async function declare(version: string, trust: string, fields = ""): Promise<void> {
    const registries = [registry.host, mirror.host];
    await project.program(trustProgram({ registries, version, trust, fields }));
  }

  /**
   * Runs an update that has to fail and to leave every tag where it was.
   *
   * @returns what the CLI printed
   */
  async function stopped(): Promise<string> {
    const text = await project.fail(up);
    assert.deepEqual(await tags(), published);
    return text;
  }

  /** The digests at which a message says that it can be looked at. */
  function pushedAt(text: string): string[] {
    assert.match(text, /To look at what was pushed:/);
    return [...text.matchAll(new RegExp(`- .*${app}@(sha256:[0-9a-f]{64})$`, "gm"))].map(
      ([, digest = ""]) => digest,
    );
  }

  /** Runs an update that has to move the tags to a new release. */
  async function released(version: string): Promise<{ outputs: Outputs; text: string }> {
    const text = await project.upWithoutPreview();
    published = await tags();
    const outputs = await project.outputs<Outputs>();
    for (const found of published) {
      assert.equal(found[version], outputs.digest);
      assert.equal(found.latest, outputs.digest);
    }
    return { outputs, text };
  }

  describe("BLEU-32: a planted private key, found by Trivy without a database", () => {
    let text: string;
    let pushed: string[];
    before(async () => {
      await project.write({ "content/server.key": privateKey() });
      await declare("v1.1.0", `${signWithProjectKey} ${secretScan}`);
      text = await stopped();
      pushed = pushedAt(text);
    });
    after(() => project.write({ "content/server.key": "" }));

    it("stops the release, and names what, where and on which platform", () => {
      for (const platform of ["linux/amd64", "linux/arm64"]) {
        assert.match(text, new RegExp(`- ${platform}: secret private-key \\(high\\) in /srv/server\\.key:1`));
      }
      assert.match(text, /Nothing that depends on this scan is published: tags stay where they are/);
    });

    it("leaves what was pushed to be looked at, by the digests that it names, unsigned", async () => {
      assert.equal(pushed.length, 2, text);
      for (const digest of pushed) {
        await crane(["validate", "--remote", `${app}@${digest}`]);
        assert.match(await crane(["export", `${app}@${digest}`, "-"]), /srv\/server\.key/);
        const types = (await referrersOf(app, digest)).map(({ type }) => type);
        assert.ok(types.includes("application/sarif+json"), types.join());
        assert.ok(!types.includes("https://sigstore.dev/cosign/sign/v1"), types.join());
      }
    });

    it("does not publish it in a mirror by digest either", async () => {
      for (const digest of pushed) {
        await assert.rejects(crane(["manifest", `${mirror.host}/app@${digest}`]), /MANIFEST_UNKNOWN/);
      }
    });
  });

  // mocha runs the tests of a suite before the suites in it, and these releases follow each other.
  describe("what else stops a release", () => {
    it("stops a vulnerable package by name, version, CVE, fix and platform, whatever an expired exception says", async () => {
      await project.write({ [packageFile]: vulnerable });
      await declare("v1.1.0", `${signWithProjectKey} ${osvScan(dayIn(-2))}`);
      const text = await stopped();
      for (const platform of ["linux/amd64", "linux/arm64"]) {
        assert.match(
          text,
          new RegExp(
            `- ${platform}: ${lodash.cve} \\(critical\\) in lodash 4\\.17\\.20, fixed in 4\\.17\\.21`,
          ),
        );
      }
      assert.match(
        text,
        new RegExp(`\\(templates are not used\\) expired on ${dayIn(-2)} and does not count`),
      );
    });

    it("stops what the declared key has not signed", async () => {
      await declare(
        "v1.1.0",
        `sign: cosignKey({ password: config.requireSecret("password"), publicKey: "other.pub" }),`,
      );
      const text = await stopped();
      assert.match(text, /is not signed as required by key sha256:/);
      const pushed = pushedAt(text);
      assert.deepEqual(pushed, await subjectsOf(app, pushed[0] ?? ""));
    });

    it("stops where the scanner is missing, with the command that installs it", async () => {
      await declare("v1.1.0", `${signWithProjectKey} ${noScanner()}`);
      const text = await stopped();
      assert.match(text, /linux\/amd64, linux\/arm64 not scanned: there is no program/);
      assert.match(text, /brew install trivy/);
    });

    it("CAP-21: stops where a check fails, and says what it said", async () => {
      await declare(
        "v1.1.0",
        signWithProjectKey,
        `gates: { smoke: { command: { command: "echo no answer; exit 3" } } },`,
      );
      const text = await stopped();
      assert.match(text, /check failed: echo no answer; exit 3, of sha256:[0-9a-f]{64}/);
      assert.match(text, /its last lines:\s+no answer/);
    });

    it("CAP-21: stops where a resource of another provider fails (a stand-in for command:local:Command)", async () => {
      await declare(
        "v1.1.0",
        signWithProjectKey,
        `gates: (images, options) => [${otherProviderGate("echo refused >&2; exit 4")}],`,
      );
      assert.match(await stopped(), /refused/);
    });
  });

  describe("with a valid exception, and gates that pass", () => {
    let outputs: Outputs;
    let text: string;
    before(async () => {
      await declare(
        "v1.1.0",
        `${signWithProjectKey} ${osvScan(dayIn(30))}`,
        `gates: {
          elsewhere: (images, options) => [${otherProviderGate("echo checked elsewhere")}],
          smoke: { command: { command: "echo all well: {digest}", expect: "^all well: {digest}$" } },
          slow: { advisory: true, command: { command: "echo too slow; exit 1" } },
        },
        afterPublication: { pull: { anonymousPull: "{repository}:{version}" } },`,
      );
      ({ outputs, text } = await released("v1.1.0"));
    });

    it("passes, and says why", () => {
      const why = `${lodash.cve} in lodash 4.17.20 is accepted until ${dayIn(30)}: templates are not used`;
      assert.ok(text.includes(why), text);
      const scans = outputs.evidence.app.filter(({ kind }) => kind === "scan");
      assert.equal(scans.length, 3);
      for (const { result, detail } of scans) {
        assert.equal(result, "passed");
        assert.ok(detail?.includes(why), detail);
      }
      assert.deepEqual(outputs.proven.app, {
        sbom: "passed",
        provenance: "passed",
        scan: "passed",
        signature: "passed",
      });
    });

    it("has evidence of the index and of each platform", async () => {
      const subjects = await subjectsOf(app, outputs.digest);
      for (const kind of ["sbom", "provenance", "scan", "signature"]) {
        const about = outputs.evidence.app.filter((one) => one.kind === kind).map(({ subject }) => subject);
        assert.deepEqual([...new Set(about)].sort(), [...subjects].sort(), kind);
      }
    });

    it("CAP-21: tells the results of its checks, of those that missed and are advisory too", () => {
      assert.deepEqual(
        Object.fromEntries(Object.entries(outputs.checks).map(([name, { result }]) => [name, result])),
        { smoke: "passed", slow: "failed", pull: "passed" },
      );
      const { slow, smoke } = outputs.checks;
      assert.match(slow?.output ?? "", /too slow/);
      assert.match(slow?.detail ?? "", /exit code 1/);
      assert.equal(smoke?.output.trim(), `all well: ${outputs.digest}`);
      assert.ok(Math.abs(Date.now() - Date.parse(smoke?.checkedAt ?? "")) < 600_000);
      assert.match(text, /check missed, advisory: echo too slow/);
    });

    it("CAP-21: sets tags after every gate, and looks at what was published after the tags", async () => {
      const { deployment } = JSON.parse(await project.state()) as {
        deployment: { resources: { urn: string; dependencies?: string[] }[] };
      };
      const named = (urn: string) => urn.split("::").pop() ?? "";
      const dependenciesOf = (name: string) =>
        (deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.dependencies ?? []).map(named);
      const waits = [
        ["app:version-tags", "app-proven"],
        ["app:aliases", "app-tagged"],
        ["pull", "app-published"],
        ...["other", "smoke", "slow", "app"].map((gate) => ["app-proven", gate]),
        ...["app:version-tags", "app:aliases"].map((tags) => ["app-published", tags]),
        ["app-tagged", "app:version-tags"],
      ] as const;
      for (const [name, first] of waits) assert.ok(dependenciesOf(name).includes(first), `${name}, ${first}`);
      assert.equal(outputs.checks.pull?.result, "passed");
    });
  });

  describe("advisory gates", () => {
    it("promotes where the gate is advisory and the scanner is missing, and says that nothing was scanned", async () => {
      await project.write({ "content/app.txt": "two\n" });
      await declare("v1.2.0", `${signWithProjectKey} ${noScanner("advisory: true")}`);
      const { outputs, text } = await released("v1.2.0");
      assert.equal(outputs.proven.app.scan, "not executed");
      assert.match(text, /warning: .*not scanned: .*linux\/amd64/);
    });

    it("promotes where the gate is advisory and the scan found something, and says that it failed", async () => {
      await project.write({ "content/server.key": privateKey() });
      await declare(
        "v1.3.0",
        `${signWithProjectKey} ${secretScan.replace("scan: {", "scan: { advisory: true,")}`,
      );
      const { outputs, text } = await released("v1.3.0");
      assert.equal(outputs.proven.app.scan, "failed");
      assert.match(text, /secret private-key/);
      assert.match(text, /The gate is advisory/);
    });
  });

  describe("a VEX document of the project", () => {
    it("lets pass what it says does no harm, and cosign finds it signed", async () => {
      await project.write({
        "content/server.key": "",
        [packageFile]: vulnerable,
        "vex/app.openvex.json": JSON.stringify({
          "@context": "https://openvex.dev/ns/v0.2.0",
          "@id": "https://acme.example/vex/1",
          author: "Acme",
          timestamp: new Date().toISOString(),
          version: 1,
          statements: [
            {
              vulnerability: { name: lodash.cve },
              products: [{ "@id": "pkg:oci/app", subcomponents: [{ "@id": "pkg:npm/lodash@4.17.20" }] }],
              status: "not_affected",
              impact_statement: "templates are not used",
            },
          ],
        }),
      });
      const osv = `scanner: { name: "osv-scanner", offline: true, databaseDirectory: "osv" }`;
      await declare(
        "v1.4.0",
        `${signWithProjectKey} scan: { ${osv}, vex: { files: ["vex/app.openvex.json"] } },`,
      );
      const { outputs, text } = await released("v1.4.0");
      assert.equal(outputs.proven.app.scan, "passed");
      const why = `is accepted until ${dayIn(365)}: not_affected, templates are not used (vex/app.openvex.json)`;
      assert.ok(text.includes(why), text);
      const publicKey = path.join(project.directory, "cosign.pub");
      for (const digest of await subjectsOf(app, outputs.digest)) {
        const attested = await cosignVerifyAttestation(`${app}@${digest}`, "openvex", publicKey);
        const { payload } = JSON.parse(attested.split("\n")[0] ?? "") as { payload: string };
        const { predicate } = JSON.parse(Buffer.from(payload, "base64").toString()) as {
          predicate: { statements: { status: string }[] };
        };
        assert.deepEqual(
          predicate.statements.map(({ status }) => status),
          ["not_affected"],
        );
      }
    });
  });
});
