import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles, keyFingerprint, readPublicKey } from "../../lib/sigstore";
import { EngineProject, repository } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { tagDigests } from "./observation";
import { secretScan, signWithProjectKey, trustProgram } from "./trust-program";

const password = "of this test only";

/** Settings as a user writes them. */
type Settings = Record<string, Record<string, unknown>>;

describe("the policy pack that says who, as docs/trust.md has it", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let app: string;
  let settings: Settings;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "trivy");
    registry = await startDistribution();
    app = `${registry.host}/app`;
    const own = await generateKeyPairFiles(password);
    const stranger = await generateKeyPairFiles(password);
    project = await EngineProject.create({
      program: "",
      files: {
        "cosign.key": own.privateKey,
        "cosign.pub": own.publicKey,
        "stranger.key": stranger.privateKey,
        "stranger.pub": stranger.publicKey,
        "content/app.txt": "one\n",
      },
      secrets: { password },
      env: { PATH: [path.dirname(toolPath("trivy")), process.env.PATH].join(path.delimiter) },
    });
    const page = await readFile(path.join(repository, "docs/trust.md"), "utf8");
    const [, example = ""] = /## Say who\n[^]*?```json\n([^]*?)```/.exec(page) ?? [];
    const fingerprint = keyFingerprint(readPublicKey(own.publicKey, "cosign.pub"));
    settings = JSON.parse(example.replaceAll(/sha256:0{64}/g, fingerprint)) as Settings;
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  async function run(command: string[], trust: string, config: Settings) {
    await project.program(trustProgram({ registries: [registry.host], version: "v1.0.0", trust }));
    return project.run([...command, "--stack", "dev", ...(await project.policyPack(config))]);
  }

  const up = ["up", "--yes", "--skip-preview"];
  const proven = `${signWithProjectKey} ${secretScan}`;
  const byStranger = `sign: cosignKey({ key: "stranger.key", publicKey: "stranger.pub", password: config.requireSecret("password") }), ${secretScan}`;
  /**
   * The scans here look for secrets only, which needs no database; the folder of one that the
   * program declares is accepted.
   */
  const withSecretScans = (scanner: object = { databaseDirectory: "no-database" }) => {
    const { scanners, ...rest } = settings["promoted-tags-are-scanned"] as { scanners: object[] };
    return {
      ...settings,
      "promoted-tags-are-scanned": {
        ...rest,
        scanners: scanners.map((one) => ({ ...one, ...scanner })),
        requiredKinds: ["secret"],
      },
    };
  };

  it("refuses at preview what somebody else signs", async () => {
    const { code, text } = await run(["preview"], byStranger, withSecretScans());
    assert.notEqual(code, 0, text);
    assert.match(text, /has no signature that was verified, by a trusted signer/);
    assert.doesNotMatch(text, /promoted-tags-are-scanned.*(mandatory|advisory)/);
  });

  it("refuses it without a preview before a tag is set", async () => {
    const { code, text } = await run(up, byStranger, withSecretScans());
    assert.notEqual(code, 0, text);
    assert.match(
      text,
      /key sha256:\w{64} is not among the trusted signers: key sha256:\w{64}, https:\/\/github\.com/,
    );
    assert.deepEqual(await tagDigests(app), {});
  });

  it("refuses a scan that has not looked for what is asked for, before a tag is set", async () => {
    const { code, text } = await run(up, proven, {
      ...withSecretScans(),
      "promoted-tags-are-scanned": {
        ...withSecretScans()["promoted-tags-are-scanned"],
        requiredKinds: ["vulnerability", "secret"],
      },
    });
    assert.notEqual(code, 0, text);
    assert.match(text, /was not looked at for vulnerability \(secret\)/);
    assert.deepEqual(await tagDigests(app), {});
  });

  it("lets pass what the trusted signer signs and an accepted program scans, and goes on to", async () => {
    const first = await run(up, proven, withSecretScans());
    assert.equal(first.code, 0, first.text);
    assert.ok((await tagDigests(app))["v1.0.0"]);
    const again = await run(["preview", "--expect-no-changes"], proven, withSecretScans());
    assert.equal(again.code, 0, again.text);
  });
});
