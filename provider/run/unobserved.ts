import { CredentialsError, isUnauthorized } from "../../lib/oci/errors";
import { isGitHubUnauthorized } from "../../lib/github/errors";
import type { Properties } from "../base/properties";
import type { Changes } from "./resource";

/**
 * The engine observes resources before it runs the program, with the provider's configuration of
 * the last run. Where a password was changed in between, that observation is refused, and the new
 * password would never be reached. So such a resource keeps its state with a mark, and is observed
 * when it is compared: that happens with the new configuration.
 */

/** The engine's display leaves out properties that begin with two underscores. */
const mark = "__unobserved";

/** Returns whether an observation failed because of the credentials. */
export function isAccessRefused(error: unknown): error is Error {
  return isUnauthorized(error) || isGitHubUnauthorized(error) || error instanceof CredentialsError;
}

/** State that is as it was, not as it was observed. */
export function asUnobserved(state: Properties): Properties {
  return { ...state, [mark]: true };
}

export function isUnobserved(state: Properties): boolean {
  return state[mark] === true;
}

/** State without the mark. */
export function withoutMark(state: Properties): Properties {
  const { [mark]: _mark, ...rest } = state;
  return rest;
}

/** Differences to a resource that is gone: all that is desired is new. */
export function asAdded(changes: Changes): Changes {
  return Object.fromEntries(Object.keys(changes).map((path) => [path, { kind: "add" }]));
}
