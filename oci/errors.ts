/** Errors of the protocol layer. Callers ask "is it not-found?", they do not read messages. */

/** One entry of a registry's error body (distribution-spec 1.1, "Error Codes"). */
export interface RegistryErrorDetail {
  /** The registry's own code, e.g. `MANIFEST_UNKNOWN`. */
  code: string;
  message: string;
}

/** What a registry error knows of itself. */
export interface RegistryErrorFields {
  /** What was being done, on which artefact, e.g. `pushing manifest sha256:… to ghcr.io/acme/hello`. */
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

  constructor(fields: RegistryErrorFields) {
    super(describe(fields), { cause: fields.cause });
    this.host = fields.host;
    this.method = fields.method;
    this.path = fields.path;
    this.status = fields.status;
    this.details = fields.details ?? [];
    this.hint = fields.hint;
  }

  /** Whether one of the registry's own codes is `code`. */
  hasCode(code: string): boolean {
    return this.details.some((detail) => detail.code === code);
  }

  /** Whether waiting may help: no response, 408, 429 or a server error. */
  get temporary(): boolean {
    return this.status === undefined || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Content that is not what its digest or size says, whichever side it came from. */
export class DigestMismatchError extends Error {
  override readonly name = "DigestMismatchError";
  constructor(
    /** What was being read or written, and where. */
    readonly artefact: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${artefact}: content does not match its digest or size: expected ${expected}, got ${actual}`);
  }
}

/** Whether an error says that the manifest, blob or repository does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RegistryError && error.status === 404;
}

/** Whether an error says that the credentials are missing, wrong or not enough. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof RegistryError && (error.status === 401 || error.status === 403);
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

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : "no response";
}
