import { isThisMachine } from "./this-machine";

/** Redirects that one request may follow. */
export const maxRedirects = 5;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A redirect that cannot be followed: it leads nowhere, in a circle, out of TLS, or back to this
 * machine.
 */
export class RedirectError extends Error {
  override readonly name = "RedirectError";

  /** @param status of the answer to a request that may not be redirected at all; undefined for others */
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/**
 * Returns where an answer redirects its request to; undefined where it is not a redirect. One rule
 * for registries, GitHub, downloads and checks: TLS is not left, and what is elsewhere does not
 * send to services of this machine.
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

/**
 * Returns why an address that another one names must not be gone to, in words that follow
 * "redirect"; undefined for none.
 */
export function leavesSafety(target: URL, from: URL): string | undefined {
  if (target.protocol !== "https:" && target.protocol !== "http:") return `to ${target.protocol}`;
  if (from.protocol === "https:" && target.protocol === "http:") return `from https to http (${target.host})`;
  if (isThisMachine(target) && !isThisMachine(from))
    return `from ${from.host} to this machine (${target.host})`;
  return undefined;
}

/**
 * Returns whether a name has to be resolved to an address elsewhere, because somebody elsewhere
 * gave it.
 *
 * @param declared host that the user declared: it may be whatever its name resolves to
 */
export function isJudgedByAddress(target: URL, from: URL, declared: URL): boolean {
  return target.hostname !== declared.hostname && !isThisMachine(from);
}
