import assert from "node:assert/strict";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { tagDigests } from "./observation";
import { secretScan, signWithProjectKey, trustProgram } from "./trust-program";
import { violationsIn } from "./violations";

const password = "of this test only";
const evidenceRules = [
  "promoted-tags-are-signed",
  "promoted-tags-are-scanned",
  "promoted-tags-have-sbom",
  "promoted-tags-have-provenance",
];

/** The rules that a run says were broken, and for which resources. */
const brokenIn = (text: string) => [...violationsIn(text).keys()].sort();

describe("the policy pack and a distribution", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let app: string;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "trivy");
    registry = await startDistribution();
    app = `${registry.host}/app`;
    const pair = await generateKeyPairFiles(password);
    project = await EngineProject.create({
      program: "",
      files: { "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey, "content/app.txt": "one\n" },
      secrets: { password },
      env: { PATH: [path.dirname(toolPath("trivy")), process.env.PATH].join(path.delimiter) },
    });
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  async function run(command: string[], trust: string) {
    await project.program(trustProgram({ registries: [registry.host], version: "v1.0.0", trust }));
    const pack = await project.policyPack({
      all: "mandatory",
      "promoted-tags-are-scanned": { requiredKinds: ["secret"] },
      "report-what-was-looked-at": { details: true },
    });
    return project.run([...command, "--stack", "dev", ...pack]);
  }

  it("PROD-05: refuses at preview tags that are not scanned, as one violation, and says what to declare", async () => {
    const { code, text } = await run(["preview"], signWithProjectKey);
    assert.notEqual(code, 0, text);
    assert.equal(brokenIn(text).length, 1, text);
    const [violation = ""] = violationsIn(text).values();
    assert.match(violation, /promoted-tags-are-scanned/);
    const tags = [`tag ${app}:v1.0.0`, `tag ${app}:latest`];
    for (const tag of tags) assert.ok(violation.includes(tag), violation);
    assert.match(violation, /To do: Declare `trust: \{ scan: \{\} \}` in the distribution/);
    assert.doesNotMatch(text, /written in the program/);
    assert.deepEqual(await tagDigests(app), {});
  });

  it("PROD-05: refuses at preview tags that are not signed", async () => {
    const { code, text } = await run(["preview"], secretScan);
    assert.notEqual(code, 0, text);
    assert.equal(brokenIn(text).length, 1, text);
    assert.match(brokenIn(text)[0] ?? "", /^promoted-tags-are-signed /);
    assert.match(text, /To do: Declare a signer in the distribution: `trust: \{ sign: cosignKey\(\) \}`/);
    assert.deepEqual(await tagDigests(app), {});
  });

  it("PROD-05: passes, before anything is published, a distribution that will be proven", async () => {
    const { code, text } = await run(["preview"], `${signWithProjectKey} ${secretScan}`);
    assert.equal(code, 0, text);
    assert.deepEqual(brokenIn(text), []);
    for (const rule of evidenceRules) {
      assert.match(text, new RegExp(`slipway: ${rule} looked at 2 tags: no violation`));
    }
    assert.deepEqual(await tagDigests(app), {});
  });

  it("PROD-05: lets it be published, and goes on to", async () => {
    const { code, text } = await run(["up", "--yes"], `${signWithProjectKey} ${secretScan}`);
    assert.equal(code, 0, text);
    assert.deepEqual(brokenIn(text), []);
    const digests = await tagDigests(app);
    assert.ok(digests["v1.0.0"]);
    assert.equal(digests.latest, digests["v1.0.0"]);
    assert.equal((await run(["preview"], `${signWithProjectKey} ${secretScan}`)).code, 0);
  });

  it("PROD-05: refuses what was published once it is to be promoted without its scan", async () => {
    const published = await tagDigests(app);
    const { code, text } = await run(["up", "--yes", "--skip-preview"], signWithProjectKey);
    assert.notEqual(code, 0, text);
    assert.match(text, /promoted-tags-are-scanned/);
    assert.doesNotMatch(text, /written in the program/);
    assert.deepEqual(await tagDigests(app), published);
  });
});
