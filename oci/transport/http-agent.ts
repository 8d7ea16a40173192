import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent";
import performRequest from "undici/lib/api/api-request";

/**
 * The HTTP/1.1 client of undici alone. The package's index loads its fetch, web sockets, caches and mocks too, and with
 * them Node's own copy of undici: three quarters of the time, in every start of the provider.
 */
export { Agent };

/** Options of {@link request}. */
export type RequestOptions = Omit<Dispatcher.RequestOptions, "origin" | "path">;

/** Sends a request over the connections of an agent. */
export function request(agent: Agent, url: URL, options: RequestOptions): Promise<Dispatcher.ResponseData> {
  return performRequest.call(agent, { ...options, origin: url.origin, path: `${url.pathname}${url.search}` });
}
