import type { OutgoingHttpHeaders } from "node:http";

/** What the fake answers; an operation throws it where it refuses. */
export class Answer extends Error {
  constructor(
    readonly status: number,
    readonly body?: unknown,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(`HTTP ${status}`);
  }
}

/** A field that GitHub does not accept. */
export interface FieldError {
  resource: string;
  field: string;
  code: string;
}

export function failed(status: number, message: string, headers: OutgoingHttpHeaders = {}): Answer {
  const documentation_url = "https://docs.github.com/rest";
  return new Answer(status, { message, documentation_url, status: String(status) }, headers);
}

export const notFound = (): Answer => failed(404, "Not Found");

export function invalid(errors: FieldError[], message = "Validation Failed"): Answer {
  return new Answer(422, {
    message,
    errors,
    documentation_url: "https://docs.github.com/rest",
    status: "422",
  });
}

/** The secondary rate limit, as GitHub answers it. */
export function secondaryLimit(seconds: number): Answer {
  return failed(
    403,
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    {
      "retry-after": String(seconds),
    },
  );
}

/** The primary rate limit: what the hour allows is used up. @param reset seconds from now */
export function primaryLimit(reset: number): Answer {
  return failed(403, "API rate limit exceeded for user ID 1.", {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + reset),
  });
}
