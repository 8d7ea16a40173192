import assert from "node:assert/strict";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { cosignVerify, cosignVerifyAttestation } from "../support/cosign";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { imageNames, platforms } from "./tinyolly";
import { beside, type RedirectedProd } from "./tinyolly-stack";

interface Outputs {
  externalImages: Record<string, string>;
  proven: Record<string, Record<string, string>>;
}

interface Spdx {
  packages: { name: string; externalRefs?: { referenceLocator: string }[] }[];
}

/** What is attached to the published images of v2.0.0, by cosign, crane and oras. */
export function checkProofs(prod: () => RedirectedProd): void {
  const reference = (name: string) => `${prod().repository(name)}:v2.0.0`;
  const key = () => path.join(prod().project.directory, "cosign.pub");

  /** The SPDX document of an index, whose signature cosign has verified. */
  async function sbomOf(name: string): Promise<Spdx> {
    const attested = await cosignVerifyAttestation(reference(name), "spdxjson", key());
    const { payload } = JSON.parse(attested.split("\n")[0] ?? "") as { payload: string };
    const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as { predicate: Spdx };
    return statement.predicate;
  }

  it("TINY-27: cosign verifies the signature of all five, and refuses them with another key", async () => {
    const { publicKey } = await generateKeyPairFiles("of somebody else");
    await prod().project.write({ "other.pub": publicKey });
    const other = path.join(prod().project.directory, "other.pub");
    for (const name of imageNames) {
      await cosignVerify(reference(name), key());
      await assert.rejects(cosignVerify(reference(name), other));
    }
  });

  it("TINY-21, TINY-28: images of others are in the outputs and in the SBOM of each image, by digest", async () => {
    const { externalImages } = await prod().project.outputs<Outputs>();
    const resolved = Object.entries(beside(prod().host)).map(
      async ([name, image]) => [name, `${image}@${await crane(["digest", image])}`] as const,
    );
    assert.deepEqual(externalImages, Object.fromEntries(await Promise.all(resolved)));
    assert.equal(Object.keys(externalImages).length, 3);
    for (const name of imageNames) {
      const text = JSON.stringify(await sbomOf(name));
      for (const image of Object.values(externalImages))
        assert.ok(text.includes(image), `${image} in ${name}`);
    }
  });

  it("TINY-26: each image has a scan that passed, with its reports in the registry", async () => {
    const { proven } = await prod().project.outputs<Outputs>();
    for (const name of imageNames) {
      assert.equal(proven[name]?.scan, "passed (secrets only)", name);
      for (const platform of platforms) {
        const digest = await crane(["digest", "--platform", platform, reference(name)]);
        const found = await runClient("oras", [
          ...["discover", "--plain-http", "--format", "json", "--artifact-type", "application/sarif+json"],
          `${prod().repository(name)}@${digest}`,
        ]);
        assert.match(found, /"application\/sarif\+json"/, `${name} for ${platform}`);
      }
    }
  });
}
