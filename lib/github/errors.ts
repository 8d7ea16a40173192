/** Errors of GitHub's REST API. Callers ask for the status, they do not read messages. */

/** One entry of `errors` in the body of a 422 (GitHub REST, "Validation Error"). */
export interface GitHubFieldError {
  resource?: string;
  field?: string;
  code?: string;
  message?: string;
}

/** Details of an error of GitHub. */
export interface GitHubErrorFields {
  /** Operation and artifact, e.g. `uploading hello.tar.gz to acme/hello v1.0.0`. */
  operation: string;
  host: string;
  method: string;
  /** Path of the request, without its query. */
  path: string;
  /** HTTP status; undefined where no response came. */
  status?: number;
  /** GitHub's own words. */
  said?: string;
  errors?: readonly GitHubFieldError[];
  /** What to do next, for a person. */
  hint?: string;
  /** Whether the answer is a rate limit: it says nothing of the token's permissions. */
  rateLimited?: boolean;
  cause?: unknown;
}

/** A request to GitHub that failed for good. */
export class GitHubError extends Error {
  override readonly name = "GitHubError";
  readonly status?: number;
  readonly errors: readonly GitHubFieldError[];
  readonly rateLimited: boolean;

  constructor(fields: GitHubErrorFields) {
    super(describe(fields), { cause: fields.cause });
    this.status = fields.status;
    this.errors = fields.errors ?? [];
    this.rateLimited = fields.rateLimited ?? false;
  }

  /** Whether waiting may help: no answer, or a server error. */
  get temporary(): boolean {
    return this.status === undefined || this.status >= 500;
  }

  /** Returns whether GitHub refused one field with one code, e.g. `name` with `already_exists`. */
  refuses(field: string, code: string): boolean {
    return this.errors.some((error) => error.field === field && error.code === code);
  }
}

/**
 * Something that is published and is not changed silently: the message says what, and how to go on.
 */
export class ReleaseRefusal extends Error {
  override readonly name = "ReleaseRefusal";
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join("\n"));
  }
}

/**
 * Returns whether an error says that there is no such thing, or that the token may not know of it.
 */
export function isGitHubNotFound(error: unknown): boolean {
  return error instanceof GitHubError && error.status === 404;
}

/** Returns whether an error says that the token is missing, wrong or not enough. */
export function isGitHubUnauthorized(error: unknown): error is GitHubError {
  return error instanceof GitHubError && !error.rateLimited && (error.status === 401 || error.status === 403);
}

function describe({ operation, host, method, path, status, said, errors, hint, cause }: GitHubErrorFields) {
  const answer = status === undefined ? causeText(cause) : `HTTP ${status}`;
  const details = (errors ?? []).map(fieldErrorText).filter(Boolean);
  const words = [said, ...details].filter(Boolean).join("; ");
  const line = `${operation}: ${method} ${host}${path}: ${answer}${words ? ` (${words})` : ""}`;
  return hint ? `${line}\n${hint}` : line;
}

function fieldErrorText({ resource, field, code, message }: GitHubFieldError): string {
  const place = [resource, field].filter(Boolean).join(".");
  return [place, message ?? code].filter(Boolean).join(": ");
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return "no response";
  // A client wraps what really happened, and a connection tried on several addresses fails with a
  // code only.
  if (cause.cause instanceof Error) return causeText(cause.cause);
  return [cause.message, (cause as NodeJS.ErrnoException).code, cause.name].find(Boolean) ?? "";
}
