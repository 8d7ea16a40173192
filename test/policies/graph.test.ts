import assert from "node:assert/strict";
import { PackProcess, unknown, type StackResource } from "./pack-process";

const digest = `sha256:${"a".repeat(64)}`;
const platformDigest = `sha256:${"c".repeat(64)}`;
const repository = "ghcr.io/acme/hello";

/** An index whose digest is not known at preview, as where an image is built by BuildKit. */
const index: StackResource = {
  type: "slipway:oci:Index",
  name: "index",
  props: { repository, digest: unknown },
  from: { manifests: ["amd64"] },
};
const amd64: StackResource = {
  type: "docker-build:index:Image",
  name: "amd64",
  props: { push: false, digest: unknown },
};
const kinds = {
  "promoted-tags-are-signed": "slipway:trust:Signature",
  "promoted-tags-are-scanned": "slipway:trust:Scan",
  "promoted-tags-have-sbom": "slipway:trust:Sbom",
  "promoted-tags-have-provenance": "slipway:trust:Provenance",
} as const;

function proof(type: string, from: readonly string[], subjects: unknown = unknown): StackResource {
  return {
    type,
    name: "proof",
    props: { repository, subjects, evidence: unknown },
    from: { subjects: from },
  };
}

function tag(from: readonly string[], props: object = {}): StackResource {
  return {
    type: "slipway:oci:Tag",
    name: "tag",
    props: { repository, tag: "v1.2.3", digest: unknown, evidence: unknown, moves: "never", ...props },
    from: { digest: ["index"], evidence: from },
  };
}

