import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { mock } from "node:test";
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";
import { buildStatement, encodeBundle, parseBundle, verifyStatement } from "../../../lib/sigstore";
import { openIdentityVerifier } from "../../../lib/sigstore/identity-verifier";
import { keySigner } from "../../../lib/sigstore/key-signer";
import { cosignVerifyStatement } from "../../support/cosign";
import { asLogged, trustedRootOf } from "../../support/sigstore-service";
import { requireTools } from "../../support/tools";

const digest = `sha256:${"a".repeat(64)}`;
const predicateType = "https://sigstore.dev/cosign/sign/v1";
const issuer = "https://token.actions.example.com";
const identity = "https://github.example.com/acme/hello/.github/workflows/release.yml@refs/tags/v1.2.3";

const minuteMs = 60_000;
const now = Math.floor(Date.now() / 1000) * 1000;
/** When the instance of the test began, and when it vouched: its certificates hold for ten minutes. */
const founded = new Date(now - 120 * minuteMs);
const signed = new Date(now - 60 * minuteMs);
const tooLate = new Date(now - 30 * minuteMs);

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (bytes: ArrayBufferView) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** A bundle as JSON, to be changed. */
interface Loose {
  mediaType: string;
  verificationMaterial: {
    certificate?: { rawBytes: string };
    tlogEntries?: Record<string, unknown>[];
    [more: string]: unknown;
  };
  dsseEnvelope: { payload: string; signatures: { sig: string; keyid?: string }[] };
}

/** An entry as the log answers with it (sigstore/rekor, openapi.yaml). */
interface LoggedEntry {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification: {
    signedEntryTimestamp: string;
    inclusionProof: { logIndex: number; rootHash: string; treeSize: number; checkpoint: string };
  };
}

/** What a case of the test asks for. Default: all by the same instance, when the certificate held. */
interface Wish {
  /** When the log says that it took the signature. */
  logged?: Date;
  /** When the authority of time stamps saw something, and what; default: the signature. */
  stamped?: Date;
  stampedBytes?: Buffer;
  change?: (bundle: Loose) => void;
  /** Signs in place of the key of the certificate. */
  key?: KeyObject;
  /** Whether the log's entry is that of another signature. */
  entriesOfAnother?: boolean;
}

