import { RegistryError } from "../errors";
import type { HttpResponse } from "../transport/http";

/**
 * Returns what to say of an answer that is a web page, such as the form of a proxy that wants people
 * to sign in; undefined for any other answer.
 *
 * @param origin where the registry is
 */
export function webPageHint(response: Pick<HttpResponse, "header" | "url">, origin: URL): string | undefined {
  if (!/^text\/html\b/i.test(response.header("content-type")?.trim() ?? "")) return undefined;
  const from = response.url.host === origin.host ? "" : `, to which ${origin.host} redirects`;
  return (
    `${response.url.host}${from} answers with a web page: is ${origin.host} a registry, and does it want ` +
    "people to sign in, or to accept something, in a browser first?"
  );
}

/**
 * Refuses the web page of another host, which a registry redirects to, as the content of a blob. A
 * registry's own answer may be of that type, because the blob is.
 *
 * @throws RegistryError
 */
export function refuseWebPage(
  { operation, method }: { operation: string; method: string },
  response: HttpResponse,
  origin: URL,
): void {
  const hint = response.url.host === origin.host ? undefined : webPageHint(response, origin);
  if (hint === undefined) return;
  const { status, url } = response;
  throw new RegistryError({ operation, host: url.host, method, path: url.pathname, status, hint });
}
