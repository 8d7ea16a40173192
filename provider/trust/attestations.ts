import { attach, readBlob } from "../../lib/oci/attach";
import { measureJson } from "../../lib/oci/bounded-json";
import { canonicalJson } from "../../lib/oci/canonical-json";
import { digestOf, shortDigest } from "../../lib/oci/digest";
import { isNotFound } from "../../lib/oci/errors";
import { manifestContent } from "../../lib/oci/manifest-content";
import type { Repository } from "../../lib/oci/repository";
import type { Descriptor } from "../../lib/oci/types";
import type { Services } from "../run/services";
import {
  attachBundle,
  buildStatement,
  encodeStatement,
  findBundles,
  isFinding,
  parseStatement,
  SearchBudget,
  statementLimitBytes,
  statementPayloadType,
  subjectOf,
  VerificationError,
  verifyStatement,
  type SignedBy,
  type Signer,
  type Statement,
} from "../../lib/sigstore";

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

/** Annotation with the type of a plain statement's predicate. */
const predicateTypeAnnotation = "in-toto.io/predicate-type";

/** Digest by which predicates are compared. */
export function predicateDigest(predicate: unknown): string {
  return digestOf(canonicalJson(predicate));
}

/**
 * Makes sure that a statement refers to its subject: one that is there and says the same is
 * adopted. With a signer only what that signer signed counts; without one the statement is attached
 * as it is.
 *
 * @param since what was looked at since is not looked at again; as `performance.now()` gives it
 * @throws Error where the subject is not in the repository, and for a statement larger than those
 * that are read
 */
export async function attachStatement(
  services: Pick<Services, "manifest">,
  repository: Repository,
  wanted: WantedStatement,
  signer: Signer | undefined,
  signal: AbortSignal,
  since: number,
): Promise<SignedStatement> {
  const { subject, predicateType, predicate } = wanted;
  const found = await (signer
    ? findSigned(repository, wanted, signer, since)
    : findPlain(repository, wanted, since));
  if (found) return found;
  const { descriptor } = await services.manifest(repository, subject).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new Error(
      `${repository.name}@${subject} is not in the registry, and a statement of type ${predicateType} has to refer to it; push it first`,
      { cause: error },
    );
  });
  const statement = buildStatement([{ digest: subject }], predicateType, predicate);
  const bytes = encodeStatement(statement);
  assertReadable(bytes, predicateType);
  const attached = (referrer: Descriptor) => ({
    subject,
    predicateType,
    predicateDigest: predicateDigest(predicate),
    referrer: referrer.digest,
  });
  if (!signer) {
    return { attached: attached(await attachPlain(repository, descriptor, bytes, predicateType, signal)) };
  }
  const bundle = await signer.signStatement(statement);
  const signedBy = await signer.verifier.verifyEnvelope(bundle);
  const referrer = await attachBundle(repository, descriptor, bundle, predicateType, { signal });
  return { attached: attached(referrer), signedBy };
}

/** Returns what the registry lacks of statements that were attached: each in one line. */
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
  since: number,
): Promise<SignedStatement | undefined> {
  const { subject, predicateType } = wanted;
  for await (const { referrer, bundle } of findBundles(repository, subject, {
    predicateType,
    since,
  })) {
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
  since: number,
): Promise<SignedStatement | undefined> {
  const listed = await repository.listReferrers(wanted.subject, statementPayloadType, { since });
  const candidates = listed.filter(({ annotations }) => {
    const stated = annotations?.[predicateTypeAnnotation];
    return stated === undefined || stated === wanted.predicateType;
  });
  const budget = new SearchBudget(`${repository.name}@${wanted.subject}`, candidates.length);
  for (const referrer of candidates) {
    const { statement, read } = await readPlain(repository, referrer);
    budget.take(read);
    if (statement?.predicateType !== wanted.predicateType || !subjectOf(statement, wanted.subject)) continue;
    const found = adopted(wanted, statement.predicate, referrer);
    if (found) return { attached: found };
  }
  return undefined;
}

/** The statement of a referrer, where it can be used: anybody who may push can add to them. */
async function readPlain(
  repository: Repository,
  referrer: Descriptor,
): Promise<{ statement?: Statement; read: number }> {
  let read = 0;
  try {
    const { bytes } = await repository.getManifest(referrer.digest);
    const layer = manifestContent(bytes)?.layers?.[0];
    if (!layer || !(layer.size <= statementLimitBytes)) return { read };
    read = layer.size;
    return { statement: parseStatement(await readBlob(repository, layer, statementLimitBytes)), read };
  } catch (error) {
    if (error instanceof Error && isFinding(error)) return { read };
    throw error;
  }
}

/**
 * @throws Error for a statement that would not be read again: the next run would attach another
 * one.
 */
function assertReadable(statement: Buffer, predicateType: string): void {
  const advice = "attach the document itself, or list less in it";
  if (statement.length > statementLimitBytes) {
    throw new Error(
      `the statement of type ${predicateType} has ${statement.length} bytes, and at most ${statementLimitBytes} are read: ${advice}`,
    );
  }
  try {
    measureJson(statement);
  } catch (error) {
    throw new Error(`the statement of type ${predicateType} is ${(error as Error).message}: ${advice}`, {
      cause: error,
    });
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
  const annotations = { [predicateTypeAnnotation]: predicateType };
  const type = { artifactType: statementPayloadType, mediaType: statementPayloadType };
  return attach(repository, subject, { ...type, bytes, annotations }, signal);
}
