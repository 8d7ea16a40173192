import type { RegistryKind, RequestedPlace } from "../../registry-kinds/kind";
import { explained, kindOfHost } from "../../registry-kinds/kinds";
import { durationText } from "../../text/duration";
import { cleanLine } from "../../text/terminal";
import { RegistryError, type RegistryErrorDetail } from "../errors";
import { configured, type Credentials } from "./credentials";
import type { HttpResponse } from "./http";
import { RedirectError } from "./redirect";
import { repositoryOf } from "./scope";
import { askedWaitMs, errorCode, isConnectionError } from "./retry";

/** Bytes of an error's body that are read. */
const errorBodyLimitBytes = 64 * 1024;

/** Operation during which a request failed. */
export interface FailedRequest {
  /** What, on which artifact and where. */
  operation: string;
  /** Host as the user writes it. */
  registry: string;
  method: string;
  url: URL;
  /** Credentials in use; only their source and user name are mentioned. */
  credentials?: Credentials;
  /** Further texts that must not appear, e.g. the tokens sent. */
  secrets?: readonly string[];
  /** Whether a token server has taken the credentials, so that it is not them that are refused. */
  accepted?: boolean;
  /** Whether the answer means that what was asked for is not there. */
  absent?: boolean;
  /** What the registry is, as far as it has said so; by its host unless given. */
  kind?: RegistryKind | undefined;
}

/** How it failed: with an answer, or without one. */
export type FailedOutcome = { response: HttpResponse } | { cause: unknown };

/**
 * The error for a request that failed for good. Reads the body of the response, as far as it is
 * needed for the registry's own words; every secret in them is blotted out.
 */
export async function describeFailure(
  request: FailedRequest,
  outcome: FailedOutcome,
): Promise<RegistryError> {
  const common = {
    operation: request.operation,
    host: request.url.host,
    method: request.method,
    path: request.url.pathname,
  };
  if ("cause" in outcome) {
    return new RegistryError({
      ...common,
      cause: outcome.cause,
      hint: redirectHint(outcome.cause, request) ?? connectionHint(outcome.cause, request.registry),
      temporary: isConnectionError(outcome.cause),
    });
  }
  const { response } = outcome;
  const secrets = [...(request.credentials?.secrets ?? []), ...(request.secrets ?? [])];
  const details = parseErrorBody(await response.head(errorBodyLimitBytes), secrets);
  const askedMs = askedWaitMs(response);
  return new RegistryError({
    ...common,
    status: response.status,
    details,
    hint: hintOf(response.status, details, request, askedMs),
    retryAfterMs: askedMs,
    absent: request.absent ? true : undefined,
  });
}

/**
 * The codes and messages in the body of an error: the distribution-spec's `errors`, or what token
 * servers and proxies answer instead.
 */
export function parseErrorBody(body: Buffer, secrets: readonly string[] = []): RegistryErrorDetail[] {
  const text = body.toString("utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const line = text.trim().split("\n")[0] ?? "";
    return line === "" || line.startsWith("<") ? [] : [{ code: "", message: clean(line, secrets) }];
  }
  if (typeof parsed !== "object" || parsed === null) return [];
  const fields = parsed as Record<string, unknown>;
  if (Array.isArray(fields.errors)) {
    return fields.errors.slice(0, 5).flatMap((entry: unknown) => {
      if (typeof entry !== "object" || entry === null) return [];
      const { code, message, detail } = entry as Record<string, unknown>;
      const words = [message, detailText(detail)].filter(Boolean).map(plainText);
      return [
        { code: clean(plainText(code), secrets), message: clean([...new Set(words)].join(": "), secrets) },
      ];
    });
  }
  const message = fields.details ?? fields.error_description ?? fields.message ?? "";
  const code = clean(plainText(fields.error ?? ""), secrets);
  return code || message ? [{ code, message: clean(plainText(message), secrets) }] : [];
}

/** A detail that is a sentence, or has one: Artifactory's is an object with a description. */
function detailText(detail: unknown): string | undefined {
  if (typeof detail === "string") return detail;
  if (typeof detail !== "object" || detail === null) return undefined;
  const { description, message } = detail as Record<string, unknown>;
  return [description, message].find((text) => typeof text === "string");
}

function plainText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function clean(text: string, secrets: readonly string[]): string {
  const blotted = (words: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), words);
  // What is taken away may have stood in the middle of a secret.
  return blotted(cleanLine(blotted(text)));
}

/** Statuses of which the credentials are told too, whatever the registry is known to mean. */
const alwaysTold: ReadonlySet<number> = new Set([401, 403, 429]);

/** What is known of the registry in the place of what holds of all, and beside whose credentials they are. */
function hintOf(
  status: number,
  details: readonly RegistryErrorDetail[],
  request: FailedRequest,
  askedMs: number | undefined,
): string | undefined {
  const general = statusHint(status, details, request, askedMs);
  if (request.absent) return general;
  const known = explained(kindOf(request), {
    ...placeOf(request),
    status,
    method: request.method,
    said: details.map(({ code, message }) => `${code}: ${message}`).join("; "),
    isSignedIn: request.credentials !== undefined,
  });
  if (known === undefined) return status === 401 ? withLogin(general, request) : general;
  return alwaysTold.has(status) && general !== undefined ? `${general} ${known}` : known;
}

