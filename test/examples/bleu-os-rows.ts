import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { embeddedBuilderName } from "../../lib/embedded/builder-name";
import { crane, runClient } from "../support/clients";
import { cosignPrograms, cosignVerify, cosignVerifyAttestation } from "../support/cosign";
import { factsOfFirstRelease } from "./bleu-os-release";
import type { BleuProd } from "./bleu-os-stack";

const platforms = ["linux/amd64", "linux/arm64"] as const;

/**
 * What the requirements of Bleu OS ask of its first release in prod, by clients that are not ours.
 */
export function checkRows(prod: () => BleuProd): void {
  const image = () => prod().repositories().ghcr;
  const digest = (platform?: string, tag = "1.0.0") =>
    crane(["digest", ...(platform === undefined ? [] : ["--platform", platform]), `${image()}:${tag}`]);

  it("BLEU-17: one update with the pushed tag gives tags, notes, proofs and the results of all checks", async () => {
    const { github } = prod().services;
    const release = prod().releases.published("v1.0.0");
    assert.equal(release?.prerelease, false);
    assert.match(release?.body ?? "", /First release/);
    assert.deepEqual(github.violations, []);
    const folder = path.join(prod().project.workspace.root, "downloaded");
    await runClient("mkdir", ["-p", folder]);
    const documents = ["", "-linux-amd64", "-linux-arm64"].flatMap((platform) =>
      ["cdx", "spdx"].map((format) => `bleu-os${platform}.${format}.json`),
    );
    const assets = release?.assets.map(({ name }) => name) ?? [];
    const proven = ["SHA256SUMS", "releases.json"].flatMap((name) => [name, `${name}.sigstore.json`]);
    assert.deepEqual(assets.sort(), [...documents, ...proven].sort());
    for (const name of assets) {
      const url = `${github.url}/helloblueai/bleu-os/releases/download/v1.0.0/${name}`;
      await runClient("curl", ["-fsSL", "-o", path.join(folder, name), url]);
    }
    const sums = await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
    assert.equal(sums.split("\n").length, documents.length);
    const { checks, tags } = await prod().project.outputs<{
      checks: Record<string, { result: string }>;
      tags: { tag: string }[];
    }>();
    const { ghcr, dockerHub } = prod().repositories();
    const pulls = [ghcr, dockerHub].map((repository) => `clean-pull ${repository}`);
    for (const name of ["tests", "docs", "changelog", "git-tag", "reachable", ...pulls]) {
      assert.equal(checks[name]?.result, "passed", name);
    }
    assert.ok(tags.some(({ tag }) => tag === "v1.0.0"));
  });

  it("BLEU-19: only who signs in pulls from the customers' registry, and gets the public digest", async () => {
    const enterprise = `${prod().repositories().enterprise}:1.0.0`;
    await assert.rejects(crane(["digest", enterprise]), /UNAUTHORIZED/);
    await assert.rejects(crane(["pull", enterprise, "/dev/null"]), /UNAUTHORIZED/);
    assert.equal(await crane(["digest", enterprise], prod().signedIn), await digest());
    await crane(["validate", "--remote", enterprise], prod().signedIn);
  });

  it("BLEU-31: both cosigns verify the index in each public registry, and refuse another key", async () => {
    const { ghcr, dockerHub } = prod().repositories();
    const key = path.join(prod().project.directory, "cosign.pub");
    const other = path.join(prod().project.directory, "other.pub");
    await prod().project.write({ "other.pub": (await generateKeyPairFiles("another")).publicKey });
    for (const program of cosignPrograms) {
      for (const repository of [ghcr, dockerHub]) {
        const reference = `${repository}@${await digest()}`;
        await cosignVerify(reference, key, program);
        await assert.rejects(cosignVerify(reference, other, program));
      }
    }
  });

  it("BLEU-32, BLEU-33: each platform has a scan report, and an SBOM that names its packages", async () => {
    const key = path.join(prod().project.directory, "cosign.pub");
    for (const platform of platforms) {
      const reference = `${image()}@${await digest(platform)}`;
      const listed = await runClient("oras", [
        ...["discover", "--plain-http", "--format", "json", "--artifact-type", "application/sarif+json"],
        reference,
      ]);
      const { referrers = [] } = JSON.parse(listed) as { referrers?: { digest: string }[] };
      assert.equal(referrers.length, 1, platform);
      const [line = ""] = (await cosignVerifyAttestation(reference, "spdxjson", key)).split("\n");
      const { payload } = JSON.parse(line) as { payload: string };
      const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as {
        predicate: { packages: { name: string }[] };
      };
      const names = statement.predicate.packages.map(({ name }) => name);
      assert.ok(names.includes("libc6"), names.join());
    }
  });

  it("BLEU-04: a build of bleu-os/Dockerfile.production by hand makes the same images", async () => {
    const { project, services } = prod();
    const byHand = `${services.quay.host}/by-hand/bleu-os`;
    const stack = await readFile(path.join(project.directory, "Pulumi.prod.yaml"), "utf8");
    const configured = (key: string) => new RegExp(`^ {2}bleu-os:${key}: (.*)$`, "m").exec(stack)?.[1] ?? "";
    const args = {
      GO_IMAGE: configured("goImage"),
      DEBIAN_IMAGE: configured("debianImage"),
      VERSION: "1.0.0",
      SOURCE_DATE_EPOCH: "0",
    };
    const output = `type=image,name=${byHand}:latest,push=true,oci-mediatypes=true,rewrite-timestamp=true`;
    // A file more that nothing reads: the program is compiled again, where --no-cache would remove
    // Go's cache, too.
    await project.write({ "bleu-os/by-hand.txt": "" });
    await runClient(
      "docker-buildx",
      [
        ...["build", "--builder", embeddedBuilderName(project.workspace.examples)],
        ...["--provenance=false", "--progress=plain", "--platform", platforms.join()],
        ...["--file", path.join(project.directory, "bleu-os/Dockerfile.production")],
        ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
        ...Object.entries(factsOfFirstRelease).flatMap(([name, value]) => [
          "--label",
          `org.opencontainers.image.${name}=${value}`,
        ]),
        ...["--output", output, project.directory],
      ],
      project.env,
    );
    await rm(path.join(project.directory, "bleu-os/by-hand.txt"));
    // Configuration and layers; manifests of Slipway have annotations beside.
    const contentOf = async (reference: string, platform: string) => {
      const manifest = JSON.parse(await crane(["manifest", "--platform", platform, reference])) as {
        config: { digest: string };
        layers: { digest: string }[];
      };
      return [manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)];
    };
    for (const platform of platforms) {
      assert.deepEqual(
        await contentOf(`${byHand}:latest`, platform),
        await contentOf(`${image()}:1.0.0`, platform),
      );
    }
  });
}
