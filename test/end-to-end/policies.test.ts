import assert from "node:assert/strict";
import { cp, mkdir, symlink } from "node:fs/promises";
import * as path from "node:path";
import { showRun } from "../../lib/display/shown-run";
import { runChild } from "../../lib/machine/child.cjs";
import { rules } from "../../policies/rules";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { ensureBuilt } from "../../tools/build.cjs";
import { pushBase } from "../provider/base-images";
import { crane } from "../support/clients";
import { EngineProject, repository } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { tagDigests } from "./observation";
import { violationsIn } from "./violations";

const password = "of this test only";

const digest = `sha256:${"a".repeat(64)}`;

/**
 * Rules that see types of official providers only, or, for releases, types that the two large
 * programs do not have.
 */
const ofOfficialTypes = [
  "ecr-immutable",
  "ecr-scanned-on-push",
  "ecr-encrypted",
  "retention-spares-protected-versions",
];
const notHere = ["release-assets-have-checksums-and-signatures", "nothing-overdue"];

/** Configuration under which every rule has something to compare with. */
const config = (host: string, base: string) => ({
  all: "mandatory",
  "report-what-was-looked-at": { details: true },
  "promoted-tags-are-scanned": { requiredKinds: ["secret"] },
  "required-checks-passed": { checks: ["tests"] },
  "valid-names": { tagPattern: "v\\d+\\.\\d+\\.\\d+|latest" },
  "index-covers-platforms": { platforms: ["linux/amd64", "linux/arm64"] },
  "allowed-bases": { bases: [base] },
  "allowed-registries": { registries: [`${host}/app`] },
  "allowed-licenses": { licenses: ["Apache-2.0"] },
  "size-budget": { maximumBytes: 100_000 },
});

/** A program that keeps every rule. */
const good = (host: string, base: string) => `
import { Check, Image, Index, Provenance, Provider, Sbom, Scan, Signature, Tag } from "@slipway";
import { all, Config } from "@pulumi/pulumi";

new Provider("own", { registries: [{ host: "localhost:1", insecure: true }] });
const repository = "${host}/app";
const images = ["linux/amd64", "linux/arm64"].map((platform) => new Image(platform.replace("/", "-"), {
  repository,
  platform,
  base: "${host}/base@${base}",
  layers: [{ files: [{ to: "/app", content: platform }] }],
  config: {
    user: "65532",
    env: { PATH: "/bin" },
    labels: { "org.opencontainers.image.licenses": "Apache-2.0" },
  },
}));
const index = new Index("index", { repository, manifests: images.map((image) => image.descriptor) });
const options = { dependsOn: index };
const subjects = [
  { digest: index.digest },
  ...images.map(({ digest, platform }) => ({ digest, platform })),
];
const signer = { key: "cosign.key", password: new Config().requireSecret("password") };
const program = ${JSON.stringify(toolPath("trivy"))};
const scanner = { name: "trivy" as const, program, offline: true, databaseDirectory: "no-database" };
const proofs = [
  new Sbom("app", { repository, subjects }, options),
  new Provenance("app", { repository, subjects, buildType: "https://example.com/build" }, options),
  new Scan("app", { repository, subjects, kinds: ["secret"], scanner }, options),
  new Check("app", { subject: index.digest, command: { command: ["tests"] } }, options),
  new Signature("app", { repository, subjects, signer }, options),
];
const evidence = all(proofs.map((proof) => proof.evidence)).apply((lists) => lists.flat());
new Tag("version", { repository, tag: "v1.0.0", digest: index.digest, moves: "never", evidence });
new Tag("latest", { repository, tag: "latest", digest: index.digest, moves: "always", evidence });
`;

