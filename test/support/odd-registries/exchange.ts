import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** What a path of the distribution API is about; `other` for all that is not part of it. */
export type Kind = "base" | "manifests" | "blobs" | "uploads" | "referrers" | "tags" | "other";

/** An answer, whole in memory: what tests push is small. */
export interface Answer {
  status: number;
  /** Without `content-length` for a body the front states it; undefined as its value leaves it out. */
  headers: OutgoingHttpHeaders;
  body?: Buffer | string;
}

/** A request that the front sends to the registry in its own name or in that of the client. */
export interface Question {
  method: string;
  /** Path with query. */
  path: string;
  /** Those of the client's request unless given. */
  headers?: IncomingHttpHeaders;
  body?: Buffer;
}

/** One request, as the vendor sees it before the registry does. */
export interface Exchange {
  method: string;
  /** Whether it is a GET or a HEAD. */
  reads: boolean;
  /** Path with query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  kind: Kind;
  /** Path of the repository, e.g. `team/app`; empty where the path names none. */
  repository: string;
  /** Tag, digest or upload session; empty where the path names none. */
  reference: string;
  /** Whether the reference is a digest. */
  byDigest: boolean;
  /** Whether the request has credentials. */
  signedIn: boolean;
  /** Passes the request on, with changes where given, and gives the registry's answer. */
  pass: (changes?: Partial<Question>) => Promise<Answer>;
  /** Asks the registry something else with the client's credentials; the log does not have it. */
  ask: (method: string, path: string, body?: Buffer, headers?: IncomingHttpHeaders) => Promise<Answer>;
}

/** How a vendor answers. State between exchanges is in what makes the behavior. */
export type Behavior = (exchange: Exchange) => Promise<Answer> | Answer;

/** An answer of the vendor's own with an error body (distribution-spec 1.1, "Error Codes"). */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers?: OutgoingHttpHeaders,
): Answer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

/** An index as answer, of a referrers API unless it has other headers. */
export function indexAnswer(manifests: readonly object[], headers?: OutgoingHttpHeaders): Answer {
  const mediaType = "application/vnd.oci.image.index.v1+json";
  return {
    status: 200,
    headers: { "content-type": mediaType, ...headers },
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
  };
}
