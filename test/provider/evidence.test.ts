import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import * as path from "node:path";
import { givenEvidence, takenEvidence } from "../../provider/evidence/guard";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { definitions } from "../../resources/definitions/definitions";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { pushImage, textLayer, useWorkbench, type Workbench } from "./workbench";

const gate = "slipway:gate:Check";
const tag = "slipway:oci:Tag";
const other = `sha256:${"0".repeat(64)}`;

interface Item {
  kind: string;
  subject: string;
  result: string;
  by: string;
  detail?: string;
}

describe("evidence", () => {
  it("is taken and given by these types", () => {
    const fieldsOf = (fields: typeof givenEvidence) =>
      Object.fromEntries(
        definitions.flatMap((definition) => {
          const names = fields(definition);
          return names.length > 0 ? [[definition.token, names.join()]] : [];
        }),
      );
    assert.deepEqual(fieldsOf(takenEvidence), {
      "slipway:github:Release": "evidence",
      "slipway:oci:Mirror": "evidence",
      "slipway:oci:Tag": "evidence",
      "slipway:oci:Tags": "evidence",
      "slipway:release:Directory": "evidence",
      "slipway:trust:Scan": "sboms",
    });
    assert.deepEqual(fieldsOf(givenEvidence), {
      "slipway:build:Command": "evidence",
      "slipway:gate:Check": "evidence",
      "slipway:trust:Attestation": "evidence",
      "slipway:trust:FileSignature": "evidence",
      "slipway:trust:Provenance": "evidence",
      "slipway:trust:Sbom": "evidence",
      "slipway:trust:Scan": "evidence",
      "slipway:trust:Signature": "evidence",
      "slipway:trust:Verification": "evidence",
    });
  });
});

