import type * as HttpAgentModule from "./http-agent";
import type * as LookupModule from "./lookup-elsewhere";
import { proxySettings } from "./proxy-settings";
import { isJudgedByAddress, maxRedirects, RedirectError, redirectTarget } from "./redirect";

/** Connections to hosts that somebody else named; opened with the first of them. */
let elsewhere: Promise<FetchDispatcher> | undefined;

/**
 * `fetch` for requests that anybody may make: GET without credentials, redirects followed by the
 * rule of {@link redirectTarget} instead of fetch's own, which leaves TLS.
 *
 * @throws RedirectError, and what `fetch` throws
 */
export async function fetchPublic(
  address: string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const declared = new URL(address);
  let url = declared;
  let judged = false;
  for (let redirects = 0; ; redirects++) {
    const response = await fetchOnce(url, init, judged);
    const target = await nextAddress(response, url);
    if (target === undefined) return response;
    if (redirects >= maxRedirects) throw new RedirectError(`more than ${maxRedirects} redirects`);
    judged = isJudgedByAddress(target, url, declared);
    url = target;
  }
}

async function fetchOnce(url: URL, init: RequestInit, judged: boolean): Promise<Response> {
  if (!judged) return fetch(url, { ...init, redirect: "manual" });
  elsewhere ??= openElsewhere();
  try {
    return await fetch(url, { ...init, redirect: "manual", dispatcher: await elsewhere });
  } catch (error) {
    const { cause } = error as Error;
    throw cause instanceof RedirectError ? cause : error;
  }
}

/**
 * Dispatcher that Node's `fetch` accepts: one of undici, of whatever version (`process-proxy.ts`
 * gives it too).
 */
type FetchDispatcher = NonNullable<RequestInit["dispatcher"]>;

async function openElsewhere(): Promise<FetchDispatcher> {
  // Loaded only when a redirect to another host is followed.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle keeps `require` in place
  const { newAgent } = require("./http-agent") as typeof HttpAgentModule;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a bundle keeps a `require` where it stands
  const { lookupElsewhere } = require("./lookup-elsewhere") as typeof LookupModule;
  const agent = await newAgent({ lookup: lookupElsewhere }, proxySettings(process.env));
  return agent as unknown as FetchDispatcher;
}

async function nextAddress(response: Response, url: URL): Promise<URL | undefined> {
  let leave = true;
  try {
    const target = redirectTarget(response.status, response.headers.get("location") ?? undefined, url);
    leave = target !== undefined;
    return target;
  } finally {
    if (leave) await response.body?.cancel();
  }
}