describe("rules about evidence, by the graph", () => {
  let pack: PackProcess;
  before(async () => {
    pack = await PackProcess.start();
  });
  beforeEach(async () => {
    await pack.configure({});
    // Ends the run of the test before.
    await pack.analyzeStack([]);
    pack.takeReport();
  });
  after(() => pack?.stop());

  async function found(policy: string, stack: readonly StackResource[]): Promise<string[]> {
    const violations = await pack.analyzeStack(stack);
    return violations
      .filter((violation) => violation.policy === policy)
      .map(({ resource, message }) => `${resource}: ${message}`);
  }

  for (const [policy, type] of Object.entries(kinds)) {
    describe(`PROD-05: ${policy}, when digests are not known yet`, () => {
      it(`accepts evidence of a ${type} of the same index`, async () => {
        const stack = [amd64, index, proof(type, ["index", "amd64"]), tag(["proof"])];
        assert.deepEqual(await found(policy, stack), []);
      });

      it("finds evidence of a component that is called so", async () => {
        const feigned = { ...proof(type, ["index"]), isComponent: true };
        assert.equal((await found(policy, [amd64, index, feigned, tag(["proof"])])).length, 1);
      });

      it("finds evidence that comes from another kind of resource", async () => {
        const wrong = proof("slipway:trust:Attestation", ["index"]);
        const [message = ""] = await found(policy, [amd64, index, wrong, tag(["proof"])]);
        assert.match(
          message,
          /^tag: .*\n?tag ghcr.io\/acme\/hello:v1.2.3 has no .*its evidence comes from no/s,
        );
      });

      it("finds evidence of something else", async () => {
        const elsewhere: StackResource = { ...index, name: "elsewhere", from: {} };
        const stack = [amd64, index, elsewhere, proof(type, ["elsewhere"]), tag(["proof"])];
        const [message = ""] = await found(policy, stack);
        assert.match(message, /has no .* for its digest: proof is about something else/);
      });

      it("finds a plain docker-build program that pushes a tag as it builds", async () => {
        const pushed: StackResource = {
          type: "docker-build:index:Image",
          name: "app",
          props: { push: true, tags: [`${repository}:v1`], digest: unknown },
        };
        const [message = ""] = await found(policy, [pushed]);
        assert.match(
          message,
          /^app: .*docker-build:index:Image ghcr.io\/acme\/hello:v1 has no .* it is pushed under its tag/s,
        );
        const after = { ...proof(type, ["app"]), name: "after" };
        assert.deepEqual(await found(policy, [pushed, after]), []);
        // A program can call its components what it likes.
        assert.equal((await found(policy, [pushed, { ...after, isComponent: true }])).length, 1);
        const kind = { Signature: "signature", Scan: "scan", Sbom: "sbom", Provenance: "provenance" }[
          type.slice("slipway:trust:".length)
        ];
        const saying = (result: string) => ({
          ...after,
          props: { ...after.props, evidence: [{ kind, subject: digest, result, by: "it" }] },
        });
        assert.deepEqual(await found(policy, [pushed, saying("passed")]), []);
        const [failed = ""] = await found(policy, [pushed, saying("failed")]);
        assert.match(failed, /with the result "failed"/);
      });
    });
  }

  for (const [title, declared, settings, finding] of [
    [
      "a scan for secrets only",
      { kinds: ["secret"] },
      {},
      /will not be looked at for vulnerability \(secret\)/,
    ],
    [
      "a scan for secrets only, where that is asked for",
      { kinds: ["secret"] },
      { requiredKinds: ["secret"] },
      undefined,
    ],
    ["a scan for what its scanner finds", {}, {}, undefined],
    ["a scan for what is not known", { kinds: unknown }, {}, undefined],
    [
      "a scanner that finds no secrets",
      { scanner: { name: "grype" } },
      { requiredKinds: ["secret"] },
      /for secret \(vulnerability\)/,
    ],
  ] as const) {
    it(`${finding ? "finds" : "accepts"} at preview ${title}`, async () => {
      const rule = "promoted-tags-are-scanned";
      await pack.configure({ [rule]: settings });
      const made = proof("slipway:trust:Scan", ["index", "amd64"]);
      const scan = { ...made, props: { ...made.props, ...declared } };
      const messages = await found(rule, [amd64, index, scan, tag(["proof"])]);
      assert.equal(messages.length, finding ? 1 : 0, messages.join());
      if (finding) assert.match(messages[0] ?? "", finding);
    });
  }

  for (const [predicateTypes, proven] of [
    [undefined, ["promoted-tags-are-signed"]],
    [["https://spdx.dev/Document"], ["promoted-tags-have-sbom"]],
    [["https://slsa.dev/provenance/v1"], ["promoted-tags-have-provenance"]],
    [unknown, ["promoted-tags-are-signed", "promoted-tags-have-provenance", "promoted-tags-have-sbom"]],
  ] as const) {
    it(`takes a verification for what it asks for: ${predicateTypes === unknown ? "unknown" : (predicateTypes?.join() ?? "the default")}`, async () => {
      const asked = predicateTypes === undefined ? {} : { predicateTypes };
      const made = proof("slipway:trust:Verification", ["index"]);
      const stack = [amd64, index, { ...made, props: { ...made.props, ...asked } }, tag(["proof"])];
      const accepted: string[] = [];
      for (const policy of Object.keys(kinds)) {
        if ((await found(policy, stack)).length === 0) accepted.push(policy);
      }
      assert.deepEqual(accepted.sort(), [...proven].sort());
    });
  }

  const signed = "promoted-tags-are-signed";
  const signature = "slipway:trust:Signature";

  it("sees at preview who does not sign as a trusted signer", async () => {
    const key = `sha256:${"1".repeat(64)}`;
    const issuer = "https://token.actions.githubusercontent.com";
    const by = (signer: object) => ({
      ...proof(signature, ["index"]),
      props: { repository, subjects: unknown, evidence: unknown, ...signer },
    });
    const keyless = (identity: string) => ({ signer: { keyless: { issuer, identity } } });
    const root = `sha256:${"3".repeat(64)}`;
    const rootedIn = (digest: string) => ({
      ...keyless("https://acme.test/release"),
      signedBy: `https://acme.test/release (${issuer}) by the trusted root ${digest}`,
    });
    const stack = (signer: object) => [amd64, index, by(signer), tag(["proof"])];
    await pack.configure({
      [signed]: {
        trustedSigners: [{ key }, { identity: "https://acme.test/*", issuer, trustedRoots: [root] }],
      },
    });
    for (const trusted of [
      { signedBy: `key ${key}` },
      { signedBy: unknown },
      keyless("https://acme.test/release"),
      rootedIn(root),
      { signer: { keyless: { issuer, identityPattern: ".*" } } },
    ])
      assert.deepEqual(await found(signed, stack(trusted)), [], JSON.stringify(trusted));
    for (const other of [
      { signedBy: `key sha256:${"2".repeat(64)}` },
      keyless("https://evil.test/release"),
      rootedIn(`sha256:${"4".repeat(64)}`),
    ]) {
      const [message = ""] = await found(signed, stack(other));
      assert.match(message, /has no signature that was verified, by a trusted signer/);
    }
    await pack.configure({ [signed]: { trustedSigners: [{ identity: "https://acme.test/*", issuer }] } });
    assert.equal((await found(signed, stack(keyless("https://acme.test/release")))).length, 1);
  });

  it("compares digests where they are known", async () => {
    const known = { ...index, props: { repository, digest } };
    const right = proof(signature, ["index"], [{ digest }]);
    const wrong = proof(signature, ["index"], [{ digest: platformDigest, platform: "linux/amd64" }]);
    assert.deepEqual(await found(signed, [amd64, known, right, tag(["proof"], { digest })]), []);
    assert.equal((await found(signed, [amd64, known, wrong, tag(["proof"], { digest })])).length, 1);
  });

  it("sees a trust resource inside a component", async () => {
    const component: StackResource = { type: "acme:index:Trust", name: "trust", props: {} };
    const inside = { ...proof(signature, ["index"]), parent: "trust" };
    assert.deepEqual(await found(signed, [amd64, index, component, inside, tag(["trust"])]), []);
  });

  it("refuses evidence that a program writes itself", async () => {
    const evidence = [{ kind: "signature", subject: digest, result: "passed", by: "me" }];
    const [message = ""] = await found(signed, [amd64, index, tag([], { digest, evidence })]);
    assert.match(message, /evidence that no slipway:trust:Signature .* made: it is written in the program/);
  });

  it("does not call evidence written by hand where there is none of the kind: the look at the tag has told", async () => {
    const evidence = [{ kind: "sbom", subject: digest, result: "passed", by: "me" }];
    assert.deepEqual(await found(signed, [amd64, index, tag([], { digest, evidence })]), []);
    const sbom = { ...proof("slipway:trust:Sbom", ["index"]), name: "sbom" };
    assert.deepEqual(await found(signed, [amd64, index, sbom, tag(["sbom"], { digest, evidence })]), []);
  });

  it("accepts a resource of a configured type as proof of what an official provider pushes", async () => {
    const pushed: StackResource = {
      type: "docker:index/registryImage:RegistryImage",
      name: "app",
      props: { name: `${repository}:v1` },
    };
    const cosign: StackResource = {
      type: "command:local:Command",
      name: "cosign",
      props: { create: "cosign sign" },
      from: { environment: ["app"] },
    };
    assert.equal((await found(signed, [pushed, cosign])).length, 1);
    await pack.configure({ [signed]: { provenBy: ["command:local:Command"] } });
    assert.deepEqual(await found(signed, [pushed, cosign]), []);
  });

  it("accepts scans of every platform of an index, and not of some", async () => {
    const arm64 = { ...amd64, name: "arm64" };
    const both = { ...index, from: { manifests: ["amd64", "arm64"] } };
    const scan = (name: string, from: string[]) => ({ ...proof("slipway:trust:Scan", from), name });
    const all = [amd64, arm64, both, scan("one", ["amd64"]), scan("two", ["arm64"]), tag(["one", "two"])];
    assert.deepEqual(await found("promoted-tags-are-scanned", all), []);
    for (const from of [["amd64"], ["index", "amd64"], ["index"], ["index", "amd64", "elsewhere"]]) {
      const elsewhere = { ...amd64, name: "elsewhere" };
      const some = [amd64, arm64, elsewhere, both, scan("one", from), tag(["one"])];
      const [message = ""] = await found("promoted-tags-are-scanned", some);
      assert.match(
        message,
        /has no scan .*: one is not about each image of it: .*arm64 is left out/,
        from.join(),
      );
    }
  });

  it("accepts scans of every image that an index is known to list, and not of some", async () => {
    const manifests = ["1", "2"].map((letter) => ({
      digest: `sha256:${letter.repeat(64)}`,
      platform: { os: "linux", architecture: "amd64" },
    }));
    const known = { ...index, from: {}, props: { repository, digest, manifests } };
    const scan = (...subjects: object[]) => proof("slipway:trust:Scan", ["index"], [{ digest }, ...subjects]);
    const ofTag = tag(["proof"], { digest });
    assert.deepEqual(await found("promoted-tags-are-scanned", [known, scan(...manifests), ofTag]), []);
    const [half = ""] = await found("promoted-tags-are-scanned", [known, scan(manifests[0] ?? {}), ofTag]);
    assert.match(half, /sha256:2{64} is left out/);
  });

  it("asks for evidence of the index that a mirror of some platforms makes", async () => {
    const mirror = (rootDigest: unknown): StackResource => ({
      type: "slipway:oci:Mirror",
      name: "mirror",
      props: {
        target: "quay.io/acme/hello",
        digest,
        platforms: ["linux/amd64"],
        rootDigest,
        tags: [{ tag: "v1", moves: "always" }],
        evidence: unknown,
      },
      from: { digest: ["index"], evidence: ["proof"] },
    });
    const known = { ...index, props: { repository, digest } };
    const of = (subject: string) => proof(signature, ["index"], [{ digest: subject }]);
    for (const [subject, root] of [
      [digest, platformDigest],
      [digest, unknown],
      [platformDigest, unknown],
    ] as const) {
      assert.equal((await found(signed, [amd64, known, of(subject), mirror(root)])).length, 1);
    }
    const right = [amd64, known, of(platformDigest), mirror(platformDigest)];
    assert.deepEqual(await found(signed, right), []);
  });

  describe("scans of the platforms of an index, by values", () => {
    const passed = (subject: string) => ({ kind: "scan", subject, result: "passed", by: "trivy" });
    const indexOf = (letter: string) => `sha256:${letter.repeat(64)}`;
    const props = (of: string, ...evidence: object[]) => ({
      repository,
      tag: "v1.2.3",
      digest: of,
      moves: "never",
      evidence,
    });
    const manifest = (letter: string, os = "linux") => ({
      digest: indexOf(letter),
      platform: { os, architecture: os === "unknown" ? "unknown" : "amd64" },
    });

    async function scanned(declared: object): Promise<string[]> {
      const violations = await pack.analyze("slipway:oci:Tag", declared as Record<string, unknown>);
      return violations
        .filter(({ policy }) => policy === "promoted-tags-are-scanned")
        .map(({ message }) => message);
    }

    it("are enough where the program's index says which they are", async () => {
      const manifests = [manifest("1"), manifest("2"), manifest("3", "unknown")];
      await pack.analyze("slipway:oci:Index", { repository, digest: indexOf("d"), manifests }, "known");
      assert.deepEqual(await scanned(props(indexOf("d"), passed(indexOf("1")), passed(indexOf("2")))), []);
      const [missing = ""] = await scanned(props(indexOf("d"), passed(indexOf("1"))));
      assert.match(missing, new RegExp(`has no scan within its threshold for ${indexOf("2")}`));
    });

    it("are not enough where a component that is called an index says which they are", async () => {
      const declared = { repository, digest: indexOf("9"), manifests: [manifest("8")] };
      await pack.analyze("slipway:oci:Index", declared, "feigned", true);
      assert.equal((await scanned(props(indexOf("9"), passed(indexOf("8"))))).length, 1);
    });

    it("and checks of them count for the tag", async () => {
      const manifests = [manifest("6"), manifest("7")];
      await pack.analyze("slipway:oci:Index", { repository, digest: indexOf("c"), manifests }, "checked");
      const check = { kind: "check", subject: indexOf("7"), result: "failed", by: "tests" };
      const found = await pack.analyze("slipway:oci:Tag", props(indexOf("c"), check));
      const [message = ""] = found
        .filter(({ policy }) => policy === "required-checks-passed")
        .map((violation) => violation.message);
      assert.match(message, new RegExp(`check "tests" of ${indexOf("7")}, .* has the result "failed"`));
      const unfailed = await pack.analyze(
        "slipway:oci:Tag",
        props(indexOf("c"), { ...check, result: "passed" }),
      );
      assert.ok(!unfailed.some(({ policy }) => policy === "required-checks-passed"));
    });

    it("are not enough where a trust resource says which they are", async () => {
      const subjects = [{ digest: indexOf("e") }, { digest: indexOf("4"), platform: "linux/amd64" }];
      await pack.analyze("slipway:trust:Scan", { repository, subjects }, "scan");
      const [message = ""] = await scanned(props(indexOf("e"), passed(indexOf("4"))));
      assert.match(message, new RegExp(`has no scan within its threshold for ${indexOf("e")}`));
    });

    it("do not hide behind the index what failed of one of them", async () => {
      const manifests = [manifest("6"), manifest("7")];
      await pack.analyze("slipway:oci:Index", { repository, digest: indexOf("b"), manifests }, "other");
      const failed = { ...passed(indexOf("7")), result: "failed" };
      const [message = ""] = await scanned(props(indexOf("b"), passed(indexOf("b")), failed));
      assert.match(message, new RegExp(`has a scan of ${indexOf("7")} with the result "failed"`));
    });

    it("are not enough for an index of which nothing is known", async () => {
      assert.equal((await scanned(props(indexOf("f"), passed(indexOf("1"))))).length, 1);
    });
  });

  describe("size-budget", () => {
    const image = (name: string, totalSize: unknown): StackResource => ({
      type: "slipway:oci:Image",
      name,
      props: { repository: `ghcr.io/acme/${name}`, totalSize },
    });

    it("PROD-06: finds an image over its budget, and names both numbers", async () => {
      await pack.configure({ "size-budget": { maximumBytes: 1000, repositories: { "*/big": 5000 } } });
      const stack = [image("small", 1000), image("big", 5000), image("fat", 1001), image("later", unknown)];
      const messages = await found("size-budget", stack);
      assert.equal(messages.length, 1);
      assert.match(messages[0] ?? "", /^fat: .*image fat has 1001 bytes; its budget is 1000 bytes/s);
    });

    it("leaves out what the program no longer declares", async () => {
      await pack.configure({ "size-budget": { maximumBytes: 1000 } });
      await pack.analyze("slipway:oci:Image", { repository }, "fat");
      const messages = await found("size-budget", [image("fat", 1001), image("leaving", 1001)]);
      assert.deepEqual(
        messages.map((message) => message.slice(0, 4)),
        ["fat:"],
      );
    });

    it("looks at nothing without a budget", async () => {
      assert.deepEqual(await found("size-budget", [image("fat", 1e12)]), []);
      assert.match(pack.takeReport().join("\n"), /not configured: .*size-budget/);
    });
  });
});
