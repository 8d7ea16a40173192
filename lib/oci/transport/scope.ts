/**
 * Scope of a token, e.g. `repository:acme/hello:pull,push` (Docker "Token Scope Documentation").
 */
export type Scope = string;

/** Reading from a repository. */
export function pullScope(path: string): Scope {
  return `repository:${path}:pull`;
}

/** Reading from and writing to a repository. */
export function pushScope(path: string): Scope {
  return `repository:${path}:pull,push`;
}

/** Deleting from a repository. */
export function deleteScope(path: string): Scope {
  return `repository:${path}:delete,pull`;
}

/** Listing the repositories of a registry. */
export const catalogScope: Scope = "registry:catalog:*";

/** Scopes in one order and without duplicates, as the key of a token and as they are asked for. */
export function normalizeScopes(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes.filter(Boolean))].sort();
}

/**
 * The path of the repository that a request with these scopes is about, which decides with whose
 * credentials it is sent; empty for none. Reading from another one, to mount a blob, comes after it.
 */
export function repositoryOf(scopes: readonly Scope[]): string {
  return /^repository:(.+):[^:]*$/.exec(scopes[0] ?? "")?.[1] ?? "";
}

/**
 * The part of the scopes in a challenge that a request has use for. A registry may name its
 * repository otherwise than the path does, as some behind proxies do; it does not get a token that
 * allows more than what was asked of it.
 */
export function withinRequest(challenged: readonly Scope[], requested: readonly Scope[]): Scope[] {
  const actions = new Set(requested.filter((scope) => scope.startsWith("repository:")).flatMap(actionsOf));
  return challenged.flatMap((scope): Scope[] => {
    if (requested.includes(scope)) return [scope];
    if (!/^repository(\([a-z]+\))?:/.test(scope)) return [];
    const kept = actionsOf(scope).filter((action) => actions.has(action));
    return kept.length === 0 ? [] : [`${scope.slice(0, scope.lastIndexOf(":"))}:${kept.join(",")}`];
  });
}

function actionsOf(scope: Scope): string[] {
  return scope.slice(scope.lastIndexOf(":") + 1).split(",");
}
