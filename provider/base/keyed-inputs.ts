import { createHmac } from "node:crypto";

/**
 * Values with each secret text among them replaced by a keyed hash, for what is digested in clear:
 * a digest of the secret itself would confirm a guess to everybody who reads the state.
 *
 * @param isSecret tells whether a path is secret, or below one that is
 * @param salt random secret that keys the hashes
 */
export function keyedSecrets<T>(values: T, isSecret: (path: readonly string[]) => boolean, salt: string): T {
  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === "string" && isSecret(path)) {
      return `hmac-sha256:${createHmac("sha256", salt).update(value).digest("hex")}`;
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, String(index)]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
  };
  return visit(values, []) as T;
}
