/** What a token may be used for, e.g. `repository:acme/hello:pull,push` (Docker "Token Scope Documentation"). */
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
export function normaliseScopes(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes.filter(Boolean))].sort();
}
