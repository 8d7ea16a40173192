import type { Bundle } from "./bundle";
import { VerificationError } from "./errors";
import { signedByText, type SignedBy } from "./signed-by";
import {
  parseStatement,
  statementDamage,
  statementPayloadType,
  subjectOf,
  type Statement,
} from "./statement";
import type { SignatureVerifier } from "./verifier";

/** Expectations of a bundle. Without all of these a signature proves nothing about an image. */
export interface Expectation {
  /** Digest of the artifact, `sha256:<hex>`. */
  digest: string;
  /**
   * Type of the predicate: an attestation by the same key is not a signature, and the other way
   * round.
   */
  predicateType: string;
  /** Annotations that have to be signed along, as `cosign verify -a` demands them. */
  annotations?: Readonly<Record<string, string>>;
}

/** A statement whose signature was verified. */
export interface VerifiedStatement {
  statement: Statement;
  /** Who signed. */
  signedBy: SignedBy;
}

/**
 * Verifies that a bundle is a statement by whom the verifier trusts, about this digest and of this
 * type.
 *
 * @throws VerificationError that says which of these does not hold
 */
export async function verifyStatement(
  bundle: Bundle,
  verifier: SignatureVerifier,
  expected: Expectation,
): Promise<VerifiedStatement> {
  const signedBy = await verifier.verifyEnvelope(bundle);
  const by = signedByText(signedBy);
  // Only what is signed is believed: the annotations of the referrer are not.
  const envelope = bundle.dsseEnvelope;
  const payload = Buffer.from(envelope?.payload ?? "", "base64");
  const statement = envelope?.payloadType === statementPayloadType ? parseStatement(payload) : undefined;
  if (!statement) throw new VerificationError(`is signed by ${by}, but is not an in-toto statement`);
  const damage = statementDamage(payload, statement);
  if (damage !== undefined) {
    throw new VerificationError(`is signed by ${by}, but is a damaged in-toto statement: ${damage}`);
  }
  if (statement.predicateType !== expected.predicateType) {
    throw new VerificationError(
      `is signed by ${by}, but is of type ${statement.predicateType}, not ${expected.predicateType}`,
    );
  }
  const subject = subjectOf(statement, expected.digest);
  if (!subject) {
    const others = statement.subject.map(({ digest }) => `sha256:${digest.sha256 ?? "?"}`).join(", ");
    throw new VerificationError(`is signed by ${by}, but for ${others}, not ${expected.digest}`);
  }
  for (const [key, value] of Object.entries(expected.annotations ?? {})) {
    if (subject.annotations?.[key] !== value) {
      throw new VerificationError(
        `is signed by ${by}, but with the annotation ${key}=${subject.annotations?.[key] ?? ""}, not ${key}=${value}`,
      );
    }
  }
  return { statement, signedBy };
}
