/** Errors of the protocol layer. Callers ask "is it not-found?", they do not read messages. */

/** One entry of a registry's error body (distribution-spec 1.1, "Error Codes"). */
export interface RegistryErrorDetail {
  /** The registry's own code, e.g. `MANIFEST_UNKNOWN`. */
  code: string;
  message: string;
}

/** Details of a registry error. */
export interface RegistryErrorFields {
  /** Operation and artifact, e.g. `pushing manifest sha256:… to ghcr.io/acme/hello`. */
  operation: string;
  host: string;
  method: string;
  /** Path of the request, without its query: queries can hold credentials. */
  path: string;
  /** HTTP status; undefined where no response came. */
  status?: number;
  details?: RegistryErrorDetail[];
  /** What to do next, for a person. */
  hint?: string;
  /** Whether waiting may help, where the status alone does not say. */
  temporary?: boolean;
  /** Whether the answer means that the content is not there, where the status alone does not say. */
  absent?: boolean;
  /** Wait that the server asked for, in milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** A request to a registry that failed for good. */
export class RegistryError extends Error {
  override readonly name: string = "RegistryError";
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly details: readonly RegistryErrorDetail[];
  readonly hint?: string;
  /** Wait that the server asked for, in milliseconds. */
  readonly retryAfterMs?: number;
  /**
   * Whether waiting may help: a connection that failed, 408, 429, or a server error that is not for
   * good.
   */
  readonly temporary: boolean;
  /** Whether the manifest, blob or repository does not exist. */
  readonly absent: boolean;

  constructor(fields: RegistryErrorFields) {
    super(describe(fields), { cause: fields.cause });
    this.retryAfterMs = fields.retryAfterMs;
    this.temporary = fields.temporary ?? isTemporaryStatus(fields.status);
    this.absent = fields.absent ?? fields.status === 404;
    this.host = fields.host;
    this.method = fields.method;
    this.path = fields.path;
    this.status = fields.status;
    this.details = fields.details ?? [];
    this.hint = fields.hint;
  }

  /** Returns whether one of the registry's own codes is `code`. */
  hasCode(code: string): boolean {
    return this.details.some((detail) => detail.code === code);
  }
}

/**
 * A registry that cannot hold what refers to an image: it refuses such manifests, or keeps no list of
 * them.
 */
export class ReferrersRefusedError extends RegistryError {
  override readonly name = "ReferrersRefusedError";

  /** @param fields `seen` ends a sentence about the registry */
  constructor({ registry, seen, ...fields }: RegistryErrorFields & { registry: string; seen: string }) {
    super({
      ...fields,
      temporary: false,
      hint:
        `${registry} cannot hold what refers to an image, such as signatures and SBOMs: ${seen}. Publish there without ` +
        "them, or with signatures in cosign's older scheme alone (docs/registries.md, Referrers).",
    });
  }
}

/** Content that is not what its digest or size says, whichever side it came from. */
export class DigestMismatchError extends Error {
  override readonly name = "DigestMismatchError";
  constructor(
    /** What was read or written, and where. */
    readonly artifact: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${artifact}: content does not match its digest or size: expected ${expected}, got ${actual}`);
  }
}

/**
 * Credentials that are configured but cannot be used: an unreadable file, a failing helper, half a
 * pair.
 */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}

/**
 * Codes by which a registry says that it does not see what a manifest is made of (distribution-spec
 * 1.1, "Error Codes").
 */
const unknownContentCodes = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"];

/** Returns whether an error says that a manifest names content which the registry does not have. */
export function isUnknownContent(error: unknown): boolean {
  return error instanceof RegistryError && unknownContentCodes.some((code) => error.hasCode(code));
}

/** Returns whether an error says that the manifest, blob or repository does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RegistryError && error.absent;
}

/** Returns whether an error says that the credentials are missing, wrong or not enough. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof RegistryError && isRefusal(error.status) && !error.absent;
}

/** Returns whether a status says that the client may not do what it asked for. */
export function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 403;
}

function describe(fields: RegistryErrorFields): string {
  const said = (fields.details ?? [])
    .map((detail) => [detail.code, detail.message].filter(Boolean).join(": "))
    .join("; ");
  const answer = fields.status === undefined ? causeText(fields.cause) : `HTTP ${fields.status}`;
  const lines = [
    `${fields.operation}: ${fields.method} ${fields.host}${fields.path}: ${answer}${said ? ` (${said})` : ""}`,
  ];
  if (fields.hint) lines.push(fields.hint);
  return lines.join("\n");
}

/** Server errors that no waiting cures: not implemented, HTTP version, storage full. */
const lastingServerErrors: ReadonlySet<number> = new Set([501, 505, 507]);

/**
 * Returns whether a status, or that there is none, says that the same request may succeed later.
 */
export function isTemporaryStatus(status: number | undefined): boolean {
  if (status === undefined || status === 408 || status === 429) return true;
  return status >= 500 && !lastingServerErrors.has(status);
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return "no response";
  // A connection that was tried on several addresses fails with a code and no message.
  return [cause.message, (cause as NodeJS.ErrnoException).code, cause.name].find(Boolean) ?? "";
}
