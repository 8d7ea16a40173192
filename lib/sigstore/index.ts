export { bundleMediaType, encodeBundle, parseBundle, type Bundle } from "./bundle";
export { KeyError, SigningError, VerificationError } from "./errors";
export { findStatement, type ImageStatement, type StatementSearch } from "./image-signature";
export {
  generateKeyPairFiles,
  isEncryptedKey,
  keyFingerprint,
  keyHint,
  publicKeyOf,
  publicKeyPem,
  readPrivateKey,
  readPublicKey,
  type KeyPairFiles,
} from "./key";
export { keySigner, signerWith, type KeyHolder } from "./key-signer";
export { addLegacySignature, findLegacySignature, legacySignatureTag, type LegacySignature } from "./legacy";
export { evidenceKind, PredicateType } from "./predicate-types";
export { attachBundle, findBundles, isFinding, type BundleFilter, type FoundBundle } from "./referrer";
export { SearchBudget } from "./search-budget";
export { signedByText, type SignedBy } from "./signed-by";
export type { Signer } from "./signer";
export {
  buildStatement,
  encodeStatement,
  parseStatement,
  statementLimitBytes,
  statementPayloadType,
  subjectOf,
  type Statement,
  type StatementSubject,
  type SubjectDeclaration,
} from "./statement";
export { keyVerifier, type SignatureVerifier } from "./verifier";
export { verifyStatement, type Expectation, type VerifiedStatement } from "./verify";
