import { isOnThisMachine } from "../../lib/oci/reference";
import { keyFingerprint, readPublicKey } from "../../lib/sigstore/key";
import type { Declared } from "../pack/declared";
import type { StackNode } from "../pack/graph";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText, asTexts } from "../reading/values";
import { saidBy, type AcceptanceSettings, type EvidenceItem } from "./acceptance";

/** Who signed, as far as a fact or a declaration tells. */
interface SignerFacts {
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
  /** Digest of the trusted root by which the certificate holds. */
  readonly root?: string;
  readonly generated?: boolean;
}

/** One entry of `trustedSigners`. */
interface TrustedSigner {
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
  /**
   * Digests of the trusted roots that may vouch for the identity. Without one, anybody's authority
   * could: nobody is accepted.
   */
  readonly trustedRoots?: readonly string[];
}

/** Settings of the rules about what is signed. */
export const signerAcceptance: AcceptanceSettings = {
  config: {
    trustedSigners: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          key: { type: "string", pattern: "^sha256:[a-f0-9]{64}$" },
          publicKey: { type: "string", pattern: "-----BEGIN PUBLIC KEY-----" },
          identity: { type: "string", minLength: 1 },
          issuer: { type: "string", minLength: 1 },
          trustedRoots: {
            type: "array",
            minItems: 1,
            items: { type: "string", pattern: "^sha256:[a-f0-9]{64}$" },
          },
        },
        dependencies: { identity: ["issuer"], issuer: ["identity"], trustedRoots: ["identity"] },
        minProperties: 1,
        additionalProperties: false,
      },
      description:
        'Whose signatures count: `{"key": "sha256:…"}` (fingerprint: SHA-256 of the SPKI ' +
        'DER), `{"publicKey": "-----BEGIN PUBLIC KEY-----…"}`, or `{"identity": …, ' +
        '"issuer": …, "trustedRoots": ["sha256:…"]}`, where `*` stands for any characters ' +
        "of the identity, and a root is the SHA-256 of the file (`sha256sum " +
        "trusted_root.json`): without it an identity counts for nothing, for anybody can run " +
        "a certificate authority. Default: anybody's, but a throw-away key's only on this " +
        "machine.",
    },
    requiredSigners: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "Number of different entries of `trustedSigners` that must have signed each digest.",
    },
  },
  acceptance: (_kind, settings) => {
    const trusted = trustedSigners(settings.trustedSigners);
    const required = typeof settings.requiredSigners === "number" ? settings.requiredSigners : 1;
    return {
      objection: (item, place) => objection(item, place, trusted),
      ...(trusted && {
        shortfall(items) {
          const signed = trusted.filter((one) => items.some((item) => isSignedBy(signerOf(item), one)));
          const count = distinctSigners(signed, items.map(signerOf));
          if (count >= required) return undefined;
          return (
            `is signed by ${count} of the ${required} trusted signers that have to ` +
            `(${signed.map(nameOf).join(", ")})`
          );
        },
      }),
    };
  },
};

function objection(
  item: EvidenceItem,
  place: string | undefined,
  trusted: readonly TrustedSigner[] | undefined,
): string | undefined {
  const signer = signerOf(item);
  if (trusted) {
    if (trusted.some((one) => isSignedBy(signer, one))) return undefined;
    const unrooted = trusted.find((one) => isIdentity(signer, one));
    if (unrooted) return `${saidBy(item)} ${rootObjection(signer, unrooted)}`;
    return `${saidBy(item)} is not among the trusted signers: ${trusted.map(nameOf).join(", ")}`;
  }
  if (signer.generated !== true || place === undefined || isOnThisMachine(place)) return undefined;
  return `${saidBy(item)} is a throw-away key, which counts on this machine only`;
}

/**
 * The entries of the setting; undefined where it is not given. @throws Error for a key that is none
 */
function trustedSigners(setting: unknown): readonly TrustedSigner[] | undefined {
  if (setting === undefined) return undefined;
  return asList(setting).map((entry, index): TrustedSigner => {
    const { key, publicKey, identity, issuer, trustedRoots } = asRecord(entry);
    const pem = asText(publicKey);
    if (pem !== undefined) {
      return { key: keyFingerprint(readPublicKey(pem, `trustedSigners[${index}].publicKey`)) };
    }
    return {
      key: asText(key),
      identity: asText(identity),
      issuer: asText(issuer),
      trustedRoots: asTexts(trustedRoots),
    };
  });
}

