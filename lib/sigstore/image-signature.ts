import type { Repository } from "../oci/repository";
import type { Bundle } from "./bundle";
import { VerificationError } from "./errors";
import { findBundles } from "./referrer";
import { verifyStatement, type Expectation, type VerifiedStatement } from "./verify";
import type { SignatureVerifier } from "./verifier";

/** A statement about an image that holds, and where it is. */
export interface ImageStatement extends VerifiedStatement {
  /** Digest of the referrer. */
  referrer: string;
  bundle: Bundle;
}

/** Result of looking for a statement. */
export interface StatementSearch {
  /** The first one that holds, by the referrer's digest, so that every run finds the same. */
  found?: ImageStatement;
  /** Why others do not hold, each with the referrer's digest; empty where there are none. */
  refused: string[];
}

/**
 * Looks for a statement by whom the verifier trusts, about this digest and of this type. Others'
 * are passed over.
 *
 * @throws what the repository throws
 */
export async function findStatement(
  repository: Repository,
  verifier: SignatureVerifier,
  expected: Expectation,
): Promise<StatementSearch> {
  const { digest, predicateType } = expected;
  const refused: string[] = [];
  for await (const { referrer, bundle, problem } of findBundles(repository, digest, { predicateType })) {
    try {
      if (!bundle) throw new VerificationError(problem ?? "cannot be read");
      const verified = await verifyStatement(bundle, verifier, expected);
      return { found: { ...verified, referrer: referrer.digest, bundle }, refused };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      refused.push(`${referrer.digest} ${error.message}`);
    }
  }
  return { refused };
}
