import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles, publicKeyOf, readPrivateKey } from "../../lib/sigstore";
import { crane } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { tagDigests } from "./observation";
import { filesBelow, processTexts } from "./traces";
import { referrersOf } from "./trust-program";

const password = "Tr0ub4dor and three";

/** @param trusted file of the public key that the gate trusts @param signer as source text */
function program(registry: string, trusted: string, signer: string, content = "one"): string {
  return `
import * as pulumi from "@pulumi/pulumi";
import { Image, Signature, Tag, Verification } from "@slipway";
const config = new pulumi.Config();
const repository = ${JSON.stringify(`${registry}/app`)};
const image = new Image("app", {
  repository,
  platform: "linux/amd64",
  layers: [{ files: [{ to: "/content", content: ${JSON.stringify(content)} }] }],
});
const subjects = [{ digest: image.digest }];
const signature = new Signature("app", { repository, subjects, signer: ${signer} });
const gate = new Verification(
  "app",
  { repository, subjects, verifier: { publicKey: ${JSON.stringify(trusted)} } },
  { dependsOn: signature },
);
new Tag("app", { repository, tag: "v1", digest: image.digest, moves: "always" }, { dependsOn: gate });
export const digest = image.digest;
export const signatures = signature.signatures;
`;
}

const fromConfiguration = `{ key: "cosign.key", password: config.requireSecret("password") }`;

describe("signing before promotion", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let privateForms: string[];

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "cosign", "oras");
    registry = await startDistribution();
    const pair = await generateKeyPairFiles(password);
    const other = await generateKeyPairFiles(password);
    const key = await readPrivateKey(pair.privateKey, password, "cosign.key");
    const d = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
    const der = key.export({ type: "pkcs8", format: "der" });
    privateForms = [
      d.toString("hex"),
      d.toString("base64").slice(0, -2),
      d.toString("base64url"),
      der.toString("base64").slice(0, -4),
      der.toString("hex"),
    ];
    assert.ok(publicKeyOf(key));
    project = await EngineProject.create({
      program: program(registry.host, "cosign.pub", fromConfiguration),
      files: { "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey, "other.pub": other.publicKey },
      secrets: { password },
    });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const reference = (digest: string) => `${registry.host}/app@${digest}`;

  const referrers = (digest: string) => referrersOf(`${registry.host}/app`, digest);

  function assertFree(text: string, what: string): void {
    for (const form of [password, JSON.stringify(password).slice(1, -1), encodeURIComponent(password)]) {
      assert.ok(!text.includes(form), `the password is in ${what}`);
    }
    for (const form of [Buffer.from(password).toString("base64"), ...privateForms]) {
      assert.ok(!text.includes(form), `the private key or the password is in ${what}`);
    }
  }

  it("previews without a write, signs, verifies, and then tags", async () => {
    const preview = await project.preview();
    assert.match(preview, /slipway:trust:Signature/);
    assert.deepEqual(await tagDigests(`${registry.host}/app`), {});
    assert.deepEqual(resourceCounts(await project.up()), { created: 5 });
    const { digest } = await project.outputs<{ digest: string }>();
    assert.equal((await tagDigests(`${registry.host}/app`)).v1, digest);
    await cosignVerify(reference(digest), path.join(project.directory, "cosign.pub"));
    assert.equal((await referrers(digest)).length, 1);
  });

  it("leaves one signature after four runs, and has nothing to do in the last three", async () => {
    for (let run = 0; run < 3; run++) {
      assert.deepEqual(resourceCounts(await project.up()), { unchanged: 5 });
    }
    const { digest } = await project.outputs<{ digest: string }>();
    assert.equal((await referrers(digest)).length, 1);
  });

  it("sees a signature that was deleted in a plain preview, and makes it again", async () => {
    const { digest } = await project.outputs<{ digest: string }>();
    const [referrer] = await referrers(digest);
    await crane(["delete", reference(referrer?.digest ?? "")]);
    const preview = await project.preview();
    assert.match(preview, /missing/);
    assert.match(preview, /no signature holds for sha256:/);
    assert.deepEqual(resourceCounts(preview), { update: 2, unchanged: 3 });
    await project.up();
    await cosignVerify(reference(digest), path.join(project.directory, "cosign.pub"));
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 5 });
  });

  it("needs no password to observe", async () => {
    const env = { ...project.env };
    assert.equal(env.COSIGN_PASSWORD, undefined);
    const text = await project.succeed(["refresh", "--yes", "--stack", "dev", "--expect-no-changes"]);
    assertFree(text, "the output of a refresh");
  });

  it("does not tag what the trusted key has not signed, and says so", async () => {
    const before = (await tagDigests(`${registry.host}/app`)).v1;
    assert.ok(before);
    await project.program(program(registry.host, "other.pub", fromConfiguration, "two"));
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /is not signed as required by key sha256:/);
    assert.match(text, /Nothing that depends on it is published/);
    assert.equal((await tagDigests(`${registry.host}/app`)).v1, before);
  });

  it("keeps password and private key out of state, logs, files and process arguments", async () => {
    // A password that the program has as plain text is a secret all the same.
    const plain = `{ key: "cosign.key", password: ${JSON.stringify(password)} }`;
    await project.program(program(registry.host, "cosign.pub", plain, "three"));
    const seen = new Set<string>();
    const { child, text } = project.start([
      ...["up", "--yes", "--skip-preview", "--stack", "dev"],
      // At 9 the engine itself prints every property that it sends, secrets included.
      ...["--debug", "--logtostderr", "--logflow", "-v=8"],
    ]);
    const watch = setInterval(
      () => void processTexts("cmdline").then((lines) => lines.forEach((one) => seen.add(one))),
      50,
    );
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    clearInterval(watch);
    assert.equal(code, 0, text().slice(-3000));
    assert.ok(
      [...seen].some((line) => line.includes("dist/provider.js") || line.includes("slipway")),
      "the provider's process was not seen",
    );
    assertFree([...seen].join("\n"), "the arguments of a process");
    assertFree(await project.state(), "the exported state");
    assertFree(text(), "the log");
    const root = path.dirname(project.directory);
    for (const file of await filesBelow(root)) {
      if (/node_modules|\/home\/|index\.ts$|cache\/programs/.test(file)) continue;
      assertFree((await readFile(file)).toString("latin1"), file);
    }
  });
});