function isSignedBy(signer: SignerFacts, trusted: TrustedSigner): boolean {
  if (trusted.key !== undefined) return signer.key === trusted.key;
  return isIdentity(signer, trusted) && isRoot(signer, trusted);
}

/**
 * Returns how many entries have a signer each of its own: one signature that fits two entries is
 * that of one signer.
 */
function distinctSigners(entries: readonly TrustedSigner[], signers: readonly SignerFacts[]): number {
  const entryOf = new Map<string, TrustedSigner>();
  const assign = (entry: TrustedSigner, tried: Set<string>): boolean =>
    signers.some((signer) => {
      const name = signer.key ?? JSON.stringify([signer.identity, signer.issuer]);
      if (tried.has(name) || !isSignedBy(signer, entry)) return false;
      tried.add(name);
      const holder = entryOf.get(name);
      if (holder !== undefined && !assign(holder, tried)) return false;
      entryOf.set(name, entry);
      return true;
    });
  return entries.filter((entry) => assign(entry, new Set())).length;
}

/** Returns whether a certificate says so, whoever issued it. */
function isIdentity(signer: SignerFacts, trusted: TrustedSigner): boolean {
  if (trusted.identity === undefined || trusted.issuer === undefined) return false;
  return (
    signer.identity !== undefined &&
    matchesPattern(trusted.identity, signer.identity) &&
    signer.issuer === trusted.issuer
  );
}

function isRoot({ root }: SignerFacts, { trustedRoots = [] }: TrustedSigner): boolean {
  return root !== undefined && trustedRoots.includes(root);
}

/** Returns why the right identity is not enough. */
function rootObjection({ root }: SignerFacts, { trustedRoots = [] }: TrustedSigner): string {
  const held =
    root === undefined
      ? "is vouched for by a trusted root that the evidence does not name (make it again: " +
        "`pulumi up --replace URN`)"
      : `is vouched for by the trusted root ${root}`;
  const remedy =
    "the security team compares it with `sha256sum trusted_root.json` of a root that it got by itself " +
    "(`cosign trusted-root create --with-default-services --out trusted_root.json`)";
  return trustedRoots.length === 0
    ? `${held}, and the entry for the identity has no trustedRoots, so it counts for nothing: ${remedy}`
    : `${held}, which is not among the trustedRoots of the entry (${trustedRoots.join(", ")}): ${remedy}`;
}

function nameOf({ key, identity, issuer }: TrustedSigner): string {
  return key === undefined ? `${identity ?? "?"} (${issuer ?? "?"})` : `key ${key}`;
}

/**
 * Returns who signed, of a fact. One of before the signer was a field of its own names the key in
 * words.
 */
function signerOf({ signer, by }: EvidenceItem): SignerFacts {
  return signer === undefined ? keyNamed(by) : asRecord(signer);
}

/** The trusted root that a resource records with an identity. */
function rootNamed(text: unknown): string | undefined {
  return / by the trusted root (sha256:[a-f0-9]{64})$/.exec(asText(text) ?? "")?.[1];
}

/** Returns whether a resource declares an identity, and not a key. */
function isKeyless({ signer, verifier }: Declared["props"]): boolean {
  return asRecord(signer).keyless !== undefined || asRecord(verifier).issuer !== undefined;
}

function keyNamed(text: unknown): SignerFacts {
  const key = /^key (sha256:[a-f0-9]{64})$/.exec(asText(text) ?? "")?.[1];
  return key === undefined ? {} : { key };
}

/**
 * Returns whether what a trust resource declares shows that no trusted signer signs there: the
 * provider computes whose key it is, at preview too. What cannot be told yet is not held against
 * it.
 */
export function isSurelyUntrusted({ props }: StackNode, setting: unknown): boolean {
  const trusted = trustedSigners(setting);
  if (!trusted) return false;
  const recorded = props.signedBy ?? props.trusted;
  const { key } = keyNamed(recorded);
  const { identity, issuer } = asRecord(asRecord(props.signer).keyless ?? props.verifier);
  const who: SignerFacts = {
    key,
    identity: asText(identity),
    issuer: asText(issuer),
    root: rootNamed(recorded),
  };
  if (who.key !== undefined) return !trusted.some((one) => isSignedBy(who, one));
  // What is not told yet may still be that of the entry.
  const may = (one: TrustedSigner) =>
    (one.trustedRoots ?? []).length > 0 &&
    (who.root === undefined || isRoot(who, one)) &&
    (who.identity === undefined || who.issuer === undefined || isIdentity(who, one));
  return isKeyless(props) && !trusted.some((one) => one.key === undefined && may(one));
}
