import { isUtf8 } from "node:buffer";
import { defined } from "../objects/defined";
import { parseBoundedJson } from "../oci/bounded-json";
import { canonicalJson } from "../oci/canonical-json";
import { digestHex } from "../oci/digest";
import { repeatedKey } from "../oci/repeated-keys";
import { strangeField, type Fields } from "./fields";

/** An in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md). */
export interface Statement<P = unknown> {
  _type: typeof statementType;
  subject: StatementSubject[];
  predicateType: string;
  predicate: P;
}

/** Subject of a statement (in-toto/attestation, spec/v1/resource_descriptor.md). */
export interface StatementSubject {
  name?: string;
  /** Algorithm to hexadecimal digits, e.g. `sha256`. */
  digest: Record<string, string>;
  /** What `cosign sign -a` signs along with a signature. */
  annotations?: Record<string, string>;
}

/** A subject as a caller names it. */
export interface SubjectDeclaration {
  /** `sha256:<hex>`. */
  digest: string;
  name?: string;
  annotations?: Record<string, string>;
}

export const statementType = "https://in-toto.io/Statement/v1";
/** Payload type of a statement in an envelope. */
export const statementPayloadType = "application/vnd.in-toto+json";

/**
 * The largest statement that is read or made, in bytes: an SBOM of 25 000 files. It is in memory
 * several times.
 */
export const statementLimitBytes = 16 * 1024 * 1024;

/**
 * A statement about artifacts by digest. Properties of the predicate that are undefined are left
 * out.
 */
export function buildStatement<P>(
  subjects: readonly SubjectDeclaration[],
  predicateType: string,
  predicate: P,
): Statement<P> {
  return {
    _type: statementType,
    subject: subjects.map(({ digest, name, annotations }) =>
      defined({
        name,
        digest: { sha256: digestHex(digest) },
        annotations: annotations && Object.keys(annotations).length > 0 ? annotations : undefined,
      }),
    ),
    predicateType,
    predicate,
  };
}

/** The bytes that are signed: equal statements give equal bytes. */
export function encodeStatement(statement: Statement): Buffer {
  const { _type, subject, predicateType, predicate } = statement;
  const parts = { _type, subject, predicateType, predicate };
  // The order of the specification, for those who read it; within, one spelling.
  return Buffer.from(
    `{${Object.entries(parts)
      .map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`)
      .join(",")}}`,
  );
}

/** Reads a statement, v1 or the v0.1 that older tools write. Undefined for what is none. */
export function parseStatement(payload: Uint8Array): Statement | undefined {
  let value: Partial<Statement> | null;
  try {
    value = parseBoundedJson(payload) as Partial<Statement> | null;
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object") return undefined;
  const { subject, predicateType } = value;
  if (value._type !== statementType && (value._type as unknown) !== "https://in-toto.io/Statement/v0.1") {
    return undefined;
  }
  const wellFormed =
    typeof predicateType === "string" &&
    Array.isArray(subject) &&
    subject.every((one) => typeof one?.digest === "object" && one.digest !== null);
  return wellFormed ? (value as Statement) : undefined;
}

/** Fields of a statement; those of its predicate are the predicate's. */
const statementFields: Fields = {
  _type: "anything",
  subject: {
    name: "anything",
    uri: "anything",
    digest: "anything",
    content: "anything",
    downloadLocation: "anything",
    mediaType: "anything",
    annotations: "anything",
  },
  predicateType: "anything",
  predicate: "anything",
};

/** Subjects of a statement that is read: cosign reads no more. */
export const subjectLimit = 1024;

/**
 * Returns why readers may differ in what a signed statement says; undefined where they do not. The
 * one that cosign has refuses it too.
 *
 * @param payload that the statement was read from
 */
export function statementDamage(payload: Uint8Array, statement: Statement): string | undefined {
  if (!isUtf8(payload)) return "it is not UTF-8";
  const repeated = repeatedKey(payload);
  if (repeated !== undefined) return `it has ${JSON.stringify(repeated)} twice in one object`;
  const strange = strangeField(statement, statementFields);
  if (strange !== undefined) return `it has ${JSON.stringify(strange)}, a field that no statement has`;
  const { subject } = statement;
  const predicate = statement.predicate ?? {};
  if (typeof predicate !== "object" || Array.isArray(predicate)) return "its predicate is no object";
  if (subject.length > subjectLimit) {
    return `it has ${subject.length} subjects, and at most ${subjectLimit} are read`;
  }
  const digests = subject.flatMap(({ digest }) => Object.values(digest));
  return digests.every((hex) => typeof hex === "string" && /^(?:[0-9a-f]{2})*$/i.test(hex))
    ? undefined
    : "a digest in it is not hexadecimal";
}

/** Returns whether a statement is about a digest `sha256:<hex>`. */
export function subjectOf(statement: Statement, digest: string): StatementSubject | undefined {
  return statement.subject.find((subject) => subject.digest.sha256 === digestHex(digest));
}
