import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import type { Bundle } from "./bundle";
import { digestOf } from "../oci/digest";
import { KeyError, VerificationError } from "./errors";
import { signedByText, type SignedByIdentity } from "./signed-by";
import { refuseOtherDigest, type SignatureVerifier } from "./verifier";
import { readWholeFile } from "./whole-file";

/** An identity that is trusted. One of `identity` and `identityPattern` is given. */
export interface IdentityOptions {
  /** OIDC issuer, exactly. */
  issuer: string;
  /** Identity (subject alternative name of the certificate), exactly. */
  identity?: string;
  /** Regular expression that the whole identity has to match. */
  identityPattern?: string;
  /** File with the trusted root of the Sigstore instance, as JSON. */
  trustedRootFile: string;
}

/**
 * Trusts an identity that an issuer vouches for, by the certificate authority, the certificate log
 * and the transparency log of a trusted root. Each of them is asked for.
 *
 * @throws KeyError where the trusted root cannot be read
 */
export async function openIdentityVerifier(options: IdentityOptions): Promise<SignatureVerifier> {
  const { issuer, identity, identityPattern } = options;
  const { trustedRoot, root } = await readTrustedRoot(options.trustedRootFile);
  const verifier = new Verifier(toTrustMaterial(trustedRoot), {
    tlogThreshold: 1,
    ctlogThreshold: 1,
    timestampThreshold: 1,
  });
  const pattern = identityPattern === undefined ? undefined : new RegExp(`^(?:${identityPattern})$`);
  const name = signedByText({ identity: identity ?? identityPattern ?? "", issuer });
  const check = (bundle: Bundle, artifact?: Buffer): SignedByIdentity => {
    const found = verifyWith(verifier, bundle, artifact);
    const trusted = pattern ? pattern.test(found.identity) : found.identity === identity;
    // Equal, not contained: the policy of the library takes the identity for a pattern.
    if (!trusted || found.issuer !== issuer) {
      throw new VerificationError(`is signed by ${signedByText(found)}, not by ${name}`);
    }
    return { ...found, root };
  };
  return {
    name,
    root,
    verifyEnvelope: async (bundle) => check(bundle),
    verifyFile: async (bundle, path) => {
      if (!bundle.messageSignature)
        throw new VerificationError("is the signature of a statement, not of a file");
      const content = await readWholeFile(path);
      refuseOtherDigest(bundle.messageSignature, createHash("sha256").update(content).digest(), path);
      return check(bundle, content);
    },
  };
}

function verifyWith(verifier: Verifier, bundle: Bundle, artifact: Buffer | undefined) {
  if (!bundle.verificationMaterial.certificate && !bundle.verificationMaterial.x509CertificateChain) {
    throw new VerificationError("is signed with a key, not with a certificate for an identity");
  }
  try {
    const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(bundle), artifact));
    return {
      identity: identity?.subjectAlternativeName ?? "",
      issuer: identity?.extensions?.issuer ?? "",
    };
  } catch (error) {
    throw new VerificationError(`does not verify against the trusted root: ${(error as Error).message}`);
  }
}

/**
 * The trusted root, and the digest of the very bytes that it was read from, as `sha256sum` tells
 * it.
 */
async function readTrustedRoot(file: string): Promise<{ trustedRoot: TrustedRoot; root: string }> {
  try {
    const bytes = await readFile(file);
    return { trustedRoot: TrustedRoot.fromJSON(JSON.parse(bytes.toString("utf8"))), root: digestOf(bytes) };
  } catch (error) {
    throw new KeyError(
      `${file} is not a trusted root: ${(error as Error).message}. ` +
        "That of the public instance is written by `cosign trusted-root create --with-default-services`.",
    );
  }
}