/** A program in which each resource breaks rules; the cases below say which. */
const bad = (host: string) => `
import { Check, CodeSignatures, Command, Image, Index, Tag, Provider } from "@slipway";
import { Config } from "@pulumi/pulumi";

// Without the mark of a secret.
const answer = encodeURIComponent(new Config().require("password"));
new Provider("unprotected", { registries: [{ host: "registry.example.com", insecure: true }] });
const image = new Image("rooted", {
  repository: "${host}/app",
  platform: "linux/amd64",
  base: "${host}/floating:latest",
  layers: [{ files: [{ to: "/app", content: "x" }] }],
  config: { user: "root" },
});
const fat = new Image("fat", {
  repository: "${host}/app",
  platform: "linux/amd64",
  layers: [{ files: [{ to: "/app", source: "random.bin" }] }],
  config: { user: "app", labels: { "org.opencontainers.image.licenses": "Apache-2.0" } },
});
const index = new Index("half", { repository: "${host}/app", manifests: [image.descriptor] });
new Tag("unproven", { repository: "${host}/app", tag: "v1.5.0", digest: index.digest, moves: "never" });
new Tag("movable", { repository: "${host}/app", tag: "v2.0.0", digest: index.digest, moves: "always" });
new Tag("odd", { repository: "${host}/elsewhere", tag: "Final_2", digest: index.digest, moves: "always" });
new Check("answering", { http: { url: "http://answers.invalid/?for=" + answer } });
new CodeSignatures("unsigned", { programs: [{ path: "package.json" }], notarized: true });
new Command("telling", { command: ["true"], env: { API_TOKEN: "swordfish" }, sources: ["package.json"], outputs: ["x"], atPreview: false });
`;

/** What the bad program breaks: rule, resource, and the finding. */
const broken: [rule: string, resource: string, finding: RegExp][] = [
  ["promoted-tags-are-signed", "unproven", /:v1.5.0 has no signature that was verified/],
  ["promoted-tags-are-scanned", "unproven", /:v1.5.0 has no scan within its threshold/],
  ["promoted-tags-have-sbom", "unproven", /:v1.5.0 has no SBOM/],
  ["promoted-tags-have-provenance", "unproven", /:v1.5.0 has no provenance/],
  ["required-checks-passed", "unproven", /check "tests" of tag \S+:v1.5.0 has no passed check "tests"/],
  ["version-tags-immutable", "movable", /:v2.0.0 is declared with moves: "always"/],
  ["valid-names", "odd", /tag "Final_2" does not match the pattern/],
  ["index-covers-platforms", "half", /lacks linux\/arm64/],
  ["bases-pinned-by-digest", "rooted", /floating:latest \(base\) can change under its name/],
  ["allowed-bases", "rooted", /is not among the allowed bases/],
  ["allowed-registries", "odd", /elsewhere:Final_2 is not in an allowed repository/],
  ["allowed-licenses", "rooted", /has no label org.opencontainers.image.licenses/],
  ["no-clear-text-secrets", "telling", /value env.API_TOKEN of telling is a secret by its name/],
  ["casks-are-signed", "unsigned", /program package\.json is not signed: macOS puts what a cask installs/],
  ["registries-over-tls", "unprotected", /registry registry.example.com is spoken to without TLS/],
  [
    "downloads-over-tls",
    "answering",
    /download http:\/\/answers.invalid\/\?for=\[secret\] comes over plain HTTP/,
  ],
  ["non-root-user", "rooted", /runs as root/],
  ["size-budget", "fat", /image fat has \d+ bytes; its budget is 100000 bytes/],
];

