import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RequestRecord } from "./observation";

const program = (registry: string) => `
import { Command, directoryRelease, Distribution, ociRegistry, throwAwayKey } from "@slipway";
import * as pulumi from "@pulumi/pulumi";

new Distribution("app", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: {
    app: { files: [{ to: "/app", binary: "app" }, { to: "/motd", content: "hello" }], alsoRepositories: ["also"] },
  },
  binaries: {
    app: {
      command: ["sh", "-c", 'cat app.txt > "$SLIPWAY_OUTPUT/app"'],
      sources: ["app.txt"],
      env: { PLAIN: "one" },
      budget: { maximumBytes: 1000 },
    },
  },
  archives: { app: { binaries: ["app"], checksums: "SHA256SUMS", alsoNames: ["app_latest_{os}_{arch}"] } },
  trust: { sign: throwAwayKey(), provenance: true },
  release: directoryRelease({ directory: "public", name: "acme/app" }),
});
new Command("told", {
  command: ["sh", "-c", 'printf "%s" "$TOKEN" | sha256sum > "$SLIPWAY_OUTPUT/told"'],
  sources: ["app.txt"],
  outputs: ["told"],
  env: { TOKEN: new pulumi.Config().requireSecret("token") },
});
`;

/** Fields as they were called before, by type; `*` in a path stands for any key. */
const formerNames: Readonly<Record<string, readonly [path: string, former: string][]>> = {
  "slipway:build:Command": [
    ["env", "environment"],
    ["expect.maximumBytes", "maximumSize"],
  ],
  "slipway:build:Archive": [
    ["checksums", "sums"],
    ["alsoPaths", "aliases"],
    ["artifacts", "artefacts"],
  ],
  "slipway:build:Checksums": [
    ["artifacts", "artefacts"],
    ["artifact", "artefact"],
  ],
  "slipway:oci:Image": [["layers.*.files.*.to", "target"]],
  "slipway:trust:Provenance": [
    ["parameters.image.files.*.to", "target"],
    ["parameters.image.alsoRepositories", "aliases"],
    ["parameters.binaries.*.env", "environment"],
    ["parameters.binaries.*.budget.maximumBytes", "maximum"],
  ],
  "slipway:release:Directory": [["name", "repository"]],
};

interface Recorded {
  urn: string;
  type: string;
  inputs?: { env?: Record<string, unknown> };
  outputs?: object;
  refreshBeforeUpdate?: boolean;
}

interface Stack {
  checkpoint: { latest: { resources: Recorded[] } };
}

/** Renames a field at a path, and returns how often it was there. */
function rename(value: unknown, [key = "", ...rest]: readonly string[], former: string): number {
  if (typeof value !== "object" || value === null) return 0;
  const record = value as Record<string, unknown>;
  const keys = key === "*" ? Object.keys(record) : Object.hasOwn(record, key) ? [key] : [];
  if (rest.length > 0) return keys.reduce((sum, one) => sum + rename(record[one], rest, former), 0);
  for (const one of keys) {
    record[former] = record[one];
    delete record[one];
  }
  return keys.length;
}

describe("a stack that was made when fields had other names", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let state: string;

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program: program(registry.host),
      files: { "app.txt": "one\n" },
      secrets: { token: "hunter2hunter2" },
    });
    await project.upWithoutPreview();
    state = path.join(path.dirname(project.directory), "state", ".pulumi", "stacks", "test", "dev.json");
    const stack = JSON.parse(await readFile(state, "utf8")) as Stack;
    const { resources } = stack.checkpoint.latest;
    for (const [type, names] of Object.entries(formerNames)) {
      const recorded = resources.filter((one) => one.type === type);
      // What had those names was observed before every run.
      for (const one of recorded) one.refreshBeforeUpdate = true;
      for (const [field, former] of names) {
        const keys = field.split(".");
        const found = recorded.map(
          ({ inputs, outputs }) => rename(inputs, keys, former) + rename(outputs, keys, former),
        );
        assert.ok(Math.max(...found) > 0, `${type} has no ${field}`);
      }
    }
    await writeFile(state, JSON.stringify(stack));
    await requests.take();
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  it("is as it is: nothing is replaced, pushed or signed again", async () => {
    const preview = await project.preview();
    const counts = resourceCounts(preview);
    assert.deepEqual(Object.keys(counts), ["unchanged"], preview);
    const text = await project.upWithoutPreview();
    assert.deepEqual(resourceCounts(text), counts, text);
    assert.deepEqual(await requests.takeWrites(), []);
  });

  it("has today's names from then on, and its secrets encrypted", async () => {
    const text = await readFile(state, "utf8");
    assert.ok(!text.includes("hunter2hunter2"));
    const { resources } = (JSON.parse(text) as Stack).checkpoint.latest;
    const told = resources.find(({ urn }) => urn.endsWith("::told"));
    assert.ok(told?.inputs?.env?.TOKEN !== undefined, text);
    assert.equal(typeof told.inputs.env.TOKEN, "object");
  });
});
