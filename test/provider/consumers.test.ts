import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { bundleMediaType } from "../../lib/sigstore";
import { crane, runClient } from "../support/clients";
import { containersAllow, writeContainersPolicy, type SignedIdentity } from "../support/containers-policy";
import { cosignSign } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { secret, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools, toolPath } from "../support/tools";
import { measuredConsumers, signedForms, type SignedForm } from "./consumer-table";
import { textLayer, Workbench } from "./workbench";

const password = "correct horse battery staple";

describe("who can verify what is signed", function () {
  this.timeout(180_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  /** Repositories by how the index and its platform in them are signed. */
  const signed = new Map<SignedForm, { repository: string; index: string; platform: string }>();

  const file = (name: string) => path.join(bench.project, name);
  const of = (form: SignedForm) => signed.get(form)!;

  before(async function () {
    requireTools(this, "registry", "crane", "oras", "cosign", "cosign-v2");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
    for (const stem of ["cosign", "other"]) await writeKeyPair(bench.project, stem, password);
    for (const form of signedForms) {
      const repository = bench.repository(`consumers/${form}`);
      const image = await provider.create("slipway:oci:Image", {
        repository,
        platform: "linux/amd64",
        layers: [textLayer()],
      });
      const made = await provider.create("slipway:oci:Index", {
        repository,
        manifests: [image.state.descriptor],
      });
      const [index, platform] = [String(made.state.digest), String(image.state.digest)];
      await crane(["tag", `${repository}@${index}`, "v1"]);
      signed.set(form, { repository, index, platform });
      if (form === "legacy") {
        for (const digest of [index, platform])
          await cosignSign(`${repository}@${digest}`, file("cosign.key"), password, "cosign-v2");
      } else {
        await provider.create("slipway:trust:Signature", {
          repository,
          subjects: [{ digest: index }, { digest: platform, platform: "linux/amd64" }],
          signer: { key: "cosign.key", password: secret(password) },
          ...(form === "both" && { legacy: true }),
        });
      }
    }
  });
  after(() => bench?.close());

  const refused = (verify: () => Promise<unknown>) =>
    verify().then(
      () => undefined,
      (error: Error) => error.message,
    );

  /** What copies of an image have of its signatures, where each is told to take all with it. */
  const copies: [
    what: string,
    copy: (from: string, to: string) => Promise<string>,
    bundle: boolean,
    legacy: boolean,
  ][] = [
    ["crane copy", (from, to) => crane(["copy", from, to]), false, false],
    [
      "oras copy --recursive",
      (from, to) =>
        runClient("oras", ["copy", "--recursive", "--from-plain-http", "--to-plain-http", from, to]),
      true,
      false,
    ],
    [
      "cosign copy",
      (from, to) => runClient("cosign", ["copy", "--allow-http-registry", from, to]),
      false,
      true,
    ],
  ];
  for (const { title, tools, version, verify, takes } of measuredConsumers) {
    it(`BLEU-31, TINY-27: ${title} takes what docs/consumers.md says, of an index and of a platform`, async function () {
      requireTools(this, ...tools);
      const found = await version();
      requirement(this, title.includes(found), `another version is on this machine: ${found}`);
      for (const form of signedForms) {
        const { repository, index, platform } = of(form);
        for (const digest of [index, platform]) {
          const reason = await refused(() => verify(repository, digest, file("cosign.pub"), bench.project));
          assert.equal(reason === undefined, takes[form], `${form}: ${reason ?? "is taken"}`);
          const other = await refused(() => verify(repository, digest, file("other.pub"), bench.project));
          assert.ok(other !== undefined, `${form}: is taken with another key`);
        }
      }
    });
  }

  it("is what the table of docs/consumers.md says", async () => {
    const page = await readFile("docs/consumers.md", "utf8");
    const word = (taken: boolean) => (taken ? "yes" : "no");
    for (const { title, takes } of measuredConsumers) {
      const row = `| ${[title, ...signedForms.map((form) => word(takes[form]))].join(" | ")} |`;
      assert.ok(page.includes(row), `docs/consumers.md lacks ${row}`);
    }
    for (const [what, , bundle, legacy] of copies) {
      const row = `| \`${what}\` | ${word(bundle)} | ${word(legacy)} |`;
      assert.ok(page.includes(row), `docs/consumers.md lacks ${row}`);
    }
  });

  const identities: [SignedIdentity | undefined, reference: "tag" | "digest", taken: boolean][] = [
    ["matchRepository", "tag", true],
    ["matchRepository", "digest", true],
    [undefined, "digest", false],
    [undefined, "tag", false],
    ["matchExact", "tag", false],
    ["matchExact", "digest", false],
  ];
  for (const [identity, by, taken] of identities) {
    it(`podman's library ${taken ? "takes" : "refuses"} a reference by ${by}, with ${identity ?? "no"} signedIdentity`, async function () {
      requireTools(this, "containers-policy");
      const { repository, index } = of("both");
      const policy = await writeContainersPolicy(bench.project, repository, file("cosign.pub"), identity);
      const reference = by === "tag" ? `${repository}:v1` : `${repository}@${index}`;
      const reason = await refused(() => containersAllow(policy, reference));
      assert.equal(reason === undefined, taken, reason);
      if (!taken) assert.match(reason ?? "", /identity|accept/i);
    });
  }

  it("is looked at by a gate: each consumer that is declared, and by cosign itself where it can be", async () => {
    const withCosign = await bench.provider(
      {},
      { PATH: `${path.dirname(toolPath("cosign"))}${path.delimiter}${process.env.PATH ?? ""}` },
    );
    const gate = (form: SignedForm, consumers: string[], by = provider) => {
      const { repository, index, platform } = of(form);
      const subjects = [{ digest: index }, { digest: platform, platform: "linux/amd64" }];
      const inputs = { repository, subjects, verifier: { publicKey: "cosign.pub" }, consumers };
      return by.create("slipway:trust:Verification", inputs);
    };
    const all = ["cosign", "podman", "kyverno", "policy-controller"];
    const held = await gate("both", all);
    const readable = held.state.readable as Properties[];
    assert.deepEqual(
      readable.slice(0, 4).map(({ consumer, form }) => [consumer, form]),
      [
        ["cosign", "bundle"],
        ["podman", "legacy"],
        ["kyverno", "legacy"],
        ["policy-controller", "legacy"],
      ],
    );
    assert.equal(readable.length, 8);
    const judged = (await gate("both", all, withCosign)).state.readable as Properties[];
    assert.match(String(judged[0]?.checkedBy), /^cosign v3\./);
    assert.match(String(judged[1]?.checkedBy), /^Slipway \(/);
    assert.deepEqual((await provider.read(held))?.state, held.state);
    assert.deepEqual((await provider.diff(held, held.inputs)).changes, []);
    await gate("legacy", all);
    await assert.rejects(
      gate("bundle", all),
      /podman, skopeo, CRI-O, bootc can verify no signature of sha256:.*older scheme alone/,
    );
    await gate("bundle", ["cosign"]);
  });

  for (const [what, copy, bundle, legacy] of copies) {
    it(`${what} takes ${bundle ? "bundles" : "no bundles"} and ${legacy ? "the tag" : "no tag"} .sig with the image`, async () => {
      const { repository, index } = of("both");
      const target = bench.repository(`copies/${what.replaceAll(/[^a-z]/g, "")}`);
      await copy(`${repository}:v1`, `${target}:v1`);
      const listed = ["--format", "json", "--artifact-type", bundleMediaType, `${target}@${index}`];
      // Some leave the image itself where the list of a registry without the API is.
      const text = await runClient("oras", ["discover", "--plain-http", ...listed]).catch(() => "{}");
      const found = JSON.parse(text) as Record<string, { artifactType?: string }[] | undefined>;
      const bundles = (found.referrers ?? found.manifests ?? []).filter(
        ({ artifactType }) => artifactType === bundleMediaType,
      );
      assert.equal(bundles.length > 0, bundle);
      const tags = await crane(["ls", target]);
      assert.equal(tags.includes(`${index.replace(":", "-")}.sig`), legacy);
    });
  }
});
