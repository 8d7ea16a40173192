import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles, readPrivateKey } from "../../lib/sigstore";
import { crane } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { filesBelow, formsOf, processTexts } from "./traces";
import { signWithProjectKey, trustProgram } from "./trust-program";

const password = `paßword "of" this test ${Math.random().toString(36)}`;

describe("secrets of a distribution that is signed with an encrypted key", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let secrets: Record<string, string[]>;
  let log: string;
  const seen = { cmdline: new Set<string>(), environ: new Set<string>() };

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "cosign");
    registry = await startDistribution();
    const pair = await generateKeyPairFiles(password);
    const key = await readPrivateKey(pair.privateKey, password, "cosign.key");
    const der = key.export({ type: "pkcs8", format: "der" });
    const body = (pem: string) => pem.split("\n").filter((line) => line.length > 40);
    secrets = {
      "the password": formsOf(password),
      "the decrypted key": [
        der.toString("base64").slice(0, -4),
        der.toString("hex"),
        ...body(key.export({ type: "pkcs8", format: "pem" }).toString()),
        ...formsOf(key.export({ format: "jwk" }).d ?? "?"),
      ],
      "the encrypted key": body(pair.privateKey),
    };
    project = await EngineProject.create({
      program: trustProgram({ registries: [registry.host], version: "v1.0.0", trust: signWithProjectKey }),
      files: { "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey, "content/app.txt": "one\n" },
      secrets: { password },
    });
    const { child, text } = project.start([
      ...["up", "--yes", "--stack", "dev", "--show-config"],
      ...["--logtostderr", "--logflow", "-v=3"],
    ]);
    let open = true;
    const closed = once(child, "close").finally(() => (open = false));
    while (open) {
      for (const kind of ["cmdline", "environ"] as const) {
        for (const one of await processTexts(kind)) seen[kind].add(one);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const [code] = (await closed) as [number];
    log = text();
    assert.equal(code, 0, log.slice(-3000));
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  function assertFree(text: string, where: string): void {
    for (const [what, forms] of Object.entries(secrets)) {
      for (const form of forms) assert.ok(!text.includes(form), `${what} is in ${where}`);
    }
  }

  it("signs, so that there was something to keep", async () => {
    const digest = await crane(["digest", `${registry.host}/app:v1.0.0`]);
    await cosignVerify(`${registry.host}/app@${digest}`, path.join(project.directory, "cosign.pub"));
    for (const forms of Object.values(secrets)) for (const form of forms) assert.ok(form.length > 20);
  });

  it("keeps them out of the exported state, where the password is encrypted", async () => {
    const state = await project.state();
    assertFree(state, "the state");
    assert.match(state, /"password":\s*\{\s*"4dabf18193072939515e22adb298388d"/);
  });

  it("keeps them out of what the CLI prints and logs", () => {
    assert.match(log, /"msg":"RegisterResource RPC prepared: t=slipway:trust:Signature.*"v":3/);
    assertFree(log, "the output");
  });

  it("keeps them out of the arguments and the environments of processes", () => {
    assert.ok(
      [...seen.cmdline].some((one) => /provider\/start\.cjs/.test(one)),
      "the provider was not seen",
    );
    assertFree([...seen.cmdline].join("\n"), "the arguments of a process");
    // The language host gets the configuration by its environment, secrets included: that is
    // Pulumi's way.
    const provider = [...seen.environ].filter((one) => !one.includes("PULUMI_CONFIG="));
    assert.ok(provider.length > 0);
    assertFree(provider.join("\n"), "the environment of a process");
  });

  it("keeps them out of the project's .slipway, and of the state's files", async () => {
    const root = path.dirname(project.directory);
    const files = [
      ...(await filesBelow(path.join(project.directory, ".slipway"))),
      ...(await filesBelow(path.join(root, "state"))),
    ];
    assert.ok(files.length > 5, files.join());
    for (const file of files) assertFree((await readFile(file)).toString("latin1"), file);
  });

  it("keeps them out of what it attaches to the image", async () => {
    const data = path.join(registry.folder, "data");
    for (const file of await filesBelow(data)) assertFree((await readFile(file)).toString("latin1"), file);
  });
});
