import { attach, documentLimitBytes, readBlob } from "../oci/attach";
import { canonicalJson } from "../oci/canonical-json";
import { digestOf, shortDigest } from "../oci/digest";
import { isNotFound } from "../oci/errors";
import type { Repository } from "../oci/repository";
import type { Descriptor, Manifest } from "../oci/types";
import {
  attachBundle,
  buildStatement,
  encodeStatement,
  findBundles,
  parseStatement,
  statementPayloadType,
  subjectOf,
  VerificationError,
  verifyStatement,
  type SignedBy,
  type Signer,
} from "../sigstore";

/** A statement that is to be in the registry. */
export interface WantedStatement {
  /** Digest of what it is about. */
  subject: string;
  predicateType: string;
  predicate: unknown;
  /** Whether a predicate that is there already says the same. Default: equal JSON. */
  saysTheSame?: (predicate: unknown) => boolean;
}

/** A statement in the registry. */
export interface AttachedStatement {
  subject: string;
  predicateType: string;
  /** Digest of the predicate in canonical JSON. */
  predicateDigest: string;
  /** Digest of the referrer that carries it. */
  referrer: string;
}

/** A statement in the registry, and who signed it; undefined where nobody did. */
export interface SignedStatement {
  attached: AttachedStatement;
  signedBy?: SignedBy;
}

/** Largest plain statement that is read, in bytes. */
const statementLimitBytes = 64 * 1024 * 1024;

/** Digest by which predicates are compared. */
export function predicateDigest(predicate: unknown): string {
  return digestOf(canonicalJson(predicate));
}

/**
 * Makes sure that a statement refers to its subject: one that is there and says the same is adopted. With a signer only
 * what that signer signed counts; without one the statement is attached as it is.
 *
 * @throws Error where the subject is not in the repository
 */
export async function attachStatement(
  repository: Repository,
  wanted: WantedStatement,
  signer: Signer | undefined,
  signal: AbortSignal,
): Promise<SignedStatement> {
  const { subject, predicateType, predicate } = wanted;
  const found = await (signer ? findSigned(repository, wanted, signer) : findPlain(repository, wanted));
  if (found) return found;
  const descriptor = await repository.headManifest(subject);
  if (!descriptor) {
    throw new Error(
      `${repository.name}@${subject} is not in the registry, and a statement of type ${predicateType} has to refer to it; push it first`,
    );
  }
  const statement = buildStatement([{ digest: subject }], predicateType, predicate);
  const attached = (referrer: Descriptor) => ({
    subject,
    predicateType,
    predicateDigest: predicateDigest(predicate),
    referrer: referrer.digest,
  });
  if (!signer) {
    const bytes = encodeStatement(statement);
    return { attached: attached(await attachPlain(repository, descriptor, bytes, predicateType, signal)) };
  }
  const bundle = await signer.signStatement(statement);
  const signedBy = await signer.verifier.verifyEnvelope(bundle);
  const referrer = await attachBundle(repository, descriptor, bundle, predicateType, { signal });
  return { attached: attached(referrer), signedBy };
}

/** What the registry lacks of statements that were attached: each in one line. */
export async function missingStatements(
  repository: Repository,
  attached: readonly AttachedStatement[],
): Promise<string[]> {
  const bySubject = new Map<string, Promise<Descriptor[]>>();
  const listed = (subject: string) => {
    const known = bySubject.get(subject) ?? repository.listReferrers(subject);
    bySubject.set(subject, known);
    return known;
  };
  const findings = await Promise.all(
    attached.map(async ({ subject, referrer, predicateType }) => {
      const [referrers, manifest] = await Promise.all([listed(subject), repository.headManifest(referrer)]);
      const what = `${predicateType} ${shortDigest(referrer)} of ${shortDigest(subject)}`;
      if (!manifest) return [`${what} is gone`];
      return referrers.some(({ digest }) => digest === referrer) ? [] : [`${what} is not listed`];
    }),
  );
  return findings.flat();
}

async function findSigned(
  repository: Repository,
  wanted: WantedStatement,
  signer: Signer,
): Promise<SignedStatement | undefined> {
  const { subject, predicateType } = wanted;
  for await (const { referrer, bundle } of findBundles(repository, subject, { predicateType })) {
    if (!bundle) continue;
    try {
      const { statement, signedBy } = await verifyStatement(bundle, signer.verifier, {
        digest: subject,
        predicateType,
      });
      const found = adopted(wanted, statement.predicate, referrer);
      if (found) return { attached: found, signedBy };
    } catch (error) {
      // Somebody else's statement, or a damaged one: ours is made beside it.
      if (!(error instanceof VerificationError)) throw error;
    }
  }
  return undefined;
}

async function findPlain(
  repository: Repository,
  wanted: WantedStatement,
): Promise<SignedStatement | undefined> {
  for (const referrer of await repository.listReferrers(wanted.subject, statementPayloadType)) {
    const statement = await readPlain(repository, referrer);
    if (statement?.predicateType !== wanted.predicateType || !subjectOf(statement, wanted.subject)) continue;
    const found = adopted(wanted, statement.predicate, referrer);
    if (found) return { attached: found };
  }
  return undefined;
}

async function readPlain(repository: Repository, referrer: Descriptor) {
  try {
    const { bytes } = await repository.getManifest(referrer.digest);
    const layer = (JSON.parse(bytes.toString("utf8")) as Manifest).layers[0];
    if (!layer || layer.size > statementLimitBytes) return undefined;
    return parseStatement(await readBlob(repository, layer, documentLimitBytes));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function adopted(
  { subject, predicateType, predicate, saysTheSame }: WantedStatement,
  found: unknown,
  referrer: Descriptor,
): AttachedStatement | undefined {
  const digest = predicateDigest(found);
  const same = saysTheSame ? saysTheSame(found) : digest === predicateDigest(predicate);
  return same ? { subject, predicateType, predicateDigest: digest, referrer: referrer.digest } : undefined;
}

/** Attaches an unsigned statement: its blob is the statement, its digest follows its content. */
function attachPlain(
  repository: Repository,
  subject: Descriptor,
  bytes: Buffer,
  predicateType: string,
  signal: AbortSignal,
): Promise<Descriptor> {
  const annotations = { "in-toto.io/predicate-type": predicateType };
  const type = { artifactType: statementPayloadType, mediaType: statementPayloadType };
  return attach(repository, subject, { ...type, bytes, annotations }, signal);
}
