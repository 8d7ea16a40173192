import assert from "node:assert/strict";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { crane, runClient } from "../support/clients";
import { cosignPrograms, cosignVerify, cosignVerifyAttestation, type CosignProgram } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, startReferrersRegistry, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { RequestRecord } from "./observation";
import { referrersOf, signWithProjectKey, subjectsOf, trustProgram, type Referrer } from "./trust-program";

const password = "of this test only";
const signatureType = "https://sigstore.dev/cosign/sign/v1";

const kinds = [
  { name: "a registry without the referrers API", start: startDistribution },
  { name: "a registry with the referrers API", start: startReferrersRegistry },
];

for (const { name, start } of kinds) {
  describe(`trust: a distribution that is signed, in ${name}`, function () {
    let registry: TestRegistry;
    let project: EngineProject;
    let app: string;
    let publicKey: string;
    let otherKey: string;
    /** The index, and the manifests of amd64 and arm64. */
    let subjects: string[];

    before(async function () {
      requireTools(this, "pulumi", "registry", "referrers-registry", "crane", "cosign", "cosign-v2", "oras");
      registry = await start();
      app = `${registry.host}/app`;
      const [pair, other] = [await generateKeyPairFiles(password), await generateKeyPairFiles(password)];
      project = await EngineProject.create({
        program: trustProgram({ registries: [registry.host], version: "v1.0.0", trust: signWithProjectKey }),
        files: {
          "cosign.key": pair.privateKey,
          "cosign.pub": pair.publicKey,
          "other.pub": other.publicKey,
          "content/app.txt": "one\n",
        },
        secrets: { password },
      });
      publicKey = path.join(project.directory, "cosign.pub");
      otherKey = path.join(project.directory, "other.pub");
      await project.upWithoutPreview();
      subjects = await subjectsOf(app, await crane(["digest", `${app}:v1.0.0`]));
    });

    after(async () => {
      await project?.remove();
      await registry?.stop();
    });

    const reference = (digest: string | undefined) => `${app}@${digest}`;

    const referrers = () => Promise.all(subjects.map((digest) => referrersOf(app, digest)));

    function ofType(list: readonly Referrer[] | undefined, type: string): string {
      const found = list?.find((one) => one.type === type);
      assert.ok(found, `no ${type} among ${JSON.stringify(list)}`);
      return found.digest;
    }

    /**
     * cosign takes any attestation by the key for a signature: what counts is that it names one.
     */
    async function acceptedTypes(
      digest: string | undefined,
      program: CosignProgram = "cosign",
    ): Promise<string[]> {
      const accepted = JSON.parse(await cosignVerify(reference(digest), publicKey, program)) as {
        critical: { type: string; image: { "docker-manifest-digest": string } };
      }[];
      for (const { critical } of accepted) assert.equal(critical.image["docker-manifest-digest"], digest);
      return accepted.map(({ critical }) => critical.type);
    }

    for (const program of cosignPrograms) {
      it(`BLEU-31, TINY-27: ${program} accepts the index and the manifest of each platform, by digest`, async () => {
        assert.equal(subjects.length, 3);
        for (const digest of subjects) {
          const types = await acceptedTypes(digest, program);
          assert.ok(types.includes(signatureType), types.join(", "));
        }
      });

      it(`BLEU-31: ${program} rejects another key`, async () => {
        for (const digest of subjects) {
          await assert.rejects(
            cosignVerify(reference(digest), otherKey, program),
            /no matching (signatures|attestations): .*signature/,
          );
        }
      });

      it(`BLEU-33, TINY-28: ${program} accepts SBOM and provenance as attestations of each`, async () => {
        for (const digest of subjects) {
          for (const type of ["spdxjson", "cyclonedx", "slsaprovenance1"]) {
            await cosignVerifyAttestation(reference(digest), type, publicKey, program);
          }
          await assert.rejects(cosignVerifyAttestation(reference(digest), "vuln", publicKey, program));
          await assert.rejects(
            cosignVerifyAttestation(reference(digest), "spdxjson", otherKey, program),
            /no matching attestations: .*signature/,
          );
        }
      });
    }

    it("BLEU-31: both reject a digest that is not signed, in the same repository", async () => {
      const copy = `${app}:unsigned`;
      await crane(["mutate", reference(subjects[1]), "--label", "changed=yes", "--tag", copy]);
      const digest = await crane(["digest", copy]);
      assert.ok(!subjects.includes(digest));
      for (const program of cosignPrograms) {
        await assert.rejects(
          cosignVerify(reference(digest), publicKey, program),
          /no signatures|no matching/,
        );
      }
      await crane(["delete", copy]);
    });

    it("oras lists signature, SBOMs and provenance of each, and cosign tree the same digests", async () => {
      for (const list of await referrers()) {
        assert.deepEqual(list.map(({ type }) => type).sort(), [
          "application/spdx+json",
          "application/vnd.cyclonedx+json",
          "https://cyclonedx.org/bom",
          signatureType,
          "https://slsa.dev/provenance/v1",
          "https://spdx.dev/Document",
        ]);
      }
      const [ofIndex = []] = await referrers();
      const tree = await runClient("cosign", ["tree", "--allow-http-registry", reference(subjects[0])]);
      for (const { digest } of ofIndex) assert.ok(tree.includes(digest), `${digest} is not in ${tree}`);
    });

    it("changes nothing the second time, and writes nothing", async () => {
      const before = await referrers();
      const record = registry.requests().length > 0 ? new RequestRecord(registry) : undefined;
      await record?.take();
      const counts = resourceCounts(await project.up());
      assert.deepEqual(Object.keys(counts), ["unchanged"]);
      // The registry with the referrers API writes no log of accesses.
      assert.equal(record === undefined, start === startReferrersRegistry);
      if (record) assert.deepEqual(await record.takeWrites(), []);
      assert.deepEqual(await referrers(), before);
    });

    it("shows in a plain preview that a signature and an SBOM were deleted, and up restores both", async () => {
      const before = await referrers();
      const [, ofAmd64 = [], ofArm64 = []] = before;
      await crane(["delete", reference(ofType(ofAmd64, signatureType))]);
      await crane(["delete", reference(ofType(ofArm64, "application/spdx+json"))]);
      assert.ok(!(await acceptedTypes(subjects[1])).includes(signatureType));

      const preview = await project.preview();
      assert.match(preview, /~ slipway:trust:Signature: \(update\)/);
      assert.match(preview, /~ slipway:trust:Sbom: \(update\)/);
      assert.match(preview, new RegExp(`no signature holds for ${subjects[1]?.slice(0, 19)}`));
      assert.match(preview, /missing[^]*app-linux-arm64\.spdx\.json/);

      await project.upWithoutPreview();
      assert.ok((await acceptedTypes(subjects[1])).includes(signatureType));
      // An SBOM is made again byte for byte; a signature by ECDSA never is.
      const after = await referrers();
      assert.deepEqual(after[2], before[2]);
      assert.deepEqual(after[0], before[0]);
      assert.equal(after[1]?.length, before[1]?.length);
      assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
    });
  });
}
