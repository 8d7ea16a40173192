/** What was found out about one thing. `not asked`: nobody can be asked without leaving something behind, or at all. */
export type Status = "ok" | "warning" | "failure" | "not asked";

/** Statuses in the order of how much they matter. */
export const statuses: readonly Status[] = ["failure", "warning", "not asked", "ok"];

/** An answer to a question. */
export interface Answer {
  readonly status: Status;
  /** What was found, in one line. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  /** What it is about, where that is a part of what was asked about. */
  readonly about?: string;
}

/** What was found out about one thing, by one check. */
export interface Finding extends Answer {
  /** Name of the check, e.g. `registries`. */
  readonly check: string;
  /** Tool, place or name that it is about, e.g. `ghcr.io/acme/hello`. */
  readonly about: string;
}

export function ok(text: string): Answer {
  return { status: "ok", text };
}

export function warning(text: string, remedy?: string): Answer {
  return { status: "warning", text, remedy };
}

export function failure(text: string, remedy?: string): Answer {
  return { status: "failure", text, remedy };
}

/** @param text why nobody is asked */
export function notAsked(text: string, remedy?: string): Answer {
  return { status: "not asked", text, remedy };
}
