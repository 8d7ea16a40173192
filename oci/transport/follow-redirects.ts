import { maxRedirects, RedirectError, redirectTarget } from "./redirect";

/**
 * `fetch` for requests that anybody may make: GET without credentials, redirects followed by the rule of
 * {@link redirectTarget} instead of fetch's own, which leaves TLS.
 *
 * @throws RedirectError, and what `fetch` throws
 */
export async function fetchPublic(
  address: string,
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, { ...init, redirect: "manual" });
    const target = await nextAddress(response, url);
    if (target === undefined) return response;
    if (redirects >= maxRedirects) throw new RedirectError(`more than ${maxRedirects} redirects`);
    url = target;
  }
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
