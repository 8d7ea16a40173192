import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  buildStatement,
  encodeBundle,
  keyVerifier,
  parseBundle,
  signedByText,
  verifyStatement,
  type Bundle,
} from "../../../lib/sigstore";
import { keySigner } from "../../../lib/sigstore/key-signer";

const digest = `sha256:${"a".repeat(64)}`;
const otherDigest = `sha256:${"b".repeat(64)}`;
const predicateType = "https://sigstore.dev/cosign/sign/v1";
const trusted = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

type Bytes = Record<string, unknown>;

describe("bundles that prove nothing", () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-bundles-"));
    file = path.join(folder, "asset");
    await writeFile(file, "content");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const verifier = keyVerifier(trusted.publicKey);
  const signed = (statement = buildStatement([{ digest }], predicateType, {}), key = trusted.privateKey) =>
    keySigner(key).signStatement(statement);
  const verified = (bundle: Bundle, annotations?: Record<string, string>) =>
    verifyStatement(parseBundle(encodeBundle(bundle)), verifier, {
      digest,
      predicateType,
      ...(annotations && { annotations }),
    });
  /** A signed bundle with some of its bytes changed. */
  const changed = async (change: (bundle: Bytes) => void, from = signed()) => {
    const bundle = JSON.parse(encodeBundle(await from).toString()) as Bytes;
    change(bundle);
    return bundle as unknown as Bundle;
  };
  const envelope = (bundle: Bytes) => bundle.dsseEnvelope as Bytes;
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  it("are told from one that does", async () => {
    assert.equal(signedByText((await verified(await signed())).signedBy), verifier.name);
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["no JSON", "signature"],
    ["null", "null"],
    ["a list", "[]"],
    ["an object without a media type", "{}"],
    ["a later version", JSON.stringify({ mediaType: "application/vnd.dev.sigstore.bundle.v9+json" })],
  ] as const) {
    it(`are refused as bundles: ${what}`, () =>
      assert.throws(() => parseBundle(Buffer.from(text)), { name: "VerificationError" }));
  }

  const refused: [what: string, make: () => Promise<Bundle>, reason: RegExp][] = [
    ["no material", () => changed((bundle) => delete bundle.verificationMaterial), /damaged/],
    ["no signature at all", () => changed((bundle) => delete bundle.dsseEnvelope), /damaged/],
    [
      "signatures of both kinds",
      () => changed((bundle) => (bundle.messageSignature = { signature: base64("x") })),
      /damaged/,
    ],
    [
      "signatures that are not a list",
      () => changed((bundle) => (envelope(bundle).signatures = {})),
      /damaged/,
    ],
    [
      "an empty list of signatures",
      () => changed((bundle) => (envelope(bundle).signatures = [])),
      /not signed/,
    ],
    [
      "an empty signature",
      () => changed((bundle) => (envelope(bundle).signatures = [{ sig: "" }])),
      /not signed/,
    ],
    ["another key", () => signed(undefined, stranger.privateKey), /not signed/],
    [
      "another key under the hint of the trusted one",
      async () => {
        const { verificationMaterial } = await signed();
        return changed(
          (bundle) => (bundle.verificationMaterial = verificationMaterial),
          signed(undefined, stranger.privateKey),
        );
      },
      /not signed/,
    ],
    [
      "the signature of another statement",
      async () => {
        const { dsseEnvelope } = await signed(buildStatement([{ digest: otherDigest }], predicateType, {}));
        return changed((bundle) => (envelope(bundle).signatures = dsseEnvelope?.signatures));
      },
      /not signed/,
    ],
    [
      "a changed payload",
      () =>
        changed((bundle) => {
          const payload = Buffer.from(String(envelope(bundle).payload), "base64").toString();
          envelope(bundle).payload = base64(payload.replace('"predicate":{}', '"predicate":{"ok":true}'));
        }),
      /not signed/,
    ],
    [
      "another payload type",
      () => changed((bundle) => (envelope(bundle).payloadType = "application/json")),
      /not signed/,
    ],
    [
      "another subject",
      () => signed(buildStatement([{ digest: otherDigest }], predicateType, {})),
      /but for sha256:b+, not sha256:a+/,
    ],
    ["no subject", () => signed(buildStatement([], predicateType, {})), /but for /],
    [
      "the digest under another algorithm",
      async () => {
        const statement = buildStatement([{ digest }], predicateType, {});
        return signed({ ...statement, subject: [{ digest: { sha512: "a".repeat(64) } }] });
      },
      /but for sha256:\?/,
    ],
    [
      "a digest that only begins like it",
      async () => {
        const statement = buildStatement([{ digest }], predicateType, {});
        return signed({ ...statement, subject: [{ digest: { sha256: "a".repeat(65) } }] });
      },
      /but for /,
    ],
    [
      "an attestation in place of a signature",
      () => signed(buildStatement([{ digest }], "https://slsa.dev/provenance/v1", {})),
      /is of type https:\/\/slsa/,
    ],
    [
      "a statement of another version",
      async () =>
        signed({
          ...buildStatement([{ digest }], predicateType, {}),
          _type: "https://acme.example/v1" as never,
        }),
      /not an in-toto statement/,
    ],
    ["the signature of a file", () => keySigner(trusted.privateKey).signFile(file), /signature of a file/],
  ];
  for (const [what, make, reason] of refused) {
    it(`are refused as signatures of an image: ${what}`, async () => {
      const bundle = await make();
      // Reading throws at once, verifying later.
      await assert.rejects(async () => verified(bundle), { name: "VerificationError", message: reason });
    });
  }

  it("are refused as signatures of an image: without an annotation that is asked for", async () => {
    const bundle = await signed(
      buildStatement([{ digest, annotations: { track: "beta" } }], predicateType, {}),
    );
    await assert.rejects(verified(bundle, { track: "stable" }), { name: "VerificationError" });
    await verified(bundle, { track: "beta" });
  });

  it("are refused as signatures of a file: of a statement, of other content, by another key", async () => {
    const other = path.join(folder, "other");
    await writeFile(other, "other content");
    const bundles = [
      await signed(),
      await keySigner(trusted.privateKey).signFile(other),
      await keySigner(stranger.privateKey).signFile(file),
    ];
    for (const bundle of bundles) {
      await assert.rejects(verifier.verifyFile(bundle, file), { name: "VerificationError" });
    }
    const own = await keySigner(trusted.privateKey).signFile(file);
    assert.equal(signedByText(await verifier.verifyFile(own, file)), verifier.name);
  });
});
