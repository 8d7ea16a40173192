import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import Agent from "undici/lib/dispatcher/agent";
import { defined } from "../../objects/defined";
import type { ProxySettings } from "./proxy-settings";
import performRequest from "undici/lib/api/api-request";

/**
 * The HTTP/1.1 client of undici alone. The package's index loads its fetch, web sockets, caches and
 * mocks too, and with them Node's own copy of undici: three quarters of the time, in every start of
 * the provider.
 */
export { Agent };

/** Options of {@link newAgent}. */
export interface AgentOptions extends Omit<Agent.Options, "connect"> {
  /** How connections are opened: milliseconds that may take, and certificate authorities. */
  readonly connect?: { timeout?: number; ca?: string[] };
  /**
   * How names are resolved where there is no proxy in between, which resolves them itself; the
   * system's way unless given.
   */
  readonly lookup?: LookupFunction;
}

/** Connections, to the hosts themselves or through proxies. */
export async function newAgent(
  { lookup, ...options }: AgentOptions,
  proxies: ProxySettings | undefined,
): Promise<Dispatcher> {
  const direct = { ...options, connect: defined({ ...options.connect, lookup }) };
  if (!proxies) return new Agent(direct);
  // Loaded by who has a proxy, and nobody else.
  const { default: ProxyingAgent } = await import("undici/lib/dispatcher/env-http-proxy-agent");
  const { default: BasicDispatcher } = await import("undici/lib/dispatcher/dispatcher");
  const { default: connect } = await import("undici/lib/api/api-connect");
  // The package's index gives dispatchers their methods; to open a tunnel this one is needed.
  Object.assign(BasicDispatcher.prototype, { connect });
  return new ProxyingAgent({
    ...direct,
    ...proxies,
    // Plain HTTP is asked of the proxy itself, as curl does: many open no tunnel to other ports
    // than 443.
    proxyTunnel: false,
    requestTls: options.connect,
    proxyTls: options.connect,
  });
}

/** Options of {@link request}. */
export type RequestOptions = Omit<Dispatcher.RequestOptions, "origin" | "path">;

/** Sends a request over the connections of an agent. */
export function request(
  agent: Dispatcher,
  url: URL,
  options: RequestOptions,
): Promise<Dispatcher.ResponseData> {
  return performRequest.call(agent, { ...options, origin: url.origin, path: `${url.pathname}${url.search}` });
}
