import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { Unknown, unknown } from "../../provider/base/unknown";
import type { Properties } from "../../provider/base/properties";
import { PredicateType } from "../../lib/sigstore";
import { crane, runClient } from "../support/clients";
import { cosignSign } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, secret, type ProviderProcess } from "../support/provider-process";
import { startDistribution, startReferrersRegistry } from "../support/registries";
import { pushImage, useWorkbench, type Workbench } from "./workbench";

const verification = "slipway:trust:Verification";
const password = "correct horse battery staple";

for (const { name, start } of [
  { name: "without the referrers API", start: () => startDistribution() },
  { name: "with the referrers API", start: startReferrersRegistry },
]) {
  describe(`verification before promotion, in a registry ${name}`, function () {
    this.timeout(180_000);
    let bench: Workbench;
    let provider: ProviderProcess;
    let repository: string;
    let digest: string;

    const tools = ["registry", "referrers-registry", "crane", "cosign", "cosign-v2"];
    useWorkbench({ start, tools, folder: "verified/test" }, (test) => {
      ({ bench, provider, repository } = test);
    });
    before(async () => {
      for (const stem of ["cosign", "other"]) await writeKeyPair(bench.project, stem, password);
    });
    beforeEach(async () => {
      digest = await pushImage(provider, repository);
    });

    const file = (relative: string) => path.join(bench.project, relative);
    const direct = () => `${bench.direct(repository)}@${digest}`;
    const inputs = (change: Properties = {}): Properties => ({
      repository,
      subjects: [{ digest, platform: "linux/amd64" }],
      verifier: { publicKey: "cosign.pub" },
      ...change,
    });
    const sign = (key = "cosign") => cosignSign(direct(), file(`${key}.key`), password);
    const attest = async (type: string) => {
      await bench.write("predicate.json", "{}");
      const options = ["--yes", "--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry"];
      const what = ["--key", file("cosign.key"), "--predicate", file("predicate.json"), "--type", type];
      await runClient("cosign", ["attest", ...what, ...options, direct()], { COSIGN_PASSWORD: password });
    };

    it("passes what cosign signed with the trusted key, given as a file or as text", async () => {
      await sign();
      const text = await readFile(file("cosign.pub"), "utf8");
      for (const publicKey of ["cosign.pub", text]) {
        const held = await provider.create(verification, inputs({ verifier: { publicKey } }));
        const [item] = held.state.evidence as Properties[];
        assert.match(String(item?.by), /^key sha256:[0-9a-f]{64}$/);
        assert.deepEqual([item?.kind, item?.subject, item?.result], ["signature", digest, "passed"]);
        assert.equal(held.inputs.trusted, item?.by);
        assert.deepEqual((await provider.read(held))?.state, held.state);
        assert.deepEqual((await provider.diff(held, held.inputs)).changes, []);
      }
    });

    it("passes a signature of the older scheme", async () => {
      await cosignSign(direct(), file("cosign.key"), password, "cosign-v2");
      const held = await provider.create(verification, inputs());
      assert.equal((held.state.verified as unknown[]).length, 1);
    });

    const refusals: [what: string, prepare: () => Promise<unknown>, reason: RegExp][] = [
      ["what is not signed", async () => undefined, /there is none/],
      ["what another key signed", () => sign("other"), /sha256:\S+ is not signed with key sha256:/],
      [
        "what carries an attestation only",
        () => attest("slsaprovenance1"),
        /there is none|is of type https:\/\/slsa/,
      ],
      [
        "what another key signed in the older scheme",
        () => cosignSign(direct(), file("other.key"), password, "cosign-v2"),
        /there is none/,
      ],
    ];
    for (const [what, prepare, reason] of refusals) {
      it(`stops ${what}`, async () => {
        await prepare();
        const preview = await provider.create(verification, inputs(), true);
        assert.ok(preview.state.evidence instanceof Unknown);
        bench.forget();
        await assert.rejects(provider.create(verification, inputs()), (error: Error) => {
          assert.ok(error.message.startsWith(`${repository} is not signed as required by key sha256:`));
          assert.ok(error.message.includes(`no signature holds for ${digest} (linux/amd64): `));
          assert.match(error.message, reason);
          return true;
        });
        assert.deepEqual(bench.writeLines(), []);
      });
    }

    it("stops a signature whose stated type is a lie", async () => {
      // An attestation by the trusted key, relabeled as a signature by somebody who may write to
      // the registry.
      await attest("slsaprovenance1");
      const { host, path: name } = {
        host: bench.registry.host,
        path: bench.direct(repository).split("/").slice(1).join("/"),
      };
      const api = `http://${host}/v2/${name}`;
      const fallback = `sha256-${digest.slice(7)}`;
      const listed = await fetch(`${api}/referrers/${digest}`);
      const index = (await (
        listed.ok
          ? listed
          : await fetch(`${api}/manifests/${fallback}`, {
              headers: { accept: "application/vnd.oci.image.index.v1+json" },
            })
      ).json()) as { manifests: { digest: string; annotations?: Record<string, string> }[] };
      const referrer = index.manifests[0]?.digest ?? "";
      const manifest = JSON.parse(await crane(["manifest", `${bench.direct(repository)}@${referrer}`])) as {
        mediaType: string;
        artifactType: string;
        annotations: Record<string, string>;
      };
      manifest.annotations["dev.sigstore.bundle.predicateType"] = PredicateType.cosignSign;
      const body = JSON.stringify(manifest);
      const { createHash } = await import("node:crypto");
      const lie = `sha256:${createHash("sha256").update(body).digest("hex")}`;
      const put = (reference: string, content: string, type: string) =>
        fetch(`${api}/manifests/${reference}`, {
          method: "PUT",
          body: content,
          headers: { "content-type": type },
        });
      assert.equal((await put(lie, body, manifest.mediaType)).status, 201);
      if (!listed.ok) {
        const { artifactType, annotations, mediaType } = manifest;
        const entry = { mediaType, digest: lie, size: body.length, artifactType, annotations };
        const type = "application/vnd.oci.image.index.v1+json";
        const content = { schemaVersion: 2, mediaType: type, manifests: [entry] };
        assert.equal((await put(fallback, JSON.stringify(content), type)).status, 201);
      }
      await assert.rejects(
        provider.create(verification, inputs()),
        /is signed by key .* but is of type https:\/\/slsa\.dev\/provenance\/v1, not https:\/\/sigstore\.dev/,
      );
    });

    it("asks for statements of other types, each by the trusted key", async () => {
      const predicateTypes = [PredicateType.cosignSign, PredicateType.slsaProvenance];
      await sign();
      await assert.rejects(
        provider.create(verification, inputs({ predicateTypes })),
        /no statement of type https:\/\/slsa\.dev\/provenance\/v1 holds for .*(there is none|is of type)/,
      );
      await attest("slsaprovenance1");
      const held = await provider.create(verification, inputs({ predicateTypes }));
      const kinds = (held.state.evidence as Properties[]).map(({ kind }) => kind);
      assert.deepEqual(kinds, ["signature", "provenance"]);
    });

    it("is unknown while its digests are", async () => {
      const preview = await provider.create(verification, inputs({ subjects: [{ digest: unknown }] }), true);
      assert.ok(preview.state.evidence instanceof Unknown);
    });

    it("sees that a signature is gone, and then stops the next update", async () => {
      await sign();
      const held = await provider.create(verification, inputs());
      const [verified] = held.state.verified as { referrer: string }[];
      await crane(["delete", `${bench.direct(repository)}@${verified?.referrer}`]);
      const observed = await provider.read(held);
      assert.ok(observed);
      assert.match(
        String(observed.state.missing),
        /^no signature holds for .*: (there is none|.* is listed, but gone)$/,
      );
      assert.deepEqual((await provider.diff(observed, held.inputs)).changes, ["missing"]);
      await provider.update(observed, held.inputs, true);
      await assert.rejects(provider.update(observed, held.inputs), /is not signed as required/);
      const signer = { key: "cosign.key", password: secret(password) };
      await provider.create("slipway:trust:Signature", { repository, subjects: [{ digest }], signer });
      assert.deepEqual((await provider.update(observed, held.inputs)).state.missing, []);
    });

    it("verifies again where another key is trusted", async () => {
      await sign();
      const held = await provider.create(verification, inputs());
      const other = inputs({ verifier: { publicKey: "other.pub" } });
      assert.deepEqual((await provider.diff(held, other)).changes, ["trusted"]);
      await assert.rejects(provider.update(held, other), /is not signed with key/);
    });

    const findings: [string, Properties, string, RegExp][] = [
      ["nobody", { verifier: {} }, "verifier.identity", /one of `identity` and `identityPattern`/],
      ["a missing file", { verifier: { publicKey: "none.pub" } }, "verifier", /none\.pub does not exist/],
      ["a private key", { verifier: { publicKey: "cosign.key" } }, "verifier", /holds no public key/],
      [
        "a key and an identity",
        { verifier: { publicKey: "cosign.pub", identity: "a" } },
        "verifier.identity",
        /has no effect with `publicKey`/,
      ],
      [
        "an identity without a root",
        { verifier: { identity: "a", issuer: "https://a.example" } },
        "verifier.trustedRoot",
        /needed to verify an identity/,
      ],
      [
        "a pattern that is none",
        { verifier: { identityPattern: "(", issuer: "https://a.example", trustedRoot: "root.json" } },
        "verifier.identityPattern",
        /Invalid regular expression/,
      ],
      [
        "a root that is none",
        { verifier: { identity: "a", issuer: "https://a.example", trustedRoot: "cosign.pub" } },
        "verifier",
        /is not a trusted root/,
      ],
    ];
    for (const [what, change, property, reason] of findings) {
      it(`refuses to trust ${what}`, async () => {
        await assert.rejects(provider.check(verification, inputs(change)), (error: CheckFailed) => {
          assert.ok(
            error.failures.some((one) => one.property === property && reason.test(one.reason)),
            error.message,
          );
          return true;
        });
      });
    }

    it("does not keep what it must not know", async () => {
      await sign();
      const held = await provider.create("slipway:trust:Signature", {
        repository,
        subjects: [{ digest }],
        signer: { key: "cosign.key", password: secret(password) },
      });
      assert.ok(held.secrets?.state.has('["signer","password"]'));
    });
  });
}
