import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  buildStatement,
  encodeBundle,
  keyVerifier,
  parseBundle,
  publicKeyPem,
  signedByText,
  statementPayloadType,
  verifyStatement,
  type Bundle,
  type Statement,
} from "../../../lib/sigstore";
import { envelopeBundle } from "../../../lib/sigstore/bundle";
import { preAuthEncoding } from "../../../lib/sigstore/dsse";
import { keySigner } from "../../../lib/sigstore/key-signer";
import { cosignVerifyBlob, cosignVerifyStatement } from "../../support/cosign";
import { requireTools } from "../../support/tools";

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
  /** @param encode how the payload is written; default: as Slipway does */
  const signed = async (
    statement: Statement = buildStatement([{ digest }], predicateType, {}),
    key = trusted.privateKey,
    encode?: (statement: Statement) => string | Buffer,
  ): Promise<Bundle> => {
    if (!encode) return keySigner(key).signStatement(statement);
    const payload = Buffer.from(encode(statement));
    const signature = sign("sha256", preAuthEncoding(statementPayloadType, payload), key);
    return envelopeBundle(statementPayloadType, payload, signature, trusted.publicKey);
  };
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
  const material = (bundle: Bytes) => bundle.verificationMaterial as Bytes;
  const signatures = (bundle: Bytes) => envelope(bundle).signatures as Bytes[];
  const signedTwice = (sig: string, place: "before" | "after") => (bundle: Bytes) =>
    place === "before" ? signatures(bundle).unshift({ sig }) : signatures(bundle).push({ sig });
  const keyBytes = trusted.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  /** No more than a place where one would be. */
  const certificate = { rawBytes: "AAAA" };
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
      /has one signature, and there are 0/,
    ],
    [
      "an empty signature",
      () => changed((bundle) => (envelope(bundle).signatures = [{ sig: "" }])),
      /not base64/,
    ],
    [
      "a signature that holds, and one that does not",
      () => changed(signedTwice("AAAA", "after")),
      /there are 2/,
    ],
    [
      "a signature that does not hold, and one that does",
      () => changed(signedTwice("AAAA", "before")),
      /there are 2/,
    ],
    [
      "a name for the key",
      () => changed((bundle) => signatures(bundle).forEach((one) => (one.keyid = "key"))),
      /has a name for the key/,
    ],
    [
      "a signature with something after its base64",
      () => changed((bundle) => signatures(bundle).forEach((one) => (one.sig = `${String(one.sig)}!`))),
      /not base64/,
    ],
    [
      "the key in its material",
      () => changed((bundle) => (material(bundle).publicKey = { hint: "", rawBytes: keyBytes })),
      /has "verificationMaterial.publicKey.rawBytes", a field that no bundle has/,
    ],
    [
      "a key and a certificate",
      () => changed((bundle) => (material(bundle).certificate = certificate)),
      /names 2/,
    ],
    [
      "a certificate in place of the key",
      () => changed((bundle) => (bundle.verificationMaterial = { certificate })),
      /is signed with a certificate, not with key sha256:/,
    ],
    ["neither key nor certificate", () => changed((bundle) => (bundle.verificationMaterial = {})), /names 0/],
    [
      "entries that are of no log",
      () => changed((bundle) => (material(bundle).tlogEntries = [{ logIndex: "1" }])),
      /entries of no log/,
    ],
    ["a field that no bundle has", () => changed((bundle) => (bundle.note = "")), /has "note", a field/],
    [
      "a field in another case",
      () => changed((bundle) => (bundle.MediaType = "")),
      /has "MediaType", a field/,
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
    [
      // The digest of the index, where that of a platform is asked for.
      "the index in place of an image that it lists",
      () => signed(buildStatement([{ digest: otherDigest, name: digest }], predicateType, {})),
      /but for sha256:b+, not sha256:a+/,
    ],
    [
      "more subjects than are read",
      () =>
        signed(
          buildStatement(
            Array.from({ length: 1025 }, () => ({ digest })),
            predicateType,
            {},
          ),
        ),
      /has 1025 subjects/,
    ],
    [
      "a subject whose digest is not hexadecimal",
      () => {
        const statement = buildStatement([{ digest }], predicateType, {});
        return signed({ ...statement, subject: [...statement.subject, { digest: { sha256: "zz" } }] });
      },
      /not hexadecimal/,
    ],
    [
      "a field that no statement has",
      () =>
        signed(
          { ...buildStatement([{ digest }], predicateType, {}), note: "" } as Statement,
          undefined,
          JSON.stringify,
        ),
      /has "note", a field/,
    ],
    [
      "the type of the predicate in another case too",
      () =>
        signed(
          { ...buildStatement([{ digest }], predicateType, {}), PredicateType: "" } as Statement,
          undefined,
          JSON.stringify,
        ),
      /has "PredicateType", a field/,
    ],
    [
      "the type of the predicate twice",
      () =>
        signed(buildStatement([{ digest }], predicateType, {}), undefined, (statement) =>
          JSON.stringify(statement).replace(
            '"predicateType":',
            '"predicateType":"https://acme.example/v1","predicateType":',
          ),
        ),
      /has "predicateType" twice/,
    ],
    [
      "a predicate that is a list",
      () => signed(buildStatement([{ digest }], predicateType, [])),
      /its predicate is no object/,
    ],
    [
      "a payload that is not UTF-8",
      () =>
        signed(undefined, undefined, () =>
          Buffer.concat([
            Buffer.from(
              `{"_type":"https://in-toto.io/Statement/v1","predicateType":"${predicateType}","subject":[{"name":"`,
            ),
            Buffer.from([0xff]),
            Buffer.from(`","digest":{"sha256":"${"a".repeat(64)}"}}]}`),
          ]),
        ),
      /not UTF-8/,
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
        return signed({ ...statement, subject: [{ digest: { sha256: "a".repeat(66) } }] });
      },
      /but for /,
    ],
    [
      "an attestation in place of a signature",
      () => signed(buildStatement([{ digest }], "https://slsa.dev/provenance/v1", {})),
      /is of type https:\/\/slsa/,
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

  it("are refused as signatures of an image: a statement of another version", async () => {
    const statement = {
      ...buildStatement([{ digest }], predicateType, {}),
      _type: "https://acme.example/v1",
    };
    await assert.rejects(signed(statement as Statement<object>).then(verified), /not an in-toto statement/);
  });

  /** Texts that no object of JavaScript can be. */
  const texts: [what: string, change: (text: string) => string, reason: RegExp][] = [
    ["a field twice", (text) => text.replace("{", '{"mediaType":"",'), /has "mediaType" twice/],
    [
      "an envelope twice",
      (text) => text.replace('"dsseEnvelope":', '"dsseEnvelope":{},"dsseEnvelope":'),
      /has "dsseEnvelope" twice/,
    ],
    ["two bundles", (text) => `${text}{}`, /not JSON/],
    ["a mark of the order of bytes", (text) => `\ufeff${text}`, /not JSON/],
  ];
  for (const [what, change, reason] of texts) {
    it(`are refused as bundles: ${what}`, async () => {
      const text = change(encodeBundle(await signed()).toString());
      assert.throws(() => parseBundle(Buffer.from(text)), { name: "VerificationError", message: reason });
    });
  }

  it("are refused by cosign too", async function () {
    requireTools(this, "cosign");
    const [key, bundle] = [path.join(folder, "cosign.pub"), path.join(folder, "bundle.json")];
    await writeFile(key, publicKeyPem(trusted.publicKey));
    const taken = async (text: string | Buffer) => {
      await writeFile(bundle, text);
      return cosignVerifyStatement(bundle, digest, predicateType, key).then(
        () => true,
        () => false,
      );
    };
    const good = encodeBundle(await signed());
    assert.ok(await taken(good));
    const passed: string[] = [];
    for (const [what, make] of refused) if (await taken(encodeBundle(await make()))) passed.push(what);
    for (const [what, change] of texts) if (await taken(change(good.toString()))) passed.push(what);
    assert.deepEqual(passed, []);
  });

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

  it("are refused as signatures of a file, by cosign too: with another digest than the file's, or none", async function () {
    requireTools(this, "cosign");
    const [key, place] = [path.join(folder, "cosign.pub"), path.join(folder, "file.json")];
    await writeFile(key, publicKeyPem(trusted.publicKey));
    const own = await keySigner(trusted.privateKey).signFile(file);
    const message = own.messageSignature;
    assert.ok(message);
    const digestOfOther = { algorithm: "SHA2_256", digest: base64("b".repeat(32)) };
    const { messageDigest: _left, ...withoutDigest } = message;
    for (const [bundle, reason] of [
      [{ ...own, messageSignature: { ...message, messageDigest: digestOfOther } }, /is one of SHA2_256 6262/],
      [{ ...own, messageSignature: withoutDigest }, /lacks the digest of the file/],
    ] as [Bundle, RegExp][]) {
      await assert.rejects(async () => verifier.verifyFile(parseBundle(encodeBundle(bundle)), file), reason);
      await writeFile(place, encodeBundle(bundle));
      await assert.rejects(cosignVerifyBlob(file, place, key));
    }
  });
});
