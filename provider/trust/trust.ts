import type { Evidence, Subject } from "../../resources/definitions/evidence";
import { InputError } from "../../resources/definitions/input-findings";
import type { SignerDeclaration } from "../../resources/definitions/signer";
import {
  evidenceKind,
  KeyError,
  signedByText,
  SigningError,
  type SignatureVerifier,
  type SignedBy,
} from "../../lib/sigstore";
import type { ResourceContext } from "../run/context";
import type { Run } from "../run/run";
import { openVerifier, signerVerifier } from "./signers";
import { signerOf } from "./throw-away-keys";
import { defined } from "../../lib/objects/defined";

/** Common parts of the resources that sign and verify. */

/** Makes what is wrong with a key a finding about the input that names it. */
export async function asFinding<T>(property: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof KeyError) && !(error instanceof SigningError)) throw error;
    throw new InputError([{ property, reason: error.message }]);
  }
}

/** Returns who has signed when the declared signer has. @throws InputError about `signer` */
export function declaredSigner(
  context: ResourceContext,
  declaration: SignerDeclaration,
): Promise<SignatureVerifier> {
  return asFinding("signer", () => signerVerifier(context, declaration));
}

/**
 * Returns who is trusted, as inputs record it, so that another trusted root is a change: the same
 * identity, vouched for by somebody else, is another signer.
 */
export function recordedName({ name, root }: SignatureVerifier): string {
  return root === undefined ? name : `${name} by the trusted root ${root}`;
}

/**
 * Returns who signed at the last update: the public key of that time, which needs no password, or
 * the identity.
 */
export function recordedSigner(
  context: ResourceContext,
  publicKey: string | undefined,
  declaration: SignerDeclaration,
): Promise<SignatureVerifier> {
  return publicKey === undefined
    ? signerVerifier(context, declaration)
    : openVerifier(context, { publicKey });
}

/** A subject in a message: the digest, and the platform where it has one. */
export function subjectName({ digest, platform }: Subject): string {
  return platform === undefined ? digest : `${digest} (${platform})`;
}

/** Evidence that a statement about a digest was verified. */
export function verifiedEvidence(
  run: Run,
  subject: string,
  predicateType: string,
  signedBy: SignedBy,
  referrer?: string,
): Evidence {
  return defined({
    kind: evidenceKind(predicateType),
    subject,
    result: "passed" as const,
    ...statedBy(run, signedBy),
    referrer,
  });
}

/** Returns who made a statement, as evidence has it. */
export function statedBy(run: Run, signedBy: SignedBy | undefined): Pick<Evidence, "by" | "signer"> {
  if (signedBy === undefined) return { by: "nobody (unsigned)" };
  return { by: signedByText(signedBy), signer: signerOf(run, signedBy) };
}