describe("policy pack", () => {
  let registry: TestRegistry;
  let base: string;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "trivy");
    await ensureBuilt({ ifStale: true });
    registry = await startDistribution();
    base = await pushBase(`${registry.host}/base:1`, { platforms: ["linux/amd64", "linux/arm64"] });
    await pushBase(`${registry.host}/floating:latest`);
    const pair = await generateKeyPairFiles(password);
    project = await EngineProject.create({
      program: "",
      standIns: ["docker-build", "aws"],
      files: {
        // Not compressible.
        "random.bin": Array.from({ length: 40_000 }, () => Math.random().toString(36)).join(""),
        "cosign.key": pair.privateKey,
        "cosign.pub": pair.publicKey,
      },
      secrets: { password },
      programs: { tests: "#!/bin/sh\n" },
    });
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const allowed = () => config(registry.host, `${registry.host}/base`);

  describe("with a program that keeps every rule", () => {
    let text: string;
    before(async () => {
      await project.program(good(registry.host, base));
      text = await project.succeed(["preview", "--stack", "dev", ...(await project.policyPack(allowed()))]);
    });

    it("PROD-05: finds nothing at preview", () => {
      assert.match(text, /✅ slipway@v/);
      assert.deepEqual([...violationsIn(text).keys()], []);
    });

    const looked: Record<string, string> = {
      "promoted-tags-are-signed": "2 tags",
      "promoted-tags-are-scanned": "2 tags",
      "required-checks-passed": "1 check, 1 of them not known before up",
      "version-tags-immutable": "1 version tag",
      "index-covers-platforms": "1 index",
      "bases-pinned-by-digest": "2 bases",
      "registries-over-tls": "1 registry",
      "non-root-user": "2 images",
      "size-budget": "2 images",
    };
    for (const [rule, what] of Object.entries(looked)) {
      it(`says that ${rule} looked at ${what}, so that this is not for lack of looking`, () => {
        assert.match(text, new RegExp(`slipway: ${rule} looked at ${what}: no violation`));
      });
    }

    it("says which rules looked at nothing", () => {
      const [line = ""] = /^.*slipway: looked at nothing.*$/m.exec(text) ?? [];
      for (const rule of [...ofOfficialTypes, ...notHere]) assert.ok(line.includes(rule), line);
    });

    it("publishes at up", async () => {
      await project.succeed(["up", "--yes", "--stack", "dev", ...(await project.policyPack(allowed()))]);
      assert.deepEqual(Object.keys(await tagDigests(`${registry.host}/app`)).sort(), ["latest", "v1.0.0"]);
    });
  });

  describe("with a program that breaks every rule", () => {
    let text: string;
    let violations: Map<string, string>;
    before(async () => {
      await project.program(bad(registry.host));
      text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack(allowed()))]);
      violations = violationsIn(text);
    });

    for (const [name, resource, finding] of broken) {
      it(`PROD-06: ${name} fails the preview, and names ${resource} and what to do`, () => {
        const violation = violations.get(`${name} ${resource}`) ?? "";
        assert.match(violation, finding, [...violations.keys()].join("\n"));
        assert.match(violation, /^\[mandatory\]/);
        const rule = rules.find((candidate) => candidate.name === name);
        assert.ok(rule && violation.includes(`To do: ${rule.remedy}`), violation);
      });
    }

    it("shows no secret, one of the configuration within an address neither", () =>
      assert.doesNotMatch(text, /swordfish|of(?: |%20|\+)this(?: |%20|\+)test(?: |%20|\+)only/));

    it("breaks every rule that can be broken by Slipway's own types", () => {
      const covered = [...broken.map(([name]) => name), ...ofOfficialTypes, ...notHere];
      assert.deepEqual([...covered].sort(), rules.map(({ name }) => name).sort());
    });

    it("CAP-17: is advisory in a test environment: tells the same and passes", async () => {
      const file = path.join(repository, "policies", "advisory.json");
      const args = [...(await project.policyPack()), "--policy-pack-config", file];
      const advised = await project.succeed(["preview", "--stack", "dev", ...args]);
      const violation = violationsIn(advised).get("promoted-tags-are-signed unproven") ?? "";
      assert.match(violation, /^\[advisory\]/);
    });
  });

  it("PROD-05: stops an update that nobody previewed before it sets a tag", async () => {
    await project.program(`
      import { Image, Tag } from "@slipway";
      const repository = "${registry.host}/unproven";
      const image = new Image("image", {
        repository,
        platform: "linux/amd64",
        layers: [{ files: [{ to: "/app", content: "x" }] }],
        config: { user: "app" },
      });
      new Tag("tag", { repository, tag: "v1.0.0", digest: image.digest, moves: "never" });
    `);
    const args = ["up", "--yes", "--skip-preview", "--stack", "dev"];
    const text = await project.fail([...args, ...(await project.policyPack())]);
    assert.match(text, /promoted-tags-are-signed/);
    const tags = await crane(["ls", `${registry.host}/unproven`]).catch((error: Error) => error.message);
    assert.doesNotMatch(tags, /v1\.0\.0/);
  });

  it("ends before anything else where its configuration has a misspelled setting or rule", async () => {
    const pack = await project.policyPack({
      all: "mandatory",
      "promoted-tags-are-signed": { trustedSigner: [] },
      "promoted-tags-are-scaned": { enforcementLevel: "mandatory", failOn: "low" },
    });
    const text = await project.fail(["preview", "--stack", "dev", ...pack]);
    assert.match(text, /has no setting "trustedSigner", did you mean "trustedSigners"\?/);
    assert.match(
      text,
      /there is no rule "promoted-tags-are-scaned", did you mean "promoted-tags-are-scanned"\?/,
    );
  });

  it("tells in a report what it found of a run that fails before its end, each cause once", async () => {
    const program = (source: string) => `
      import { Check, Image } from "@slipway";
      const dependsOn = ["one", "two"].map((name) => new Check(name, { http: { url: "http://answers.invalid/" + name } }));
      const image = { platform: "linux/amd64", layers: [{ files: [{ to: "/app", source: "${source}" }] }] };
      new Image("late", { repository: "${registry.host}/late", ...image, config: { user: "app" } }, { dependsOn });
    `;
    const pack = await project.policyPack({ all: "mandatory" });
    const reported = async (source: string) => {
      await project.program(program(source));
      const lines: string[] = [];
      await showRun(
        (args, options) =>
          runChild(toolPath("pulumi"), args, {
            ...options,
            cwd: project.directory,
            env: { ...project.env, ...options.env },
          }),
        ["preview", "--stack", "dev", ...pack],
        (line) => lines.push(line),
      );
      return lines;
    };
    const ofTls = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith("refused by downloads-over-tls"));
    const failed = await reported("nowhere.txt");
    assert.match(failed.join("\n"), /error: late: layers\[0\].*"nowhere\.txt" does not exist/);
    assert.equal(ofTls(failed).length, 1, failed.join("\n"));
    assert.match(failed.join("\n"), /comes over plain HTTP.*\n.*The same is true of .*two/);
    assert.ok(failed.includes("policies were not all looked at: the run failed before"), failed.join("\n"));
    const whole = await reported("random.bin");
    assert.deepEqual(ofTls(whole), ofTls(failed));
    assert.doesNotMatch(whole.join("\n"), /not all looked at/);
  });

  it("refuses evidence that the program writes itself", async () => {
    await project.program(`
      import { Tag } from "@slipway";
      const evidence = [{ kind: "signature", subject: "${digest}", result: "passed", by: "me" }] as never;
      new Tag("forged", { repository: "${registry.host}/app", tag: "v9.0.0", digest: "${digest}", moves: "never", evidence });
    `);
    const text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack())]);
    assert.match(text, /has a problem: \{"by":"me".* was given by no resource of this run/);
  });

  it("PROD-05: refuses a plain docker-build program for what it lacks (with a stand-in for the official plugin)", async () => {
    await project.program(`
      import * as pulumi from "@pulumi/pulumi";
      new pulumi.CustomResource("docker-build:index:Image", "plain", {
        push: true,
        tags: ["ghcr.io/acme/app:v1.0.0"],
        dockerfile: { inline: "FROM alpine:3\\nRUN true\\n" },
        buildArgs: { NPM_TOKEN: "abc" },
      });
    `);
    const text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack())]);
    const found = [...violationsIn(text).keys()].sort();
    assert.deepEqual(found, [
      "bases-pinned-by-digest plain",
      "no-clear-text-secrets plain",
      "non-root-user plain",
      "promoted-tags-are-scanned plain",
      "promoted-tags-are-signed plain",
      "promoted-tags-have-provenance plain",
      "promoted-tags-have-sbom plain",
      "version-tags-immutable plain",
    ]);
  });

  const ecr = (args: string, selection: object) => `
    import * as pulumi from "@pulumi/pulumi";
    new pulumi.CustomResource("aws:ecr/repository:Repository", "app", ${args});
    const policy = JSON.stringify({ rules: [{ rulePriority: 1, selection: ${JSON.stringify(selection)} }] });
    new pulumi.CustomResource("aws:ecr/lifecyclePolicy:LifecyclePolicy", "app", { repository: "app", policy });
  `;

  it("PROD-06: refuses an ECR repository with the defaults (with a stand-in for the official plugin)", async () => {
    await project.program(ecr("{}", { tagStatus: "any" }));
    const text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack())]);
    for (const rule of ofOfficialTypes) {
      const remedy = rules.find(({ name }) => name === rule)?.remedy ?? "?";
      assert.ok(violationsIn(text).get(`${rule} app`)?.includes(remedy), text);
    }
  });

  it("accepts an ECR repository that is immutable, scanned and encrypted", async () => {
    await project.program(
      ecr(
        `{ imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true }, encryptionConfigurations: [{ encryptionType: "KMS" }] }`,
        { tagStatus: "untagged" },
      ),
    );
    const pack = await project.policyPack({ "report-what-was-looked-at": { details: true } });
    const text = await project.succeed(["preview", "--stack", "dev", ...pack]);
    for (const rule of ofOfficialTypes) {
      assert.match(text, new RegExp(`slipway: ${rule} looked at 1 (repository|rule): no violation`));
    }
  });

  describe("PROD-06: release-assets-have-checksums-and-signatures", () => {
    const release = (...assets: string[]) => `
      import { ReleaseDirectory } from "@slipway";
      new ReleaseDirectory("app", { directory: "public", tag: "v1.0.0", assets: [
        ${assets.map((name) => `{ name: "${name}", path: "${name}", digest: "${digest}" }`).join(", ")}
      ] });
    `;
    const rule = "release-assets-have-checksums-and-signatures";

    it("refuses a release without either, and says what to do", async () => {
      await project.program(release("app.tar.gz"));
      const text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack())]);
      const violation = violationsIn(text).get(`${rule} app`) ?? "";
      assert.match(violation, /asset app\.tar\.gz has no checksum .* and no signature/);
      assert.ok(violation.includes(rules.find(({ name }) => name === rule)?.remedy ?? "?"), text);
    });

    it("takes no names for proofs", async () => {
      await project.program(release("app.tar.gz", "SHA256SUMS", "SHA256SUMS.sigstore.json"));
      const text = await project.fail(["preview", "--stack", "dev", ...(await project.policyPack())]);
      assert.match(text, /asset app\.tar\.gz has no checksum .* and no signature/);
    });

    it("accepts one with a signed sums file", async () => {
      await project.program(`
        import { Archive, Checksums, FileSignature, ReleaseDirectory } from "@slipway";
        import { Config } from "@pulumi/pulumi";
        const { artifacts } = new Archive("app", {
          path: "dist/app.tar.gz",
          entries: [{ path: "app", content: "x" }],
        });
        const { artifact: sums } = new Checksums("sums", { path: "dist/SHA256SUMS", artifacts });
        const { bundles, evidence } = new FileSignature("sums", {
          files: [{ path: sums.path, digest: sums.digest }],
          signer: { key: "cosign.key", password: new Config().requireSecret("password") },
        });
        const bundle = bundles.apply(([one]) => ({
          name: "SHA256SUMS.sigstore.json",
          path: one?.bundle ?? "",
          digest: one?.bundleDigest ?? "",
          replaceable: true,
        }));
        new ReleaseDirectory("app", {
          directory: "public",
          tag: "v1.0.0",
          assets: artifacts.apply(([app]) => [app, sums, bundle]),
          evidence,
        });
      `);
      const pack = await project.policyPack({ "report-what-was-looked-at": { details: true } });
      const text = await project.succeed(["up", "--yes", "--stack", "dev", ...pack]);
      assert.match(text, new RegExp(`slipway: ${rule} looked at \\d assets?: no violation`));
    });
  });

  it("runs as a part of an installed package, without the library it is made with", async () => {
    const modules = path.join(project.directory, "installed", "node_modules");
    const installed = path.join(modules, "slipway");
    for (const part of ["policies", "lib/machine", "lib/program", "dist/policies.js"]) {
      await cp(path.join(repository, part), path.join(installed, part), { recursive: true });
    }
    for (const scope of ["@pulumi", "@grpc"]) await mkdir(path.join(modules, scope));
    for (const name of ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"]) {
      await symlink(path.join(repository, "node_modules", name), path.join(modules, name));
    }
    const pack = await project.policyPack(undefined, path.join(installed, "policies"));
    assert.match(await project.succeed(["preview", "--stack", "dev", ...pack]), /✅ slipway@v/);
  });
});
