import dns, { type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { RedirectError } from "./redirect";
import { isAddressOfThisMachine } from "./this-machine";

/** A name that somebody elsewhere gave, and that is this machine. */
export class AddressError extends RedirectError {
  constructor(
    readonly hostname: string,
    readonly address: string,
  ) {
    super(`${hostname} is this machine (${address}), which other machines must not redirect to`);
  }
}

/**
 * Resolves a name that somebody else gave: as the system does, but never to this machine (an
 * {@link AddressError}). The connection is opened to what was judged, so that a name cannot resolve
 * to something else in between.
 */
export const lookupElsewhere: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const here = error === null ? addressesOf(found).find(isAddressOfThisMachine) : undefined;
    if (here === undefined) return callback(error, found, family);
    callback(new AddressError(hostname, here), "");
  });
};

function addressesOf(found: string | LookupAddress[]): string[] {
  return typeof found === "string" ? [found] : found.map(({ address }) => address);
}
