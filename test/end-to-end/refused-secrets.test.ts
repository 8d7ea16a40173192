import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { EngineProject } from "../support/engine";
import { requireTools } from "../support/tools";
import { filesBelow } from "./traces";

/** In which a quote, a blank and letters of two bytes are: each of them has another form in each encoding. */
const marker = () => `ge"heim ß/${Math.random().toString(36).slice(2)}`;

const secrets = {
  configuration: marker(),
  provider: marker(),
  environment: marker(),
};

const subjects = `repository: "localhost:1/app", subjects: [{ digest: "sha256:${"0".repeat(64)}" }]`;

interface Case {
  title: string;
  /** Arguments of a `slipway:trust:Signature`, as TypeScript. */
  declares: string;
  /** What the refusal has to say all the same. */
  says: RegExp;
}

const cases: Case[] = [
  {
    title: "a misspelled field with a secret below it, and a value of the wrong type with one inside",
    declares: `${subjects}, legacy: [config.requireSecret("password")], signr: { key: "cosign.key", password: stranger.stdout },
      annotations: { note: process.env.COSIGN_PASSWORD, port: { token: stranger.stdout } }, signer: { key: "cosign.key", password: 1 }`,
    says: /signr: unknown field; did you mean "signer"\?/,
  },
  {
    title: "a signer whose key file is missing",
    declares: `${subjects}, signer: { key: "missing.key", password: stranger.stdout }`,
    says: /signer: .*missing\.key/,
  },
  {
    title: "a signer with another password than its key has",
    declares: `${subjects}, signer: { key: "cosign.key", password: config.requireSecret("password") }`,
    says: /signer.* the password is wrong/,
  },
  {
    title: "a signer for whose key the environment has another password",
    declares: `${subjects}, signer: { key: "cosign.key" }, annotations: { note: process.env.COSIGN_PASSWORD! }`,
    says: /signer.* the password is wrong/,
  },
  {
    title: "a provider whose configuration is not JSON, or has a field too many",
    declares: `${subjects}, signer: { key: "cosign.key" }`,
    says: /registries: is not valid JSON/,
  },
];

describe("secrets in what is refused", function () {
  this.timeout(120_000);
  let project: EngineProject;

  const program = (declares?: string, provider = "{}") => `
import * as pulumi from "@pulumi/pulumi";
import { Signature } from "@slipway";

const config = new pulumi.Config();

/** A resource of another provider with an output that is secret, and that the engine knows from nowhere else. */
class Stranger extends pulumi.CustomResource {
  declare readonly stdout: pulumi.Output<string>;
  constructor() {
    const options = { additionalSecretOutputs: ["stdout"] };
    super("command:local:Command", "stranger", { create: "cat " + config.require("hidden"), stdout: undefined }, options);
  }
}
const stranger = new Stranger();
class Configured extends pulumi.ProviderResource {
  constructor() {
    super("slip" + "way", "configured", ${provider});
  }
}
const options = { provider: new Configured(), dependsOn: [stranger] };
${declares === undefined ? "" : `new Signature("refused", { ${declares} } as never, options);`}
`;

  before(async function () {
    requireTools(this, "pulumi");
    const pair = await generateKeyPairFiles("another password than all of these");
    project = await EngineProject.create({
      program: "export {};",
      files: { "cosign.key": pair.privateKey },
      secrets: { password: secrets.configuration },
      standIns: ["command"],
      env: { COSIGN_PASSWORD: secrets.environment, PULUMI_DEBUG_COMMANDS: "true" },
    });
    const hidden = path.join(project.directory, "hidden.txt");
    await project.write({ "hidden.txt": secrets.provider });
    await project.configure({ hidden });
    await project.program(program());
    await project.upWithoutPreview();
  });
  after(() => project?.remove());

  function assertFree(text: string, where: string): void {
    for (const [what, secret] of Object.entries(secrets)) {
      const bytes = Buffer.from(secret);
      const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
      forms.push(bytes.toString("base64").slice(0, -4), bytes.toString("hex"));
      for (const form of forms)
        assert.ok(!text.includes(form), `the secret of the ${what} is in ${where}:\n${text}`);
    }
  }

  for (const { title, declares, says } of cases) {
    it(`are not shown: ${title}`, async () => {
      const broken = says.source.startsWith("registries");
      const provider = broken
        ? `{ registries: stranger.stdout, githb: { token: config.requireSecret("password") } }`
        : "{}";
      await project.program(program(declares, provider));
      const events = path.join(project.directory, "events.json");
      for (const run of [
        ["preview", "--diff"],
        ["up", "--yes", "--skip-preview", "--event-log", events],
      ]) {
        const text = await project.fail([...run, "--stack", "dev"]);
        assert.match(text, says);
        assertFree(text, `what ${run[0]} prints`);
      }
      // Messages for debugging are Pulumi's own, and have what it passes on, secrets included.
      const shown = (await readFile(events, "utf8"))
        .split("\n")
        .filter((line) => !line.includes(`"severity":"debug"`));
      assert.ok(shown.length > 5);
      assertFree(shown.join("\n"), "the events");
    });
  }

  it("stay out of the state", async () => {
    const files = await filesBelow(path.join(path.dirname(project.directory), "state"));
    assert.ok(files.length > 0);
    for (const file of files) assertFree((await readFile(file)).toString("utf8"), file);
  });
});
