import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { digestOf } from "../../lib/oci/digest";
import { ProviderProcess, secret, type Held } from "../support/provider-process";

/** Former names by present ones, where each type has them. */
const formerNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "slipway:build:Command": { env: "environment" },
  "slipway:build:Archive": { checksums: "sums", alsoPaths: "aliases", artifacts: "artefacts" },
  "slipway:build:Checksums": { artifacts: "artefacts", artifact: "artefact" },
  "slipway:release:Directory": { name: "repository" },
  "slipway:build:Context": { stage: "target" },
};

/** A resource as an earlier version has left it in the state. */
function asRecordedBefore(type: string, held: Held): Held {
  const names = formerNames[type] ?? {};
  const former = (values: Properties) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [names[name] ?? name, value]));
  const formerPaths = (paths: Iterable<string> = []) =>
    new Set(
      [...paths].map((text) => {
        const [name = "", ...rest] = JSON.parse(text) as string[];
        return JSON.stringify([names[name] ?? name, ...rest]);
      }),
    );
  return {
    ...held,
    inputs: former(held.inputs),
    state: former(held.state),
    secrets: { inputs: formerPaths(held.secrets?.inputs), state: formerPaths(held.secrets?.state) },
  };
}

describe("a resource whose state has former names of its fields", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async function () {
    this.timeout(60_000);
    project = await mkdtemp(path.join(tmpdir(), "slipway-former-"));
    provider = await ProviderProcess.start(project);
    await writeFile(path.join(project, "hello.txt"), "hello\n");
    await writeFile(
      path.join(project, "Dockerfile"),
      "FROM scratch AS one\nCOPY hello.txt /\nFROM one AS two\n",
    );
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true });
  });

  const artifact = { name: "hello.txt", path: "hello.txt", digest: digestOf("hello\n") };
  const types: readonly [type: string, inputs: Properties, changed: Properties, change: string][] = [
    [
      "slipway:build:Command",
      {
        command: ["sh", "-c", 'echo made > "$SLIPWAY_OUTPUT/made.txt"'],
        sources: ["hello.txt"],
        outputs: ["made.txt"],
        env: { TOKEN: secret("hunter2hunter2"), PLAIN: "one" },
      },
      { env: { TOKEN: secret("hunter2hunter2"), PLAIN: "two" } },
      "env",
    ],
    [
      "slipway:build:Archive",
      {
        path: "dist/hello.tar.gz",
        alsoPaths: ["dist/latest.tar.gz"],
        checksums: "SHA256SUMS",
        entries: [{ path: "hello.txt", source: "hello.txt" }],
      },
      { checksums: "SUMS" },
      "checksums",
    ],
    [
      "slipway:build:Checksums",
      { path: "dist/SHA256SUMS", artifacts: [artifact] },
      { artifacts: [{ ...artifact, name: "other.txt" }] },
      "artifacts",
    ],
    [
      "slipway:build:Context",
      { image: "hello", dockerfile: "Dockerfile", platforms: ["linux/amd64"], stage: "one" },
      { stage: "two" },
      "stage",
    ],
    [
      "slipway:release:Directory",
      { directory: "public", name: "acme/hello", tag: "v1.0.0", assets: [artifact] },
      { name: "acme/other" },
      "name",
    ],
  ];
  for (const [type, inputs, changed, change] of types) {
    it(`${type} is the same resource, with its secrets, and says what changes by today's names`, async () => {
      const held = await provider.create(type, inputs, false, type);
      const old = asRecordedBefore(type, held);
      assert.notDeepEqual(old.inputs, held.inputs);

      const same = await provider.diff(old, inputs);
      assert.deepEqual([same.changes, same.replaces], [[], []]);
      assert.deepEqual(same.inputs, held.inputs);

      const found = await provider.read(old);
      assert.deepEqual(found, { ...held, inputs: found?.inputs ?? {}, state: found?.state ?? {} });
      assert.deepEqual([found?.inputs, found?.state], [held.inputs, held.state]);

      const other = await provider.diff(old, { ...inputs, ...changed });
      assert.ok(other.changes.includes(change), other.changes.join(", "));

      const updated = await provider.update(old, inputs);
      assert.deepEqual(updated.state, held.state);
      await provider.delete(old);
    });
  }
});
