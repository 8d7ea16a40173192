import { isLocalRegistry } from "../reference";

/** Redirects that one request may follow. */
export const maxRedirects = 5;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Link-local addresses, where clouds have their metadata service, and other ways to write this machine's. */
const besideThisMachine =
  /^(169\.254(\.\d+){2}|0\.0\.0\.0|\[(::|::ffff:(7f|a9fe:|0:).*|fe[89ab][0-9a-f]:.*)\])$/;

/** Names of this machine in the hosts files of common systems, beside `localhost`. */
const namesOfThisMachine = /^(localhost[46]?(\.localdomain[46]?)?|ip6-(localhost|loopback))$/;

/** A redirect that cannot be followed: it leads nowhere, in a circle, out of TLS, or back to this machine. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
}

/**
 * Where an answer redirects its request to; undefined where it is no redirect. One rule for registries, GitHub,
 * downloads and checks: TLS is not left, and what is elsewhere does not send to services of this machine.
 *
 * @throws RedirectError
 */
export function redirectTarget(status: number, location: string | undefined, from: URL): URL | undefined {
  if (!redirectStatuses.has(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from.href)) throw new RedirectError("the redirect's Location is not a URL");
  const target = new URL(location, from);
  const reason = leavesSafety(target, from);
  if (reason !== undefined) throw new RedirectError(`redirect ${reason} is not followed`);
  return target;
}

/** Why an address that another one names must not be gone to, in words that follow "redirect"; undefined for none. */
export function leavesSafety(target: URL, from: URL): string | undefined {
  if (target.protocol !== "https:" && target.protocol !== "http:") return `to ${target.protocol}`;
  if (from.protocol === "https:" && target.protocol === "http:") return `from https to http (${target.host})`;
  if (isInside(target) && !isInside(from)) return `from ${from.host} to this machine (${target.host})`;
  return undefined;
}

function isInside({ hostname }: URL): boolean {
  // With a dot at its end a name is the same one (RFC 1034, section 3.1).
  const name = hostname.replace(/\.$/, "");
  return isLocalRegistry(name) || besideThisMachine.test(name) || namesOfThisMachine.test(name);
}
