import { isLocalRegistry } from "../oci/reference";

/** Options of cosign with which a key alone counts, and nobody is asked. */
export const byKey = "--insecure-ignore-tlog --trusted-root root.json --new-bundle-format";

/** The same for an image. @param repository `host/path` */
export function byKeyOptions(repository: string): string {
  const host = repository.slice(0, repository.indexOf("/"));
  return isLocalRegistry(host) ? `${byKey} --allow-http-registry` : byKey;
}
