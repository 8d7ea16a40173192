import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { Unknown, unknown } from "../../provider/base/unknown";
import type { Properties } from "../../provider/base/properties";
import { legacySignatureTag, PredicateType } from "../../lib/sigstore";
import { referrersTag } from "../../lib/oci/registry/referrers-list";
import type { Index, Manifest } from "../../lib/oci/types";
import { crane, runClient } from "../support/clients";
import { cosignPrograms, cosignSign, cosignVerify } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { CheckFailed, secret, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution, startReferrersRegistry } from "../support/registries";
import { manifestOf } from "./published-image";
import { textLayer, useWorkbench, type RegistryKind, type Workbench } from "./workbench";

const signature = "slipway:trust:Signature";
const password = "correct horse battery staple";

const kinds: readonly RegistryKind[] = [
  { name: "CNCF Distribution, without the referrers API", start: () => startDistribution() },
  { name: "the registry of go-containerregistry, with the referrers API", start: startReferrersRegistry },
];

for (const { name, start } of kinds) {
  describe(`signatures in ${name}`, function () {
    this.timeout(180_000);
    let bench: Workbench;
    let provider: ProviderProcess;
    let repository: string;
    let signer: Properties;

    const tools = ["registry", "referrers-registry", "crane", "cosign", "cosign-v2", "oras"];
    useWorkbench({ start, tools, folder: "signed/test" }, (test) => {
      ({ bench, provider, repository } = test);
    });
    before(async () => {
      for (const stem of ["cosign", "other"]) await writeKeyPair(bench.project, stem, password);
      signer = { key: "cosign.key", password: secret(password) };
    });

    const file = (relative: string) => path.join(bench.project, relative);
    const direct = (digest: string) => `${bench.direct(repository)}@${digest}`;
    const verify = (digest: string, key = "cosign.pub", program = cosignPrograms[0], more: string[] = []) =>
      cosignVerify(direct(digest), file(key), program, more);

    async function newImage(platform = "linux/amd64"): Promise<Held> {
      return provider.create("slipway:oci:Image", {
        repository,
        platform,
        layers: [textLayer()],
      });
    }

    /** An index of two platforms, and its manifests, as subjects. */
    async function newIndex(): Promise<{ digest: string; platform?: string }[]> {
      const images = [await newImage("linux/amd64"), await newImage("linux/arm64")];
      const index = await provider.create("slipway:oci:Index", {
        repository,
        manifests: images.map(({ state }) => state.descriptor),
      });
      return [
        { digest: String(index.state.digest) },
        { digest: String(images[0]?.state.digest), platform: "linux/amd64" },
        { digest: String(images[1]?.state.digest), platform: "linux/arm64" },
      ];
    }

    async function sign(subjects: Properties[], more: Properties = {}): Promise<Held> {
      return provider.create(signature, { repository, subjects, signer, ...more });
    }

    /** Referrers of a digest as `oras discover` lists them. */
    async function discovered(digest: string): Promise<{ artifactType: string; digest: string }[]> {
      const text = await runClient("oras", ["discover", "--plain-http", "--format", "json", direct(digest)]);
      const found = JSON.parse(text) as Record<
        string,
        { artifactType: string; digest: string }[] | undefined
      >;
      return found.referrers ?? found.manifests ?? [];
    }

    /** Removes a referrer as somebody with access to the registry would. */
    async function deleteReferrer(subject: string, referrer: string): Promise<void> {
      await crane(["delete", direct(referrer)]);
      const tag = `${bench.direct(repository)}:${referrersTag(subject)}`;
      const listed = await crane(["manifest", tag]).catch(() => undefined);
      if (listed === undefined) return;
      const index = JSON.parse(listed) as Index;
      index.manifests = index.manifests.filter(({ digest }) => digest !== referrer);
      await putManifest(referrersTag(subject), index, "application/vnd.oci.image.index.v1+json");
    }

    async function putManifest(reference: string, content: object, type: string): Promise<void> {
      const target = `http://${bench.direct(repository).replace("/", "/v2/")}/manifests/${reference}`;
      const body = JSON.stringify(content);
      const response = await fetch(target, { method: "PUT", body, headers: { "content-type": type } });
      assert.equal(response.status, 201, await response.text());
    }

    it("CAP-14: of an index and each platform are accepted by cosign 3 and 2, and by no other key", async () => {
      const subjects = await newIndex();
      const held = await sign(subjects, { annotations: { release: "v1" } });
      assert.deepEqual(held.state.missing, []);
      for (const { digest } of subjects) {
        for (const program of cosignPrograms) {
          await verify(digest, "cosign.pub", program, ["-a", "release=v1"]);
          await assert.rejects(verify(digest, "other.pub", program), /cosign/, `${program} took another key`);
        }
      }
      const { digest = "" } = subjects[0] ?? {};
      // Version 2 does not look at the annotations of bundles.
      await assert.rejects(verify(digest, "cosign.pub", "cosign", ["-a", "release=v2"]), /cosign/);
      const unsigned = String((await newImage()).state.digest);
      for (const program of cosignPrograms) await assert.rejects(verify(unsigned, "cosign.pub", program));
    });

    it("that cosign has taken off the list are listed again, and not made again", async () => {
      const [subject] = await newIndex();
      const digest = subject?.digest ?? "";
      const held = await sign([{ digest }]);
      await crane(["tag", direct(digest), "v1"]);
      await runClient("cosign", [
        "clean",
        "--force",
        "--type",
        "all",
        "--allow-http-registry",
        direct(digest),
      ]);
      // An API lists what is there.
      const hasApi = start === startReferrersRegistry;
      assert.equal((await discovered(digest)).length, hasApi ? 1 : 0);
      const observed = await provider.read(held);
      assert.ok(observed);
      assert.match(
        String(observed.state.missing),
        hasApi ? /^$/ : /: sha256:[0-9a-f]{12} is there and not listed$/,
      );
      const repaired = await provider.update(observed, held.inputs);
      assert.deepEqual(repaired.state.signatures, held.state.signatures);
      assert.deepEqual(repaired.state.missing, []);
      assert.equal((await discovered(digest)).length, 1);
      await verify(digest);
    });

    it("are made beside an image that cosign has copied", async () => {
      const [subject] = await newIndex();
      const digest = subject?.digest ?? "";
      await sign([{ digest }]);
      const copied = `${repository}-copied`;
      const reference = `${bench.direct(copied)}:v1`;
      await crane(["tag", direct(digest), "v1"]);
      const tagged = `${bench.direct(repository)}:v1`;
      await runClient("cosign", ["copy", "--allow-http-registry", tagged, reference]);
      const held = await provider.create(signature, { repository: copied, subjects: [{ digest }], signer });
      assert.deepEqual(held.state.missing, []);
      assert.equal(await crane(["digest", reference]), digest);
      await cosignVerify(reference, file("cosign.pub"), "cosign");
    });

    it("are referrers without a time, which others list", async () => {
      const [subject] = await newIndex();
      const digest = subject?.digest ?? "";
      const held = await sign([{ digest }]);
      const [made] = held.state.signatures as { referrer: string; by: string; subject: string }[];
      const listed = await discovered(digest);
      assert.deepEqual(
        listed.map((one) => one.digest),
        [made?.referrer],
      );
      const { annotations, artifactType } = await manifestOf(direct(made?.referrer ?? ""));
      assert.equal(artifactType, "application/vnd.dev.sigstore.bundle.v0.3+json");
      assert.deepEqual(annotations, {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": PredicateType.cosignSign,
      });
      const tree = await runClient("cosign", ["tree", "--allow-http-registry", direct(digest)]);
      assert.ok(tree.includes(PredicateType.cosignSign) && tree.includes(made?.referrer ?? "-"), tree);
      assert.match(made?.by ?? "", /^key sha256:[0-9a-f]{64}$/);
      const { by, referrer } = made ?? {};
      assert.deepEqual(held.state.evidence, [
        { kind: "signature", subject: digest, result: "passed", by, referrer, signer: { key: by?.slice(4) } },
      ]);
      assert.equal(held.state.publicKey, await readFile(file("cosign.pub"), "utf8"));
    });

    it("are made once in four runs", async () => {
      const digest = String((await newImage()).state.digest);
      const first = await sign([{ digest }]);
      bench.forget();
      for (let run = 0; run < 3; run++) {
        const again = await sign([{ digest }]);
        assert.deepEqual(again.state.signatures, first.state.signatures);
      }
      assert.deepEqual(bench.writeLines(), []);
      assert.equal((await discovered(digest)).length, 1);
      const observed = await provider.read(first);
      assert.deepEqual(observed?.state, first.state);
      assert.deepEqual(
        (await provider.diff(first, { repository, subjects: [{ digest }], signer })).changes,
        [],
      );
    });

    it("of cosign itself with the same key are recognized, and not made again", async () => {
      const digest = String((await newImage()).state.digest);
      await cosignSign(direct(digest), file("cosign.key"), password);
      bench.forget();
      const held = await sign([{ digest }]);
      assert.deepEqual(bench.writeLines(), []);
      const [made] = held.state.signatures as { referrer: string }[];
      assert.deepEqual(
        (await discovered(digest)).map((one) => one.digest),
        [made?.referrer],
      );
    });

    it("are not what an attestation by the same key is", async () => {
      const digest = String((await newImage()).state.digest);
      await bench.write("predicate.json", "{}");
      await runClient(
        "cosign",
        [
          ...["attest", "--yes", "--key", file("cosign.key"), "--predicate", file("predicate.json")],
          ...["--type", "slsaprovenance1", "--tlog-upload=false", "--use-signing-config=false"],
          ...["--allow-http-registry", direct(digest)],
        ],
        { COSIGN_PASSWORD: password },
      );
      // This is why: cosign takes it for one.
      await verify(digest);
      const preview = await provider.create(signature, { repository, subjects: [{ digest }], signer }, true);
      assert.ok(preview.state.signatures instanceof Unknown);
      await sign([{ digest }]);
      assert.equal((await discovered(digest)).length, 2);
    });

    it("by others stay, and do not count", async () => {
      const digest = String((await newImage()).state.digest);
      await cosignSign(direct(digest), file("other.key"), password);
      const held = await sign([{ digest }]);
      assert.equal((held.state.signatures as unknown[]).length, 1);
      assert.equal((await discovered(digest)).length, 2);
      await verify(digest, "cosign.pub");
      await verify(digest, "other.pub");
    });

    it("are unknown at preview until they are made, and nothing is written", async () => {
      const digest = String((await newImage()).state.digest);
      bench.forget();
      for (const subjects of [[{ digest }], [{ digest: unknown }]]) {
        const preview = await provider.create(signature, { repository, subjects, signer }, true);
        assert.ok(preview.state.evidence instanceof Unknown);
        assert.deepEqual(preview.state.missing, []);
      }
      assert.deepEqual(bench.writeLines(), []);
      const held = await sign([{ digest }]);
      const preview = await provider.create(signature, { repository, subjects: [{ digest }], signer }, true);
      assert.deepEqual(preview.state.evidence, held.state.evidence);
    });

    it("that somebody deleted are drift, and made again", async () => {
      const subjects = await newIndex();
      const held = await sign(subjects);
      const [, made] = held.state.signatures as { subject: string; referrer: string }[];
      // The list of a registry without the API still names it, and is refused when it is written
      // again.
      await crane(["delete", direct(made?.referrer ?? "")]);
      const observed = await provider.read(held);
      assert.ok(observed);
      const [missing] = observed.state.missing as string[];
      assert.ok(missing?.startsWith(`no signature holds for ${made?.subject} (linux/amd64): `), missing);
      assert.match(missing ?? "", /: (there is none|sha256:[0-9a-f]{12} is listed, but gone)$/);
      assert.equal((observed.state.evidence as unknown[]).length, 2);
      const inputs = { repository, subjects, signer };
      assert.deepEqual((await provider.diff(observed, inputs)).changes, ["missing"]);
      bench.forget();
      const planned = await provider.update(observed, inputs, true);
      assert.ok(planned.state.signatures instanceof Unknown);
      assert.deepEqual(bench.writeLines(), []);
      const repaired = await provider.update(observed, inputs);
      assert.deepEqual(repaired.state.missing, []);
      await verify(made?.subject ?? "");
      assert.deepEqual((await provider.diff(repaired, inputs)).changes, []);
    });

    it("that somebody changed are refused, by cosign too, and made again", async () => {
      const digest = String((await newImage()).state.digest);
      const other = String((await newImage()).state.digest);
      const held = await sign([{ digest }]);
      const [made] = held.state.signatures as { referrer: string }[];
      const manifest = await manifestOf(direct(made?.referrer ?? ""));
      await deleteReferrer(digest, made?.referrer ?? "");
      // The same signature, said to be of another image.
      const { size, mediaType } = manifest.subject ?? { size: 0, mediaType: "" };
      const moved = { ...manifest, subject: { mediaType, size, digest: other } };
      const held2 = await sign([{ digest: other }]);
      const [ofOther] = held2.state.signatures as { referrer: string }[];
      await deleteReferrer(other, ofOther?.referrer ?? "");
      const text = JSON.stringify(moved);
      const pushed = `sha256:${(await import("node:crypto")).createHash("sha256").update(text).digest("hex")}`;
      await putManifest(pushed, moved, String(manifest.mediaType));
      await putManifest(
        referrersTag(other),
        {
          schemaVersion: 2,
          mediaType: "application/vnd.oci.image.index.v1+json",
          manifests: [
            {
              mediaType: manifest.mediaType,
              digest: pushed,
              size: text.length,
              artifactType: manifest.artifactType,
              annotations: manifest.annotations,
            },
          ],
        },
        "application/vnd.oci.image.index.v1+json",
      );
      await assert.rejects(verify(other));
      const observed = await provider.read(held2);
      assert.match(
        String((observed?.state.missing as string[])[0]),
        /^no signature holds for sha256:\S+: sha256:\S+ is signed by key .* but for sha256:/,
      );
      const repaired = await provider.update(observed ?? held2, {
        repository,
        subjects: [{ digest: other }],
        signer,
      });
      assert.deepEqual(repaired.state.missing, []);
      await verify(other);
    });

    it("with a new key are added, and the old ones kept", async () => {
      const digest = String((await newImage()).state.digest);
      const held = await sign([{ digest }]);
      const rotated = { key: "other.key", password: secret(password) };
      const inputs = { repository, subjects: [{ digest }], signer: rotated };
      const { changes, replaces } = await provider.diff(held, inputs);
      assert.deepEqual([changes, replaces], [["signedBy"], []]);
      const updated = await provider.update(held, inputs);
      assert.notDeepEqual(updated.state.publicKey, held.state.publicKey);
      assert.equal((await discovered(digest)).length, 2);
      for (const key of ["cosign.pub", "other.pub"]) await verify(digest, key);
    });

    it("in the older scheme are made on demand, beside those of others", async () => {
      const digest = String((await newImage()).state.digest);
      await cosignSign(direct(digest), file("other.key"), password, "cosign-v2");
      const held = await sign([{ digest }], { legacy: true });
      assert.deepEqual(held.state.missing, []);
      for (const program of cosignPrograms) await verify(digest, "cosign.pub", program);
      const tag = `${bench.direct(repository)}:${legacySignatureTag(digest)}`;
      const { layers } = JSON.parse(await crane(["manifest", tag])) as Manifest;
      assert.equal(layers.length, 2);
      // What clients do that do not know bundles.
      const bundles = ["--new-bundle-format=false"];
      await verify(digest, "cosign.pub", "cosign", bundles);
      await verify(digest, "other.pub", "cosign", bundles);
      bench.forget();
      const again = await sign([{ digest }], { legacy: true });
      assert.deepEqual(again.state.signatures, held.state.signatures);
      assert.deepEqual(bench.writeLines(), []);
      await crane(["delete", tag]);
      const observed = await provider.read(held);
      assert.match(String(observed?.state.missing), /there is none in the older scheme/);
    });

    it("say which digest is not in the repository", async () => {
      await newImage();
      const digest = `sha256:${"0".repeat(64)}`;
      await assert.rejects(sign([{ digest }]), /sha256:0{12,}.*404/);
    });

    it("stay in the registry when they leave the program", async () => {
      const digest = String((await newImage()).state.digest);
      const held = await sign([{ digest }]);
      bench.forget();
      await provider.delete(held);
      assert.deepEqual(bench.writeLines(), []);
      await verify(digest);
    });

    it("with a key made on demand are accepted by cosign", async () => {
      const digest = String((await newImage()).state.digest);
      const generated = { key: ".slipway/keys/cosign.key", generate: true };
      const held = await provider.create(signature, {
        repository,
        subjects: [{ digest }],
        signer: generated,
      });
      assert.deepEqual(held.state.missing, []);
      await verify(digest, ".slipway/keys/cosign.pub");
      // Somebody's own password is not that of the key.
      const other = await bench.provider({}, { COSIGN_PASSWORD: "hunter22" });
      const again = await other.create(signature, { repository, subjects: [{ digest }], signer: generated });
      assert.deepEqual(again.state.signatures, held.state.signatures);
    });

    it("take the password from the environment; without one a preview knows the key from its public half", async () => {
      const digest = String((await newImage()).state.digest);
      const inputs = { repository, subjects: [{ digest }], signer: { key: "cosign.key" } };
      const preview = await provider.create(signature, inputs, true);
      assert.equal(preview.state.publicKey, await readFile(file("cosign.pub"), "utf8"));
      await assert.rejects(provider.create(signature, inputs), /is encrypted, and there is no password/);
      const withPassword = await bench.provider({}, { COSIGN_PASSWORD: password });
      const held = await withPassword.create(signature, inputs);
      assert.deepEqual(held.state.missing, []);
      // Observing needs no password.
      assert.deepEqual((await provider.read(held))?.state, held.state);
    });

    const findings: [string, () => Properties, string, RegExp][] = [
      ["no signer", () => ({ signer: {} }), "signer", /one of `key`, `kms` and `keyless`/],
      ["two signers", () => ({ signer: { key: "a", kms: "awskms:///a" } }), "signer", /one of `key`/],
      [
        "a missing key",
        () => ({ signer: { key: "none.key" } }),
        "signer",
        /none\.key does not exist.*generate-key-pair/,
      ],
      [
        "a wrong password",
        () => ({ signer: { key: "cosign.key", password: secret("hunter22") } }),
        // The engine would print the value of the property that is named.
        "",
        /^signer: .*the password is wrong/,
      ],
      ["a public key", () => ({ signer: { key: "cosign.pub" } }), "signer", /holds a public key/],
      ["no subject", () => ({ subjects: [] }), "subjects", /at least one digest/],
      [
        "the older scheme with an identity",
        () => ({
          legacy: true,
          signer: { keyless: { issuer: "https://a.example", identity: "a", trustedRoot: "root.json" } },
        }),
        "legacy",
        /needs a signer with `key` or `kms`/,
      ],
      [
        "an identity without a name",
        () => ({ signer: { keyless: { issuer: "https://a.example", trustedRoot: "root.json" } } }),
        "signer.keyless.identity",
        /one of `identity` and `identityPattern`/,
      ],
    ];
    for (const [what, change, property, reason] of findings) {
      it(`refuse ${what} before anything is done`, async () => {
        bench.forget();
        const inputs = {
          repository,
          subjects: [{ digest: `sha256:${"0".repeat(64)}` }],
          signer,
          ...change(),
        };
        await assert.rejects(provider.check(signature, inputs), (error: CheckFailed) => {
          assert.deepEqual(
            error.failures.map((failure) => failure.property),
            [property],
          );
          assert.match(error.failures[0]?.reason ?? "", reason);
          assert.ok(!error.message.includes("hunter22") && !error.message.includes(password));
          return true;
        });
        assert.deepEqual(bench.writeLines(), []);
      });
    }
  });
}
