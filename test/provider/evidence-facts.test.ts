import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { readPublicKey } from "../../lib/sigstore";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { pushImage, useWorkbench, type Workbench } from "./workbench";

const password = "correct horse battery staple";

/** What calls itself Trivy, finds nothing and writes an empty report: any program can. */
const selfStyledTrivy = `#!/bin/sh
case "$1" in
  version) echo '{"Version": "99.0.0"}' ;;
  *) while [ $# -gt 0 ]; do [ "$1" = --output ] && echo '{"Results": [], "runs": []}' >"$2"; shift; done ;;
esac
`;

describe("who signed and what scanned, as evidence has it", function () {
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;
  let digest: string;

  useWorkbench({ start: () => startDistribution(), tools: ["registry"], folder: "who/test" }, (test) => {
    ({ bench, provider, repository } = test);
  });
  before(async () => {
    await writeKeyPair(bench.project, "cosign", password);
    await writeFile(file("made.txt"), "made\n");
    await writeFile(file("review.json"), "{}");
  });
  beforeEach(async () => {
    digest = await pushImage(provider, repository);
  });

  const file = (relative: string) => path.join(bench.project, relative);
  const own = { key: "cosign.key", password };
  const generated = { key: ".slipway/keys/cosign.key", generate: true };
  const subjects = () => [{ digest, platform: "linux/amd64" }];
  const signersOf = ({ state }: Held) => (state.evidence as Properties[]).map(({ signer }) => signer);

  /** The fingerprint, reckoned from the PEM without Slipway's own functions. */
  async function fingerprint(publicKey: string): Promise<string> {
    const pem = await readFile(file(publicKey), "utf8");
    const base64 = /-----BEGIN PUBLIC KEY-----([^-]+)-----END/.exec(pem)?.[1] ?? "";
    return `sha256:${createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex")}`;
  }

  const types: Record<string, () => Properties> = {
    "slipway:trust:Signature": () => ({ repository, subjects: subjects() }),
    "slipway:trust:FileSignature": () => ({ files: [{ path: "made.txt" }] }),
    "slipway:trust:Attestation": () => ({
      repository,
      statements: [{ subject: digest, predicateType: "https://acme.test/review", file: "review.json" }],
    }),
    "slipway:trust:Provenance": () => ({
      repository,
      subjects: subjects(),
      buildType: "https://acme.test/b",
    }),
  };
  for (const [type, declared] of Object.entries(types)) {
    it(`is the fingerprint of the key, by ${type}`, async () => {
      const held = await provider.create(type, { ...declared(), signer: own });
      assert.deepEqual(signersOf(held), [{ key: await fingerprint("cosign.pub") }]);
      assert.deepEqual((await provider.read(held))?.state, held.state);
    });

    it(`says that a key was made on the spot, by ${type}`, async () => {
      const held = await provider.create(type, { ...declared(), signer: generated });
      const key = await fingerprint(".slipway/keys/cosign.pub");
      assert.deepEqual(signersOf(held), [{ key, generated: true }]);
      const later = await bench.provider();
      assert.deepEqual((await later.read(held))?.state, held.state);
    });
  }

  for (const type of Object.keys(types).filter((one) => one !== "slipway:trust:FileSignature")) {
    it(`is refused by ${type}, at preview too, where a throw-away key signs for a registry elsewhere`, async () => {
      await provider.create("slipway:trust:FileSignature", {
        ...types["slipway:trust:FileSignature"]?.(),
        signer: generated,
      });
      const elsewhere = { ...types[type]?.(), repository: "registry.acme.test/hello" };
      const { generate: _generate, ...kept } = { ...generated, password: "" };
      for (const [signer, field] of [
        [generated, "signer.generate"],
        // The same key, declared as one that is kept.
        [kept, "signer.key"],
        [{ ...generated, generateFor: ["other.acme.test"] }, "signer.generate"],
      ] as const) {
        bench.forget();
        await assert.rejects(provider.create(type, { ...elsewhere, signer }, true), (error) => {
          assert.ok(error instanceof CheckFailed, String(error));
          const [finding] = error.failures;
          assert.equal(finding?.property, field);
          assert.match(
            finding?.reason ?? "",
            /^registry\.acme\.test is not on this machine, .*cosign generate-key-pair/,
          );
          return true;
        });
        assert.deepEqual(bench.writeLines(), []);
      }
      const declared = { ...generated, generateFor: ["registry.acme.test"] };
      const inputs = await provider.check(type, { ...elsewhere, signer: declared });
      assert.equal(inputs.repository, elsewhere.repository);
    });
  }

  it("says so to whom the public key alone is given, in a process that has not made it", async () => {
    await provider.create("slipway:trust:Signature", { repository, subjects: subjects(), signer: generated });
    await copyFile(file(".slipway/keys/cosign.pub"), file("renamed.pub"));
    const key = await fingerprint("renamed.pub");
    const later = await bench.provider();
    const held = await later.create("slipway:trust:Verification", {
      repository,
      subjects: subjects(),
      verifier: { publicKey: "renamed.pub" },
    });
    assert.deepEqual(signersOf(held), [{ key, generated: true }]);
    assert.deepEqual((await (await bench.provider()).read(held))?.state, held.state);
  });

  it("has the digest of the program that scanned, whatever it calls itself, and all that can make it overlook something", async () => {
    const program = await bench.write("bin/trivy", selfStyledTrivy, 0o755);
    const sha256 = createHash("sha256").update(selfStyledTrivy).digest("hex");
    for (const [named, env] of [
      [`./${program}`, {}],
      ["trivy", { PATH: `${path.dirname(file(program))}:${process.env.PATH}` }],
    ] as const) {
      const held = await (
        await bench.provider({}, env)
      ).create("slipway:trust:Scan", {
        repository,
        subjects: subjects(),
        kinds: ["secret"],
        failOn: "high",
        exceptions: [{ id: "CVE-2021-23337", reason: "templates are not used", expires: "2999-01-31" }],
        scanner: {
          name: "trivy",
          program: named,
          offline: true,
          arguments: ["--skip-files", "/srv/app.txt"],
          databaseDirectory: "database",
        },
      });
      assert.deepEqual(
        (held.state.evidence as Properties[]).map(({ by, scanner }) => [by, scanner]),
        [
          [
            "trivy 99.0.0",
            {
              name: "trivy",
              version: "99.0.0",
              digest: `sha256:${sha256}`,
              kinds: ["secret"],
              arguments: ["--skip-files", "/srv/app.txt"],
              databaseDirectory: "database",
              failOn: "high",
              fixableOnly: true,
              excepted: ["CVE-2021-23337"],
            },
          ],
        ],
      );
    }
  });

  it("a state of before it was told is read, and shows no change", async () => {
    const held = await provider.create("slipway:trust:Signature", {
      repository,
      subjects: subjects(),
      signer: own,
    });
    const evidence = (held.state.evidence as Properties[]).map(({ signer: _signer, ...item }) => item);
    const before = { ...held, state: { ...held.state, evidence } };
    const observed = await provider.read(before);
    assert.ok(observed);
    assert.deepEqual((await provider.diff({ ...before, state: observed.state }, held.inputs)).changes, []);
  });

  it("a public key with the mark of a throw-away key is a public key to other readers", async () => {
    await provider.create("slipway:trust:FileSignature", {
      ...types["slipway:trust:FileSignature"]?.(),
      signer: generated,
    });
    const text = await readFile(file(".slipway/keys/cosign.pub"), "utf8");
    assert.match(text, /^Throw-away key of Slipway, [^\n]+\n-----BEGIN PUBLIC KEY-----\n/);
    assert.equal(readPublicKey(text, "cosign.pub").asymmetricKeyType, "ec");
  });
});
