import { BlockList, isIP } from "node:net";
import { isLocalRegistry } from "../reference";

/** Names of this machine in the hosts files of common systems, beside `localhost`. */
const names = /^(localhost[46]?(\.localdomain[46]?)?|ip6-(localhost|loopback))$/;

/** This machine itself, what only it reaches, and where clouds have their metadata service. */
const addresses = new BlockList();
// "This network", loopback and link-local (RFC 1122, 3927, 4291); the metadata of most clouds is
// link-local.
addresses.addSubnet("0.0.0.0", 8);
addresses.addSubnet("127.0.0.0", 8);
addresses.addSubnet("169.254.0.0", 16);
addresses.addAddress("::", "ipv6");
addresses.addAddress("::1", "ipv6");
addresses.addSubnet("fe80::", 10, "ipv6");
// Metadata services that are not: of AWS over IPv6, of Alibaba Cloud, of Azure.
addresses.addSubnet("fd00:ec2::", 32, "ipv6");
addresses.addAddress("100.100.100.200");
addresses.addAddress("168.63.129.16");

/**
 * Returns whether an address is of this machine or of a service beside it; IPv4 may be written as
 * IPv6 (`::ffff:127.0.0.1`).
 */
export function isAddressOfThisMachine(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && addresses.check(address, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Returns whether a URL's host says by itself that it is this machine; a name is not resolved for
 * that.
 */
export function isThisMachine({ hostname }: URL): boolean {
  // With a dot at its end a name is the same one (RFC 1034, section 3.1).
  const name = hostname.replace(/\.$/, "");
  const address = name.replace(/^\[(.*)\]$/, "$1");
  return isLocalRegistry(name) || names.test(name) || isAddressOfThisMachine(address);
}
