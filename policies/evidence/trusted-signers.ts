import { isOnThisMachine } from "../../oci/reference";
import { keyFingerprint, readPublicKey } from "../../sigstore/key";
import type { StackNode } from "../pack/graph";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText } from "../reading/values";
import { saidBy, type AcceptanceSettings, type EvidenceItem } from "./acceptance";

/** Who signed, as far as a fact or a declaration tells. */
interface SignerFacts {
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly generated?: boolean;
}

/** One entry of `trustedSigners`. */
interface TrustedSigner {
  readonly key?: string;
  readonly identity?: string;
  readonly issuer?: string;
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
        },
        dependencies: { identity: ["issuer"], issuer: ["identity"] },
        minProperties: 1,
        additionalProperties: false,
      },
      description:
        'Whose signatures count: `{"key": "sha256:…"}` (fingerprint: SHA-256 of the SPKI DER), `{"publicKey": "-----BEGIN PUBLIC KEY-----…"}`, or `{"identity": …, "issuer": …}`, where `*` stands for any characters of the identity. Default: anybody\'s, but a throw-away key\'s only on this machine.',
    },
    requiredSigners: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "How many different entries of `trustedSigners` have to have signed each digest.",
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
          if (signed.length >= required) return undefined;
          return `is signed by ${signed.length} of the ${required} trusted signers that have to (${signed.map(nameOf).join(", ")})`;
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
    return `${saidBy(item)} is not among the trusted signers: ${trusted.map(nameOf).join(", ")}`;
  }
  if (signer.generated !== true || place === undefined || isOnThisMachine(place)) return undefined;
  return `${saidBy(item)} is a throw-away key, which counts on this machine only`;
}

/** The entries of the setting; undefined where it is not given. @throws Error for a key that is none */
function trustedSigners(setting: unknown): readonly TrustedSigner[] | undefined {
  if (setting === undefined) return undefined;
  return asList(setting).map((entry, index): TrustedSigner => {
    const { key, publicKey, identity, issuer } = asRecord(entry);
    const pem = asText(publicKey);
    if (pem !== undefined) {
      return { key: keyFingerprint(readPublicKey(pem, `trustedSigners[${index}].publicKey`)) };
    }
    return { key: asText(key), identity: asText(identity), issuer: asText(issuer) };
  });
}

function isSignedBy(signer: SignerFacts, trusted: TrustedSigner): boolean {
  if (trusted.key !== undefined) return signer.key === trusted.key;
  if (trusted.identity === undefined || trusted.issuer === undefined) return false;
  return (
    signer.identity !== undefined &&
    matchesPattern(trusted.identity, signer.identity) &&
    signer.issuer === trusted.issuer
  );
}

function nameOf({ key, identity, issuer }: TrustedSigner): string {
  return key === undefined ? `${identity ?? "?"} (${issuer ?? "?"})` : `key ${key}`;
}

/** Who signed, of a fact. One of before the signer was a field of its own names the key in words. */
function signerOf({ signer, by }: EvidenceItem): SignerFacts {
  return signer === undefined ? keyNamed(by) : asRecord(signer);
}

function keyNamed(text: unknown): SignerFacts {
  const key = /^key (sha256:[a-f0-9]{64})$/.exec(asText(text) ?? "")?.[1];
  return key === undefined ? {} : { key };
}

/**
 * Whether what a trust resource declares shows that no trusted signer signs there: the provider computes whose key it is,
 * at preview too. What cannot be told yet is not held against it.
 */
export function isSurelyUntrusted({ props }: StackNode, setting: unknown): boolean {
  const trusted = trustedSigners(setting);
  if (!trusted) return false;
  const { key } = keyNamed(props.signedBy ?? props.trusted);
  const { identity, issuer } = asRecord(asRecord(props.signer).keyless ?? props.verifier);
  const who: SignerFacts = { key, identity: asText(identity), issuer: asText(issuer) };
  if (who.key === undefined && (who.identity === undefined || who.issuer === undefined)) return false;
  return !trusted.some((one) => isSignedBy(who, one));
}
