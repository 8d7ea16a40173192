import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess, secret } from "../support/provider-process";

const digest = `sha256:${"a".repeat(64)}`;
const token = "hunter2-of-the-builder";
const builder = { name: "arm", driver: "kubernetes" };
const command = { sources: ["package.json"], outputs: ["out"] };
const trusted = { repository: "localhost:1/app", subjects: [{ digest, platform: "linux/amd64" }] };
const signer = { kms: secret(`hashivault://${token}`) };

/** Type, inputs with a secret, the field, and what to do instead. */
const refused: [type: string, inputs: Properties, field: string, instead: RegExp][] = [
  ["build:Builder", { ...builder, options: { token: secret(token) } }, "options.token", /from files/],
  ["build:Builder", { ...builder, options: secret({ token }) }, "options", /certificates\/key\.pem/],
  ["build:Builder", { ...builder, options: { token: secret(unknown) } }, "options.token", /from files/],
  ["build:Builder", { ...builder, endpoint: secret(`tcp://${token}:1`) }, "endpoint", /from files/],
  ["build:Command", { ...command, command: ["a", secret(token)] }, "command[1]", /`env`/],
  ["build:Command", { ...command, command: secret(`a ${token}`) }, "command", /`inherit`/],
  [
    "build:Command",
    { ...command, command: ["a"], expect: { tests: [{ command: ["{file}", secret(token)] }] } },
    "expect.tests[0].command[1]",
    /`env`/,
  ],
  ["gate:Check", { command: { command: ["a", secret(token)] } }, "command.command[1]", /`command\.env`/],
  [
    "trust:Scan",
    { ...trusted, kinds: ["secret"], scanner: { name: "trivy", arguments: ["--token", secret(token)] } },
    "scanner.arguments[1]",
    /configuration file/,
  ],
  ["trust:Signature", { ...trusted, signer }, "signer.kms", /VAULT_TOKEN/],
];

describe("secrets that would be arguments of a process", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-arguments-"));
    provider = await ProviderProcess.start(project);
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  for (const [type, inputs, field, instead] of refused) {
    it(`are refused before anything runs: ${field} of ${type}`, async () => {
      await assert.rejects(provider.check(`slipway:${type}`, inputs), (error) => {
        assert.ok(error instanceof CheckFailed);
        const [failure] = error.failures;
        // The engine prints the value of a property that is named to it.
        assert.equal(failure?.property, "");
        assert.ok(failure.reason.startsWith(`${field}: is secret, and would be an argument`), failure.reason);
        assert.match(failure.reason, instead);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    });
  }

  it("are taken where only the process itself can read them", async () => {
    const env = { TOKEN: secret(token) };
    await provider.check("slipway:gate:Check", { command: { command: ["a"], env } });
    await provider.check("slipway:build:Builder", { ...builder, options: { namespace: "build" } });
  });
});
