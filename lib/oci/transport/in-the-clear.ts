import { isLocalRegistry } from "../reference";

/**
 * Returns whether an address is plain HTTP to another machine: whoever is on the way reads along,
 * and answers instead.
 */
export function isInTheClear(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "http:" && !isLocalRegistry(hostname);
}
