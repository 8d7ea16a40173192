import assert from "node:assert/strict";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { ProvenancePredicate } from "../../lib/provenance/predicate";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import { cosignVerifyAttestation } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, secret, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution, startReferrersRegistry } from "../support/registries";
import { findTool, requireTools } from "../support/tools";
import { pushImage, useWorkbench, type Workbench } from "./workbench";

const attestation = "slipway:trust:Attestation";
const provenance = "slipway:trust:Provenance";
const reviewType = "https://example.com/review/v1";
const password = "correct horse battery staple";

const kinds = [
  { name: "the fallback tag (CNCF Distribution)", tool: "registry", start: () => startDistribution() },
  { name: "the referrers API", tool: "referrers-registry", start: startReferrersRegistry },
];

for (const { name, tool, start } of kinds) {
  describe(`attestations with ${name}`, function () {
    this.timeout(120_000);
    let bench: Workbench;
    let provider: ProviderProcess;
    let repository: string;
    let subject: string;
    const signer = { key: "cosign.key", password: secret(password) };

    useWorkbench({ start, tools: [tool, "crane"], folder: "attested/test" }, (test) => {
      ({ bench, provider, repository } = test);
    });
    before(() => writeKeyPair(bench.project, "cosign", password));
    beforeEach(async () => {
      subject = await pushImage(provider, repository);
    });

    /** Address of something in the repository, past the proxy. */
    const url = (target: string) => `http://${bench.direct(repository).replace("/", "/v2/")}/${target}`;

    /** Manifests that refer to the subject, as crane sees them past the proxy. */
    async function referrers(): Promise<Properties[]> {
      const tag = bench.direct(`${repository}:${subject.replace(":", "-")}`);
      const response = await fetch(url(`referrers/${subject}`));
      const text = response.ok ? await response.text() : await crane(["manifest", tag]).catch(() => "{}");
      return (JSON.parse(text) as { manifests?: Properties[] }).manifests ?? [];
    }

    /** The predicate of a signed statement, if cosign accepts it. */
    async function verified(type: string): Promise<Properties> {
      const reference = bench.direct(`${repository}@${subject}`);
      const output = await cosignVerifyAttestation(reference, type, path.join(bench.project, "cosign.pub"));
      const envelope = JSON.parse(output.split("\n")[0] ?? "") as { payload: string };
      return (JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as { predicate: Properties })
        .predicate;
    }

    const review = (reviewer: string): Properties => ({
      repository,
      statements: [{ subject, predicateType: reviewType, predicate: { reviewer } }],
      signer,
    });

    it("are accepted by cosign, and made once", async function () {
      requireTools(this, "cosign");
      const held = await provider.create(attestation, review("alice"));
      assert.deepEqual(await verified(reviewType), { reviewer: "alice" });
      for (let run = 0; run < 3; run++) {
        const again = await (await bench.provider()).create(attestation, review("alice"));
        assert.deepEqual(again.state.attestations, held.state.attestations);
      }
      assert.equal((await referrers()).length, 1);
      assert.deepEqual((await provider.diff(held, review("alice"))).changes, []);
      const [evidence] = held.state.evidence as Properties[];
      assert.equal(evidence?.kind, "attestation");
      assert.equal(evidence.subject, subject);
      assert.match(String(evidence.by), /^key sha256:[0-9a-f]{64}$/);
    });

    it("of another content are added, and the earlier ones stay", async () => {
      const held = await provider.create(attestation, review("alice"));
      const changed = review("bob");
      assert.deepEqual((await provider.diff(held, changed)).changes, ["statements"]);
      await provider.update(held, changed);
      assert.equal((await referrers()).length, 2);
    });

    it("that are deleted are drift, and are put back", async () => {
      const held = await provider.create(attestation, review("alice"));
      const [{ referrer }] = held.state.attestations as [{ referrer: string }];
      await crane(["delete", bench.direct(`${repository}@${referrer}`)]);
      const observed = (await provider.read(held)) as Held;
      assert.match(
        String(observed.state.missing),
        /review\/v1 sha256:[0-9a-f]+.* of sha256:[0-9a-f]+.* is (gone|not listed)/,
      );
      assert.deepEqual((await provider.diff(observed, review("alice"))).changes, ["missing"]);
      const repaired = await provider.update(observed, review("alice"));
      assert.deepEqual(repaired.state.missing, []);
      assert.deepEqual(((await provider.read(repaired)) as Held).state.missing, []);
    });

    it("without a signer are plain statements, made once", async () => {
      const { signer: _signer, ...plain } = review("alice");
      await provider.create(attestation, plain);
      const held = await provider.create(attestation, plain);
      assert.equal((await referrers()).length, 1);
      const [{ referrer }] = held.state.attestations as [{ referrer: string }];
      const manifest = JSON.parse(await crane(["manifest", bench.direct(`${repository}@${referrer}`)])) as {
        artifactType: string;
        layers: { digest: string }[];
      };
      assert.equal(manifest.artifactType, "application/vnd.in-toto+json");
      const blob = await crane(["blob", bench.direct(`${repository}@${manifest.layers[0]?.digest}`)]);
      const statement = JSON.parse(blob) as Properties;
      assert.equal(statement._type, "https://in-toto.io/Statement/v1");
      assert.deepEqual(statement.subject, [{ digest: { sha256: subject.slice(7) } }]);
      assert.equal(statement.predicateType, reviewType);
    });

    it("take the predicate from a file, and see that it changed", async () => {
      await bench.write("review.json", `{"reviewer":"alice"}`);
      const declared = {
        ...review(""),
        statements: [{ subject, predicateType: reviewType, file: "review.json" }],
      };
      const held = await provider.create(attestation, declared);
      assert.deepEqual((await provider.diff(held, declared)).changes, []);
      await bench.write("review.json", `{"reviewer":"bob"}`);
      assert.deepEqual((await provider.diff(held, declared)).changes, ["fileDigests"]);
      await bench.write("review.json", "[]");
      await assert.rejects(provider.update(held, declared), /review\.json is not a JSON object/);
      await assert.rejects(
        provider.check(attestation, {
          ...declared,
          statements: [{ ...declared.statements[0], file: "no.json" }],
        }),
        (error: Error) =>
          error instanceof CheckFailed && /statements\[0\]\.file: "no\.json"/.test(error.message),
      );
    });

    it("take the predicate from a document in the registry", async () => {
      const document = Buffer.from(`{"spdxVersion":"SPDX-2.3"}`);
      const digest = digestOf(document);
      const target = await fetch(url("blobs/uploads/"), { method: "POST" });
      const upload = new URL(target.headers.get("location") ?? "", target.url);
      upload.searchParams.set("digest", digest);
      const put = await fetch(upload, { method: "PUT", body: document });
      assert.equal(put.status, 201);
      await provider.create(attestation, {
        repository,
        statements: [
          {
            subject,
            predicateType: "https://spdx.dev/Document",
            document: { digest, size: document.length },
          },
        ],
        signer,
      });
      if (findTool("cosign")) assert.deepEqual(await verified("spdxjson"), { spdxVersion: "SPDX-2.3" });
      assert.equal((await referrers()).length, 1);
    });

    it("about a digest that is not there are refused", async () => {
      const nowhere = digestOf("nowhere");
      await assert.rejects(
        provider.create(attestation, {
          ...review("alice"),
          statements: [{ subject: nowhere, predicateType: reviewType, predicate: {} }],
        }),
        new RegExp(`${nowhere} is not in the registry`),
      );
    });

    it("write nothing at preview", async () => {
      bench.forget();
      await provider.create(attestation, review("alice"), true);
      assert.deepEqual(bench.writeLines(), []);
    });

    it("refuse a statement that says nothing, or two things", async () => {
      for (const statement of [
        { subject, predicateType: reviewType },
        { subject, predicateType: reviewType, predicate: {}, file: "x" },
      ]) {
        await assert.rejects(
          provider.check(attestation, { repository, statements: [statement] }),
          (error: Error) =>
            error instanceof CheckFailed && /exactly one of predicate, file and document/.test(error.message),
        );
      }
    });

    describe("provenance", () => {
      const declared = (): Properties => ({
        repository,
        subjects: [{ digest: subject, platform: "linux/amd64" }],
        buildType: "https://example.com/build/v1",
        parameters: { command: ["go", "build"], environment: { TOKEN: secret("hunter2hunter2") } },
        dependencies: [{ uri: "file:hello", digest: digestOf("hello") }],
        source: { repository: "https://example.com/acme/app.git", revision: "1".repeat(40) },
        signer,
      });

      it("is accepted by cosign, tells what was declared, and no secret", async function () {
        requireTools(this, "cosign");
        await provider.create(provenance, declared());
        const predicate = await verified("slsaprovenance1");
        assert.deepEqual(predicate.buildDefinition, {
          buildType: "https://example.com/build/v1",
          externalParameters: { command: ["go", "build"], environment: { TOKEN: "[secret]" } },
          internalParameters: {},
          resolvedDependencies: [
            { uri: "git+https://example.com/acme/app.git", digest: { gitCommit: "1".repeat(40) } },
            { uri: "file:hello", digest: { sha256: digestOf("hello").slice(7) } },
          ],
        });
        assert.match(JSON.stringify(predicate.runDetails), /"id":"[^"]+".*"slipway":"\d/);
      });

      it("stays what it was when a later revision builds the same digest", async () => {
        const held = await provider.create(provenance, declared());
        const later = { ...declared(), source: { revision: "2".repeat(40) } };
        const again = await (await bench.provider()).create(provenance, later);
        assert.deepEqual(again.state.attestations, held.state.attestations);
        assert.equal((await referrers()).length, 1);
      });

      it("does not change with the source alone, nor with the platform of what went into it", async () => {
        const held = await provider.create(provenance, declared());
        const changed = {
          ...declared(),
          source: { repository: "https://example.com/acme/other", version: "v1.2.3" },
          dependencies: [{ uri: "file:hello", digest: digestOf("hello"), platform: "linux/amd64" }],
        };
        assert.deepEqual((await provider.diff(held, changed)).changes, []);
      });

      it("tells of a platform's manifest what went into it alone", async function () {
        requireTools(this, "cosign");
        const made = (platform?: string) => ({
          uri: `file:hello-${platform ?? "all"}`,
          digest: digestOf("hello"),
          ...(platform === undefined ? {} : { platform }),
        });
        const dependencies = [made("linux/amd64"), made("linux/arm64"), made("darwin/arm64"), made()];
        const subjects = [{ digest: subject, platform: "linux/arm64" }];
        await provider.create(provenance, { ...declared(), subjects, dependencies });
        const { buildDefinition } = (await verified("slsaprovenance1")) as unknown as ProvenancePredicate;
        const uris = buildDefinition.resolvedDependencies.map(({ uri }) => uri);
        assert.deepEqual(uris.slice(1), ["file:hello-linux/arm64", "file:hello-all"]);
      });

      it("of another build of the same digest is added", async () => {
        await provider.create(provenance, declared());
        await provider.create(provenance, { ...declared(), parameters: { command: ["go", "build", "-v"] } });
        assert.equal((await referrers()).length, 2);
      });

      it("that is deleted comes back as it was", async () => {
        const held = await provider.create(provenance, declared());
        const [{ referrer }] = held.state.attestations as [{ referrer: string }];
        await crane(["delete", bench.direct(`${repository}@${referrer}`)]);
        const observed = (await provider.read(held)) as Held;
        assert.deepEqual((await provider.diff(observed, declared())).changes, ["missing"]);
        const repaired = await provider.update(observed, declared());
        assert.deepEqual(repaired.state.predicate, held.state.predicate);
        assert.deepEqual(((await provider.read(repaired)) as Held).state.missing, []);
      });
    });
  });
}
