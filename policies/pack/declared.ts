/** Stands for a value that is not known yet, as at preview. */
export const UNKNOWN = Symbol("not known yet");

/** A resource as a program declares it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Properties as plain values, with {@link UNKNOWN} where a value is not known yet. */
  readonly props: Readonly<Record<string, unknown>>;
  /** Paths (`env.TOKEN`, `manifests.0.digest`) of the values that are marked as secret. */
  readonly secrets: readonly string[];
}

/** Returns whether the value at a path, or one that holds it, is marked as secret. */
export function isSecret(resource: Declared, path: string): boolean {
  return resource.secrets.some((secret) => path === secret || path.startsWith(`${secret}.`));
}