describe("evidence that a program passes on", () => {
  let bench: Workbench;
  let provider: ProviderProcess;
  let repository: string;
  let digest: string;

  useWorkbench(
    { start: () => startDistribution(), tools: ["registry", "crane"], folder: "evidence/test" },
    (test) => ({ bench, provider, repository } = test),
  );
  beforeEach(async () => {
    digest = await pushImage(provider, repository);
    bench.forget();
  });

  /** A check of the image that passes or, being advisory, misses. */
  const declared = (program = "true"): Properties => ({
    subject: digest,
    command: { command: [program] },
    advisory: true,
  });
  const runCheck = (program?: string, name?: string, by = provider) =>
    by.create(gate, declared(program), false, name);
  const given = (held: Held) => held.state.evidence as Item[];
  const inputs = (evidence: unknown, fields: Properties = {}): Properties => ({
    repository,
    digest,
    tag: "v1.0.0",
    moves: "never",
    evidence,
    ...fields,
  });

  async function refused(work: Promise<unknown>, property: string, reason: RegExp): Promise<void> {
    await assert.rejects(work, (error: CheckFailed) => {
      assert.deepEqual(
        error.failures?.map((one) => one.property),
        [property],
        error.message,
      );
      assert.match(error.message, reason);
      return true;
    });
    assert.deepEqual(bench.writeLines(), []);
  }

  it("publishes where it is as it was given", async () => {
    const evidence = given(await runCheck());
    await provider.create(tag, inputs(evidence));
    assert.equal(await bench.digestOf(`${repository}:v1.0.0`), digest);
  });

  it("is kept among the inputs of who takes it, and taken over where a former version kept it twice", async () => {
    const evidence = given(await runCheck());
    const held = await provider.create(tag, inputs(evidence));
    assert.deepEqual(held.inputs.evidence, evidence);
    const twice = { ...held.state, evidence, evidenceDigest: held.inputs.evidenceDigest };
    for (const state of [held.state, twice]) {
      const read = await provider.read({ ...held, state });
      assert.deepEqual(Object.keys(read?.state ?? {}).sort(), [
        "digest",
        "mediaType",
        "moves",
        "reference",
        "repository",
        "tag",
      ]);
      assert.deepEqual(read && (await provider.diff(read, inputs(evidence))).changes, []);
    }
  });

  it("is the same with its keys in another order", async () => {
    const [{ kind, subject, ...rest } = {}] = given(await runCheck()) as Partial<Item>[];
    await provider.check(tag, inputs([{ ...rest, subject, kind }]));
  });

  describe("is refused before anything is asked of the registry", () => {
    const rewritten: [what: string, rewrite: (item: Item) => object, reason: RegExp][] = [
      ["with another result", (item) => ({ ...item, result: "passed" }), /what was given says "failed"/],
      ["with other words", (item) => ({ ...item, detail: "all is well" }), /given with other words/],
      [
        "about another digest",
        (item) => ({ ...item, subject: other }),
        /given by no resource of this run, so/,
      ],
      ["of another kind", (item) => ({ ...item, kind: "signature" }), /"kind":"signature"/],
      ["by somebody else", (item) => ({ ...item, by: "the auditor" }), /the auditor/],
      [
        "with another file as the signature",
        (item) => ({ ...item, result: "failed", bundleDigest: other }),
        /one like it was given with other words/,
      ],
    ];
    for (const [what, rewrite, reason] of rewritten) {
      it(what, async () => {
        const items = given(await runCheck("false"));
        const work = provider.check(tag, inputs([...items, ...items.map(rewrite)]));
        await refused(work, "evidence[1]", reason);
        assert.deepEqual(bench.proxy.requests, []);
      });
    }

    const publishing: [type: string, fields: () => Properties, named: RegExp][] = [
      [tag, () => ({ repository, digest, tag: "v1.0.0", moves: "never" }), /:v1\.0\.0 stays as it is/],
      [
        "slipway:oci:Tags",
        () => ({ repository, digest, tags: [{ tag: "v1.0.0", moves: "never" }] }),
        /:v1\.0\.0 stays as it is/,
      ],
      [
        "slipway:oci:Mirror",
        () => ({ source: repository, target: `${repository}-mirror`, digest }),
        /-mirror stays as it is/,
      ],
      [
        "slipway:release:Directory",
        () => ({ directory: "public", tag: "v1.0.0", assets: [{ name: "a", path: "a", digest }] }),
        /public:v1\.0\.0 stays as it is/,
      ],
      [
        "slipway:github:Release",
        () => ({ repository: "acme/hello", tag: "v1.0.0", assets: [] }),
        /acme\/hello:v1\.0\.0 stays as it is/,
      ],
    ];
    for (const [type, fields, named] of publishing) {
      it(`by ${type}`, async () => {
        const forged = { kind: "signature", subject: digest, result: "passed", by: "me" };
        await refused(provider.check(type, { ...fields(), evidence: [forged] }), "evidence[0]", named);
      });
    }

    it("by a scan, which reads the SBOM that it names", async () => {
      const forged = { kind: "sbom", subject: digest, result: "passed", by: "me", referrer: other };
      const subjects = [{ digest, platform: "linux/amd64" }];
      const work = provider.check("slipway:trust:Scan", { repository, subjects, sboms: [forged] });
      await refused(work, "sboms[0]", /given by no resource/);
    });

    it("where the resource has said something else since", async () => {
      const earlier = await runCheck();
      const later = await provider.update(earlier, declared("false"));
      const both = [...given(earlier), ...given(later)];
      await refused(provider.check(tag, inputs(both)), "evidence[0]", /given by no resource of this run/);
      await provider.check(tag, inputs(given(later)));
    });

    it("where the program claims that it was looked at", async () => {
      const forged = { kind: "signature", subject: digest, result: "passed", by: "me" };
      const held = await provider.create(tag, inputs(given(await runCheck())));
      bench.forget();
      const claim = { evidenceDigest: held.inputs.evidenceDigest };
      await refused(provider.check(tag, inputs([forged], claim), held.inputs), "evidence[0]", /no resource/);
    });
  });

  it("is looked at by the update where a preview does not know it", async () => {
    const checked = await provider.checkKeepingSecrets(tag, inputs(unknown));
    await provider.createChecked(tag, checked, true);
    await assert.rejects(provider.createChecked(tag, checked), /its evidence is not known/);
    const forged = { kind: "signature", subject: digest, result: "passed", by: "me" };
    await refused(provider.check(tag, inputs([unknown, forged])), "evidence[1]", /"by":"me"/);
  });

  it("is not taken past the check", async () => {
    const checked = await provider.checkKeepingSecrets(tag, inputs(given(await runCheck())));
    const [item] = checked.values.evidence as Item[];
    const changed = { ...checked, values: { ...checked.values, evidence: [{ ...item, by: "me" }] } };
    await assert.rejects(provider.createChecked(tag, changed), /was changed after it was checked/);
    assert.deepEqual(bench.writeLines(), []);
  });

  it("goes along with what has failed about the digest", async () => {
    const passed = given(await runCheck("true", "first"));
    const failed = given(await runCheck("false", "second"));
    await refused(
      provider.check(tag, inputs(passed)),
      "evidence",
      new RegExp(`leaves out that the check of ${digest} by false has failed`),
    );
    await provider.check(tag, inputs([...passed, ...failed]));
  });

  it("goes along with what has failed about an image that the index lists", async () => {
    const image = await provider.create("slipway:oci:Image", {
      repository,
      platform: "linux/arm64",
      layers: [textLayer()],
    });
    const manifests = [image.state.descriptor];
    const index = String(
      (await provider.create("slipway:oci:Index", { repository, manifests })).state.digest,
    );
    const about = (subject: unknown, program: string, name: string) =>
      provider.create(gate, { ...declared(program), subject }, false, name);
    const passed = given(await about(index, "true", "first"));
    const failed = given(await about(image.state.digest, "false", "second"));
    bench.forget();
    for (const [type, fields] of [
      [tag, { repository, digest: index, tag: "v1.0.0", moves: "never" }],
      [
        "slipway:oci:Mirror",
        {
          ...{ source: repository, digest: index, target: `${repository}-mirror` },
          ...{ tags: [{ tag: "v1.0.0", moves: "never" }], platforms: ["linux/arm64"] },
        },
      ],
    ] as const) {
      await refused(
        provider.check(type, { ...fields, evidence: passed }),
        "evidence",
        new RegExp(`leaves out that the check of ${String(image.state.digest)} by false has failed`),
      );
      await provider.check(type, { ...fields, evidence: [...passed, ...failed] });
    }
  });

  it("goes along with what has failed about a file of a release", async () => {
    await bench.write("tool", "tool");
    const file = {
      path: "tool",
      name: "tool",
      digest: `sha256:${createHash("sha256").update("tool").digest("hex")}`,
    };
    await provider.create(gate, { ...declared("false"), subject: file.digest });
    const release = { directory: "public", tag: "v1.0.0", assets: [file] };
    await refused(
      provider.check("slipway:release:Directory", { ...release, evidence: [] }),
      "evidence",
      new RegExp(`leaves out that the check of ${file.digest} by false has failed`),
    );
  });

  it("does not count while its resource looks again", async () => {
    const before = await runCheck("true", "looked");
    const later = await bench.provider();
    const evidence = inputs(given(before));
    assert.deepEqual((await later.diff(before, declared())).changes, []);
    await later.check(tag, evidence);
    await later.checkKeepingSecrets(gate, declared("false"), before.inputs, "looked");
    await refused(later.check(tag, evidence), "evidence[0]", /given by no resource of this run/);
    assert.notDeepEqual((await later.diff(before, declared("false"))).changes, []);
    await refused(later.check(tag, evidence), "evidence[0]", /given by no resource of this run/);
    await later.check(tag, inputs(given(await later.update(before, declared("false")))));
  });

  it("may be that of the state, for a resource that is as it was", async () => {
    const held = await runCheck();
    const later = await bench.provider();
    await refused(later.check(tag, inputs(given(held))), "evidence[0]", /given by no resource of this run/);
    assert.deepEqual((await later.diff(held, declared())).changes, []);
    bench.forget();
    await later.create(tag, inputs(given(held)));
    assert.equal(await bench.digestOf(`${repository}:v1.0.0`), digest);
  });

  it("is not what a resource said before, once it is about to say something else", async () => {
    const held = await runCheck();
    const later = await bench.provider();
    const changed = { ...declared(), triggers: ["again"] };
    assert.notDeepEqual((await later.diff(held, changed)).changes, []);
    await refused(later.check(tag, inputs(given(held))), "evidence[0]", /given by no resource of this run/);
    const again = await later.update(held, changed);
    await later.check(tag, inputs(given(again)));
  });

  it("is not that of a resource which is only observed", async () => {
    const held = await runCheck();
    const later = await bench.provider();
    await later.read(held);
    await refused(later.check(tag, inputs(given(held))), "evidence[0]", /given by no resource of this run/);
  });

  it("cannot be written into a resource that is read by an ID", async () => {
    const forged = { kind: "attestation", subject: digest, result: "passed", by: "me" };
    const state = { repository, statements: [], attestations: [], missing: [], evidence: [forged] };
    const urn = "urn:pulumi:dev::test::slipway:trust:Attestation::it";
    await assert.rejects(provider.read({ urn, id: "x", inputs: state, state }), /cannot be read by an ID/);
  });

  describe("while the engine asks only about the target", () => {
    let held: Held;
    let targeted: ProviderProcess;
    beforeEach(async () => {
      held = await provider.create(tag, inputs(given(await runCheck()), { moves: "always", tag: "main" }));
      targeted = await bench.provider();
      bench.forget();
    });

    it("is what it was, for what is published already", async () => {
      assert.deepEqual((await targeted.diff(held, held.inputs)).changes, []);
    });

    it("does not publish anything else", async () => {
      const next = await pushImage(provider, repository);
      bench.forget();
      for (const fields of [{ digest: next }, { tag: "other" }]) {
        const work = targeted.diff(held, { ...held.inputs, ...fields });
        await refused(work, "evidence[0]", /With --target or --exclude, include those resources/);
      }
    });

    it("is not believed where no check has looked at it, as in a state of an earlier version", async () => {
      const { evidenceDigest: _evidenceDigest, ...earlier } = held.inputs;
      const work = targeted.diff({ ...held, inputs: earlier }, earlier);
      await refused(work, "evidence[0]", /given by no resource of this run/);
    });
  });

  describe("between the providers of one run", () => {
    it("is known to each, in a file that only the user can read", async () => {
      const second = await bench.provider({}, {}, provider);
      const evidence = given(await runCheck());
      await second.create(tag, inputs(evidence));
      assert.equal(await bench.digestOf(`${repository}:v1.0.0`), digest);
      bench.forget();
      await second.create(gate, declared("false"), false, "second");
      await refused(provider.check(tag, inputs(evidence, { tag: "v2" })), "evidence", /by false has failed/);
      const folder = path.join(bench.project, ".slipway", "runs");
      for (const name of await readdir(folder)) {
        assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600);
      }
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
    });

    it("is not known to those of another run", async () => {
      const apart = await bench.provider();
      await refused(
        apart.check(tag, inputs(given(await runCheck()))),
        "evidence[0]",
        /no resource of this run/,
      );
    });

    it("is kept without the text of what was found", async () => {
      await runCheck("true");
      const folder = path.join(bench.project, ".slipway", "runs");
      const texts = await Promise.all(
        (await readdir(folder)).map((name) => readFile(path.join(folder, name), "utf8")),
      );
      assert.ok(texts.join("").includes(digest));
      assert.doesNotMatch(texts.join(""), /detail|output/);
    });
  });
});