/** How one signs in there, for who has not. */
function withLogin(general: string | undefined, request: FailedRequest): string | undefined {
  const kind = kindOf(request);
  return kind === undefined || request.credentials ? general : `${general} ${kind.name} takes ${kind.login}.`;
}

function kindOf({ kind, registry }: FailedRequest): RegistryKind | undefined {
  return kind ?? kindOfHost(registry);
}

/** The repository that a request was about: in its path, or in the scope of a token. */
function placeOf({ registry, url }: FailedRequest): RequestedPlace {
  const inPath = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname)?.[1];
  const inScope = repositoryOf(url.searchParams.getAll("scope"));
  return { registry, repository: inPath ?? (inScope === "" ? undefined : inScope) };
}

/** What to do about a request that writes, and that a registry redirects as no registry does. */
function redirectHint(cause: unknown, request: FailedRequest): string | undefined {
  if (!(cause instanceof RedirectError) || cause.status === undefined) return undefined;
  const { method, registry, credentials } = request;
  return (
    explained(kindOf(request), {
      ...placeOf(request),
      status: cause.status,
      method,
      said: "",
      isSignedIn: credentials !== undefined,
    }) ?? `Registries do not redirect what is pushed: is ${registry} one, and is its path right?`
  );
}

function statusHint(
  status: number,
  details: readonly RegistryErrorDetail[],
  request: FailedRequest,
  askedMs: number | undefined,
): string | undefined {
  const { registry, method, credentials, accepted, absent } = request;
  if (absent)
    return `It is not there: ${registry} answers HTTP ${status} for what a repository does not have.`;
  const has = (code: string) => details.some((detail) => detail.code === code);
  const who = credentials
    ? `The credentials from ${credentials.source}${credentials.username ? ` (user ${JSON.stringify(credentials.username)})` : ""}`
    : undefined;
  switch (status) {
    case 400:
      return details.some(({ message }) => /HTTP request to an HTTPS server/i.test(message))
        ? `${registry} speaks HTTPS: declare it with insecure: false, or with its certificate authority.`
        : undefined;
    case 401:
      if (who && accepted) {
        return (
          `${who} were accepted, and do not allow this: check the account's rights on the repository, and ` +
          "whether it has to be created before the first push."
        );
      }
      return who
        ? `${who} were refused: ${correction(credentials, registry)}.`
        : `No credentials were found for ${registry}: run "docker login ${registry}" or configure them.`;
    case 403:
      return who
        ? `${who} do not allow this: check the account's rights on the repository.`
        : `${registry} does not allow this without credentials: run "docker login ${registry}" or configure them.`;
    case 404:
      return has("NAME_UNKNOWN")
        ? "Check the name of the repository; some registries want it created before the first push, and some hide " +
            "private repositories from accounts without rights on them."
        : undefined;
    case 405:
      return method === "DELETE"
        ? "The registry does not allow deletion: switch it on there (CNCF Distribution: storage.delete.enabled)."
        : "The registry does not offer this operation; it may be read-only or a pull-through cache.";
    case 413:
      return "The registry, or a proxy in front of it, limits the size of a request: raise that limit.";
    case 429:
      return rateHint(request, askedMs);
    case 507:
      return "The registry's storage is full, or its quota is used up.";
    default:
      return undefined;
  }
}

/** What to do about wrong credentials, where they came from. */
function correction(credentials: Credentials | undefined, registry: string): string {
  return credentials?.source === configured
    ? "correct `username` and `password` of that registry there"
    : `run "docker login ${registry}" or correct them`;
}

function rateHint(request: FailedRequest, askedMs = 0): string {
  const { registry, credentials } = request;
  const asks = askedMs >= 1000 ? ` and asks to wait ${durationText(askedMs)}` : "";
  const next = credentials ? "try again later" : "signing in often raises the limit";
  const known = kindOf(request)?.rateLimit;
  return `${registry} limits the rate of requests${asks}: ${next}.${known === undefined ? "" : ` ${known}`}`;
}

const untrustedCertificateCodes: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function connectionHint(cause: unknown, registry: string): string | undefined {
  const code = errorCode(cause);
  if (code === undefined) return undefined;
  if (untrustedCertificateCodes.has(code)) {
    return `The certificate of ${registry} is not signed by a trusted authority: give its authority as caFile.`;
  }
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens at ${registry}: is the registry running, and is the port right?`;
    case "ETIMEDOUT":
      return `Nobody answers at ${registry}: is it running, and does a firewall let it be reached?`;
    case "ENOTFOUND":
      return `The name ${registry} does not resolve: check it for a typing error.`;
    case "EAI_AGAIN":
      return "The name service does not answer: check the network.";
    case "CERT_HAS_EXPIRED":
      return `The certificate of ${registry} has expired: it has to be renewed there.`;
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `The certificate of ${registry} is for another name: use the name that it was issued for.`;
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      return `${registry} does not speak TLS: if it is meant to be plain HTTP, declare it with insecure: true.`;
    default:
      return undefined;
  }
}
