import { isLocalRegistry } from "../reference";

/**
 * Services whose token server has a name of its own: their documentation and challenges, by the
 * registry's API host.
 */
const ownTokenServers: Readonly<Record<string, string>> = {
  "registry-1.docker.io": "auth.docker.io",
  "registry.digitalocean.com": "api.digitalocean.com",
};

/**
 * Returns whether a registry's credentials may go to the token server that it names: one on its own
 * host, whatever the port, on a host above or below it (`registry.gitlab.com` and `gitlab.com`),
 * that of a known service, or one that is declared. Neighbors under the same domain are not enough:
 * who owns a domain in common with others cannot be told from its name.
 *
 * @param declared other hosts, `host[:port]`
 */
export function mayHaveCredentials(realm: URL, registry: URL, declared: readonly string[] = []): boolean {
  const [there, here] = [realm.hostname, registry.hostname];
  if (there === here || (isLocalRegistry(there) && isLocalRegistry(here))) return true;
  if (isBelow(there, here) || isBelow(here, there) || ownTokenServers[here] === there) return true;
  return isDeclared(realm, declared);
}

/**
 * Returns whether a token server is one of the hosts, `host[:port]`, that a registry is declared
 * with.
 */
export function isDeclared(realm: URL, hosts: readonly string[] = []): boolean {
  return hosts.some((host) => new URL(`${realm.protocol}//${host}/`).host === realm.host);
}

/** Returns whether a name is below another one, which is more than a top-level domain. */
function isBelow(name: string, above: string): boolean {
  return above.includes(".") && name.endsWith(`.${above}`);
}
