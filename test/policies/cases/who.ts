import { generateKeyPairSync } from "node:crypto";
import { keyFingerprint } from "../../../lib/sigstore";
import { digest, other, passed, tag, type RuleCase } from "./fixtures";

/** Cases of who signed and what scanned. */

const type = "slipway:oci:Tag";
const key = `sha256:${"1".repeat(64)}`;
const stranger = `sha256:${"2".repeat(64)}`;
const root = `sha256:${"3".repeat(64)}`;
const issuer = "https://token.actions.githubusercontent.com";
const workflow = "https://github.com/acme/hello/.github/workflows/release.yml@refs/tags/v1.2.3";
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = pair.publicKey.export({ type: "spki", format: "pem" });

const signedBy = (signer: object, kind = "signature") => ({ ...passed(kind), by: "a signer", signer });
const withEvidence = (...evidence: object[]) => ({ ...tag, evidence });
const trust = (...trustedSigners: object[]) => ({ trustedSigners });
const local = { ...tag, repository: "localhost:5000/hello" };

/** Cases of the rules about what is signed. */
export function signerCases(kind: string): readonly RuleCase[] {
  const signed = (signer: object) => signedBy(signer, kind);
  return [
    {
      title: "the key of a trusted signer",
      type,
      config: trust({ key }),
      props: withEvidence(signed({ key })),
    },
    {
      title: "somebody else's key",
      type,
      config: trust({ key }),
      props: withEvidence(signed({ key: stranger })),
      finding: new RegExp(`that counts: a signer is not among the trusted signers: key ${key}`),
    },
    {
      title: "somebody else's signature beside a trusted one",
      type,
      config: trust({ key }),
      props: withEvidence(signed({ key: stranger }), signed({ key })),
    },
    {
      title: "a trusted signature of another digest beside somebody else's",
      type,
      config: trust({ key }),
      props: withEvidence({ ...signed({ key }), subject: other }, signed({ key: stranger })),
      finding: /is not among the trusted signers/,
    },
    {
      title: "a trusted public key as PEM",
      type,
      config: trust({ publicKey: pem }),
      props: withEvidence(signed({ key: keyFingerprint(pair.publicKey) })),
    },
    {
      title: "a key that an earlier state names in words",
      type,
      config: trust({ key }),
      props: withEvidence({ ...passed(kind), by: `key ${key}` }),
    },
    {
      title: "a name that is that of the trusted key, beside another key",
      type,
      config: trust({ key }),
      props: withEvidence({ ...passed(kind), by: `key ${key}`, signer: { key: stranger } }),
      finding: /is not among the trusted signers/,
    },
    {
      title: "an identity by a pattern",
      type,
      config: trust({
        identity: "https://github.com/acme/hello/.github/workflows/release.yml@refs/tags/*",
        issuer,
        trustedRoots: [stranger, root],
      }),
      props: withEvidence(signed({ identity: workflow, issuer, root })),
    },
    {
      title: "an identity that a root of somebody else vouches for",
      type,
      config: trust({ identity: workflow, issuer, trustedRoots: [root] }),
      props: withEvidence(signed({ identity: workflow, issuer, root: stranger })),
      finding: new RegExp(`by the trusted root ${stranger}, which is not among the trustedRoots .*${root}`),
    },
    {
      title: "an identity of evidence that does not name the root",
      type,
      config: trust({ identity: workflow, issuer, trustedRoots: [root] }),
      props: withEvidence(signed({ identity: workflow, issuer })),
      finding: /a trusted root that the evidence does not name/,
    },
    {
      title: "an identity, where the entry names no root",
      type,
      config: trust({ identity: workflow, issuer }),
      props: withEvidence(signed({ identity: workflow, issuer, root })),
      finding: /has no trustedRoots, so it counts for nothing: .*sha256sum trusted_root\.json/,
    },
    {
      title: "an identity by the root of another entry",
      type,
      config: trust(
        { identity: workflow, issuer, trustedRoots: [root] },
        { identity: "https://other.test", issuer, trustedRoots: [stranger] },
      ),
      props: withEvidence(signed({ identity: workflow, issuer, root: stranger })),
      finding: /is not among the trustedRoots of the entry/,
    },
    {
      title: "the identity of another issuer",
      type,
      config: trust({ identity: "*", issuer, trustedRoots: [root] }),
      props: withEvidence(signed({ identity: workflow, issuer: "https://accounts.acme.test", root })),
      finding: /is not among the trusted signers: \* \(https:\/\/token/,
    },
    {
      title: "an identity that only begins like a trusted one",
      type,
      config: trust({ identity: workflow, issuer, trustedRoots: [root] }),
      props: withEvidence(signed({ identity: `${workflow}.evil`, issuer, root })),
      finding: /is not among the trusted signers/,
    },
    {
      title: "an entry that names nobody",
      type,
      config: trust({}),
      props: withEvidence(signed({})),
      finding: /is not among the trusted signers/,
    },
    {
      title: "two of two signers",
      type,
      config: { ...trust({ key }, { key: stranger }), requiredSigners: 2 },
      props: withEvidence(signed({ key }), signed({ key: stranger })),
    },
    {
      title: "one signer twice, where two have to",
      type,
      config: { ...trust({ key }, { key: stranger }), requiredSigners: 2 },
      props: withEvidence(signed({ key }), signed({ key })),
      finding: new RegExp(`is signed by 1 of the 2 trusted signers that have to \\(key ${key}\\)`),
    },
    {
      title: "one signature that fits two entries, where two have to sign",
      type,
      config: {
        ...trust(
          { identity: workflow, issuer, trustedRoots: [root] },
          { identity: "https://github.com/acme/*", issuer, trustedRoots: [root] },
        ),
        requiredSigners: 2,
      },
      props: withEvidence(signed({ identity: workflow, issuer, root })),
      finding: /is signed by 1 of the 2 trusted signers/,
    },
    {
      title: "two signers of which one fits both entries",
      type,
      config: {
        ...trust(
          { identity: "https://github.com/acme/*", issuer, trustedRoots: [root] },
          { identity: workflow, issuer, trustedRoots: [root] },
        ),
        requiredSigners: 2,
      },
      props: withEvidence(
        signed({ identity: workflow, issuer, root }),
        signed({ identity: "https://github.com/acme/other", issuer, root }),
      ),
    },
    {
      title: "a throw-away key, for a registry elsewhere",
      type,
      props: withEvidence(signed({ key, generated: true })),
      finding: /is a throw-away key, which counts on this machine only/,
    },
    {
      title: "a throw-away key, for a registry on this machine",
      type,
      props: { ...local, evidence: [signed({ key, generated: true })] },
    },
    {
      title: "a throw-away key, for a mirror in a folder",
      type: "slipway:oci:Mirror",
      props: {
        target: "oci-layout:dist/hello",
        digest,
        tags: [{ tag: "v1", moves: "never" }],
        evidence: [signed({ key, generated: true })],
      },
    },
    {
      title: "a throw-away key, for a mirror elsewhere",
      type: "slipway:oci:Mirror",
      props: {
        target: "quay.io/acme/hello",
        digest,
        tags: [{ tag: "v1", moves: "never" }],
        evidence: [signed({ key, generated: true })],
      },
      finding: /is a throw-away key/,
    },
  ];
}

const trivy = {
  name: "trivy",
  version: "0.59.1",
  digest: key,
  kinds: ["secret", "vulnerability"],
  arguments: [] as string[],
};
const scannedBy = (scanner: object) => ({ ...passed("scan"), by: "a scanner", scanner });

/** Cases of the rule about scans. */
export const scannerCases: readonly RuleCase[] = [
  {
    title: "the digest of an accepted program",
    type,
    config: { scanners: [{ digest: key }] },
    props: withEvidence(scannedBy(trivy)),
  },
  {
    title: "a program that calls itself as an accepted one",
    type,
    config: { scanners: [{ name: "trivy", version: "0.59.*", digest: key }] },
    props: withEvidence(scannedBy({ ...trivy, digest: stranger })),
    finding: new RegExp(
      `a scanner, the program ${stranger}, is not among the scanners: trivy 0.59.\\* ${key}`,
    ),
  },
  {
    title: "an accepted name and version",
    type,
    config: { scanners: [{ name: "grype" }, { name: "trivy", version: "0.59.*" }] },
    props: withEvidence(scannedBy(trivy)),
  },
  {
    title: "another version",
    type,
    config: { scanners: [{ name: "trivy", version: "0.59.*" }] },
    props: withEvidence(scannedBy({ ...trivy, version: "0.5.0" })),
    finding: /is not among the scanners: trivy 0\.59\.\*/,
  },
  {
    title: "a version that an earlier state names in words, and not how the program was called",
    type,
    config: { scanners: [{ name: "trivy", version: "0.59.*" }] },
    props: withEvidence({ ...passed("scan"), by: "trivy 0.59.1" }),
    finding: /trivy 0\.59\.1 was called in a way that is not told; scan it again/,
  },
  {
    title: "arguments that the setting does not have",
    type,
    config: {
      scanners: [{ digest: key }, { name: "trivy", arguments: ["--db-repository", "mirror.test/db"] }],
    },
    props: withEvidence(scannedBy({ ...trivy, arguments: ["--skip-files", "/srv/app.txt"] })),
    finding: /a scanner was called with arguments \(--skip-files\) that no entry of scanners lists/,
  },
  {
    title: "more arguments than the setting has",
    type,
    config: { scanners: [{ name: "trivy", arguments: ["--db-repository", "mirror.test/db"] }] },
    props: withEvidence(
      scannedBy({ ...trivy, arguments: ["--db-repository", "mirror.test/db", "--ignore-unfixed"] }),
    ),
    finding: /with arguments \(--db-repository, --ignore-unfixed\) that no entry/,
  },
  {
    title: "the arguments of another scanner's entry",
    type,
    config: { scanners: [{ digest: key }, { name: "grype", arguments: ["--only-fixed"] }] },
    props: withEvidence(scannedBy({ ...trivy, arguments: ["--only-fixed"] })),
    finding: /with arguments \(--only-fixed\) that no entry/,
  },
  {
    title: "no arguments, where the setting asks for some",
    type,
    config: { scanners: [{ name: "trivy", arguments: ["--ignore-unfixed=false"] }] },
    props: withEvidence(scannedBy(trivy)),
    finding: /with arguments \(none\) that no entry/,
  },
  {
    title: "the very arguments of the setting",
    type,
    config: { scanners: [{ name: "trivy", arguments: ["--db-repository", "mirror.test/db"] }] },
    props: withEvidence(scannedBy({ ...trivy, arguments: ["--db-repository", "mirror.test/db"] })),
  },
  {
    title: "a database of the declaration's own",
    type,
    config: { scanners: [{ digest: key }] },
    props: withEvidence(scannedBy({ ...trivy, databaseDirectory: "empty" })),
    finding: /took its database from "empty", a folder that no entry/,
  },
  {
    title: "a database in an accepted folder",
    type,
    config: { scanners: [{ digest: key, databaseDirectory: ".cache/trivy" }] },
    props: withEvidence(scannedBy({ ...trivy, databaseDirectory: ".cache/trivy" })),
  },
  {
    title: "kinds that were looked for by two scans",
    type,
    config: { requiredKinds: ["vulnerability", "secret"] },
    props: withEvidence(
      scannedBy({ ...trivy, kinds: ["secret"] }),
      scannedBy({ name: "grype", kinds: ["vulnerability"] }),
    ),
  },
  {
    title: "a kind that was not looked for",
    type,
    config: { requiredKinds: ["vulnerability", "secret"] },
    props: withEvidence(scannedBy({ ...trivy, kinds: ["secret"] })),
    finding: /was not looked at for vulnerability \(secret\)/,
  },
  {
    title: "secrets only, where nothing is said about kinds",
    type,
    props: withEvidence(scannedBy({ ...trivy, kinds: ["secret"] })),
    finding: /was not looked at for vulnerability \(secret\)/,
  },
  {
    title: "secrets only, where that is asked for",
    type,
    config: { requiredKinds: ["secret"] },
    props: withEvidence(scannedBy({ ...trivy, kinds: ["secret"] })),
  },
  {
    title: "a scan of an earlier version, where nothing is said about kinds",
    type,
    props: withEvidence({ ...passed("scan"), by: "trivy 0.59.1" }),
  },
  {
    title: "a scan that does not tell what it looked for",
    type,
    config: { requiredKinds: ["secret"] },
    props: withEvidence({ ...passed("scan"), by: "trivy 0.59.1" }),
    finding: /was not looked at for secret \(what was looked for is not told; scan it again\)/,
  },
];