describe("bundles with certificates that prove nothing", () => {
  let folder: string;
  let make: (wish?: Wish) => Promise<Buffer>;
  const root = () => path.join(folder, "trusted_root.json");

  before(async function () {
    requireTools(this, "cosign");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-certificates-"));
    const keys = { authority: pair(), ctLog: pair(), log: pair(), timestamps: pair() };
    // The certificates of its authorities begin when they are made.
    mock.timers.enable({ apis: ["Date"], now: founded });
    const url = "https://sigstore.example.com";
    const ctLog = await initializeCTLog(keys.ctLog, signed);
    const parts = {
      ctLog,
      authority: await initializeCA(keys.authority, ctLog, signed),
      log: await initializeTLog(url, keys.log),
      timestamps: await initializeTSA(keys.timestamps),
    };
    mock.timers.reset();
    await writeFile(root(), JSON.stringify(trustedRootOf(url, parts, founded)));

    make = async ({ logged, stamped, stampedBytes, change, key, entriesOfAnother } = {}) => {
      const signer = pair();
      const certificate = await parts.authority.issueCertificate({
        publicKey: signer.publicKey.export({ type: "spki", format: "der" }),
        subjectAltName: identity,
        extensions: [
          { oid: "1.3.6.1.4.1.57264.1.1", value: issuer, legacy: true },
          { oid: "1.3.6.1.4.1.57264.1.8", value: issuer },
        ],
      });
      const made = await keySigner(key ?? signer.privateKey).signStatement(
        buildStatement([{ digest }], predicateType, {}),
      );
      const bundle = JSON.parse(encodeBundle(made).toString()) as Loose;
      const pem = `-----BEGIN CERTIFICATE-----\n${base64(certificate).replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
      const log = await initializeTLog(url, keys.log, logged ?? signed);
      const proposed = {
        kind: "dsse",
        apiVersion: "0.0.1",
        spec: {
          proposedContent: {
            envelope: JSON.stringify(bundle.dsseEnvelope),
            verifiers: [Buffer.from(pem).toString("base64")],
          },
        },
      };
      const [entry] = Object.values((await log.log(asLogged(proposed))) as Record<string, LoggedEntry>);
      assert.ok(entry);
      const { inclusionProof, signedEntryTimestamp } = entry.verification;
      bundle.verificationMaterial = {
        certificate: { rawBytes: base64(certificate) },
        tlogEntries: [
          {
            logIndex: String(entry.logIndex),
            logId: { keyId: Buffer.from(entry.logID, "hex").toString("base64") },
            kindVersion: { kind: "dsse", version: "0.0.1" },
            integratedTime: String(entry.integratedTime),
            inclusionPromise: { signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(inclusionProof.logIndex),
              rootHash: Buffer.from(inclusionProof.rootHash, "hex").toString("base64"),
              treeSize: String(inclusionProof.treeSize),
              hashes: [],
              checkpoint: { envelope: inclusionProof.checkpoint },
            },
            canonicalizedBody: entry.body,
          },
        ],
      };
      if (stamped) {
        const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? "", "base64");
        mock.timers.enable({ apis: ["Date"], now: stamped });
        const response = await parts.timestamps.timestamp({
          artifactHash: createHash("sha256")
            .update(stampedBytes ?? signature)
            .digest(),
          hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
          nonce: 1,
          policyOID: "1.3.6.1.4.1.57264.2",
          certReq: true,
        });
        mock.timers.reset();
        bundle.verificationMaterial.timestampVerificationData = {
          rfc3161Timestamps: [{ signedTimestamp: base64(response) }],
        };
      }
      if (entriesOfAnother) {
        const other = JSON.parse((await make()).toString()) as Loose;
        bundle.verificationMaterial.tlogEntries = entriesOf(other);
      }
      change?.(bundle);
      return Buffer.from(JSON.stringify(bundle));
    };
  });
  after(async () => {
    mock.timers.reset();
    await rm(folder, { recursive: true, force: true });
  });

  /** The log proves that it has the signature, and says nothing of the time, as Rekor 2 does. */
  const withoutTime = ({ verificationMaterial }: Loose) => {
    for (const entry of verificationMaterial.tlogEntries ?? []) delete entry.inclusionPromise;
  };

  /** What this verifier and cosign say against a bundle: undefined for nothing. */
  const verdicts = async (
    bytes: Buffer,
    timestamps: boolean,
  ): Promise<[ours: string | undefined, cosign: string | undefined]> => {
    const signer = { issuer, identity, trustedRootFile: root() };
    const ours = await refusal(async () =>
      verifyStatement(parseBundle(bytes), await openIdentityVerifier(signer), { digest, predicateType }),
    );
    const file = path.join(folder, "bundle.json");
    await writeFile(file, bytes);
    const trusted = { issuer, identity, trustedRoot: root(), timestamps };
    return [ours, await refusal(() => cosignVerifyStatement(file, digest, predicateType, trusted))];
  };

  for (const [what, wish] of [
    ["the log took the signature while the certificate held", {}],
    ["a time stamp says so, and the log says no time", { stamped: signed, change: withoutTime }],
  ] as [string, Wish][]) {
    it(`are told from those of a certificate that has expired since: ${what}`, async () => {
      assert.deepEqual(await verdicts(await make(wish), wish.stamped !== undefined), [undefined, undefined]);
    });
  }

  const entriesOf = ({ verificationMaterial }: Loose) => verificationMaterial.tlogEntries ?? [];
  const entries = (change: (entry: Record<string, unknown>) => void) => (bundle: Loose) => {
    for (const entry of entriesOf(bundle)) change(entry);
  };
  const unlogged = ({ verificationMaterial }: Loose) => delete verificationMaterial.tlogEntries;
  /** As a bundle of an earlier version has it. */
  const earlier = (version: string, without: string) => (bundle: Loose) => {
    const { certificate, ...material } = bundle.verificationMaterial;
    bundle.mediaType = `application/vnd.dev.sigstore.bundle+json;version=${version}`;
    bundle.verificationMaterial = { ...material, x509CertificateChain: { certificates: [certificate] } };
    entries((entry) => delete entry[without])(bundle);
  };
  const refused: [what: string, wish: Wish, reason: RegExp][] = [
    [
      "an expired certificate, and nobody says when it signed",
      { change: withoutTime },
      /expected 1 timestamps, got 0/,
    ],
    ["an expired certificate, by the log", { logged: tooLate }, /certificate chain/],
    [
      "an expired certificate, by the time stamp",
      { stamped: tooLate, change: withoutTime },
      /certificate chain/,
    ],
    [
      "an expired certificate, by the time stamp, and not by the log",
      { stamped: tooLate },
      /certificate chain/,
    ],
    [
      "a time stamp of other bytes",
      { stamped: signed, stampedBytes: Buffer.from("other"), change: withoutTime },
      /timestamp could not be verified/,
    ],
    [
      "a time stamp of other bytes beside a log that says the time",
      { stamped: signed, stampedBytes: Buffer.from("other") },
      /timestamp could not be verified/,
    ],
    ["a time stamp, and no log", { stamped: signed, change: unlogged }, /expected 1 tlog entries, got 0/],
    ["no log and no time stamp", { change: unlogged }, /expected 1 timestamps, got 0/],
    ["another key than that of the certificate", { key: pair().privateKey }, /signature verification failed/],
    ["the entry of another signature", { entriesOfAnother: true }, /tlog entry signature mismatch/],
    [
      "an entry whose time was changed",
      {
        logged: tooLate,
        change: entries((entry) => (entry.integratedTime = String(Math.floor(signed.getTime() / 1000)))),
      },
      /inclusion promise could not be verified/,
    ],
    [
      "an entry twice",
      {
        change: ({ verificationMaterial }) =>
          verificationMaterial.tlogEntries?.push(...(verificationMaterial.tlogEntries ?? [])),
      },
      /duplicate timestamp/,
    ],
    [
      "more entries than are read",
      {
        change: ({ verificationMaterial }) =>
          (verificationMaterial.tlogEntries = Array.from(
            { length: 33 },
            () => entriesOf({ verificationMaterial } as Loose)[0] ?? {},
          )),
      },
      /has 33 entries of logs/,
    ],
    [
      "a key beside the certificate",
      { change: ({ verificationMaterial }) => (verificationMaterial.publicKey = { hint: "" }) },
      /names 2/,
    ],
    [
      "a key in place of the certificate",
      {
        change: ({ verificationMaterial }) => {
          delete verificationMaterial.certificate;
          verificationMaterial.publicKey = { hint: "" };
        },
      },
      /is signed with a key, not with a certificate/,
    ],
    [
      "a name for the key",
      { change: ({ dsseEnvelope }) => dsseEnvelope.signatures.forEach((one) => (one.keyid = "key")) },
      /has a name for the key/,
    ],
    [
      "no proof that the log has it",
      { change: entries((entry) => delete entry.inclusionProof) },
      /invalid bundle/,
    ],
    ["version 0.2 without that proof", { change: earlier("0.2", "inclusionProof") }, /invalid v0.2 bundle/],
    [
      "version 0.1 without the log's promise",
      { stamped: signed, change: earlier("0.1", "inclusionPromise") },
      /invalid v0.1 bundle/,
    ],
    [
      "a chain of certificates in version 0.3",
      {
        change: (bundle) => {
          const { mediaType } = bundle;
          earlier("0.3", "nothing")(bundle);
          bundle.mediaType = mediaType;
        },
      },
      /invalid bundle/,
    ],
  ];
  for (const [what, wish, reason] of refused) {
    it(`are refused, by cosign too: ${what}`, async () => {
      const [ours, cosign] = await verdicts(await make(wish), wish.stamped !== undefined);
      assert.match(ours ?? "passed", reason);
      assert.ok(cosign !== undefined, "cosign lets it pass");
    });
  }
});

/** Why something was refused; undefined where it was not. */
async function refusal(verify: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await verify();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
