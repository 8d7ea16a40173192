import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a proxy does to one exchange. */
export type Fault =
  /** Answers itself; the registry hears nothing. */
  | { kind: "respond"; status: number; headers?: OutgoingHttpHeaders; body?: string | Buffer }
  /** Passes so many bytes of the request's body on, then breaks both connections. */
  | { kind: "cut-request"; afterBytes: number }
  /**
   * Takes so many bytes of the request's body without passing any on, then breaks the connection.
   */
  | { kind: "swallow-request"; afterBytes: number }
  /** Lets the registry do its work, and breaks the connection instead of passing its answer on. */
  | { kind: "lose-response" }
  /** Passes so many bytes of the answer's body on, then breaks the connection. */
  | { kind: "cut-response"; afterBytes: number }
  /** Changes the first byte of the answer's body. */
  | { kind: "corrupt-response" }
  /** Waits before it passes the request on, in milliseconds. */
  | { kind: "delay"; milliseconds: number }
  /** Changes headers of the request or of the answer; undefined removes one. */
  | { kind: "headers"; request?: HeaderChanges; response?: HeaderChanges };

type HeaderChanges = Record<string, string | string[] | undefined>;

/** Which exchanges a fault is for. */
export interface FaultRule {
  method?: string;
  /** Matches path and query. */
  path?: RegExp;
  /** Only the n-th matching request, from 1; or a list of them; all unless given. */
  nth?: number | readonly number[];
  fault: Fault;
}

/** One exchange as the proxy saw it. */
export interface ProxiedRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingMessage["headers"];
  /** Bytes of the request's body that came from the client. */
  requestBytes: number;
  /** Status that the client got; undefined where the connection was broken before. */
  status?: number;
  /** Bytes of the answer's body that went to the client. */
  responseBytes: number;
}

/** A proxy in front of a registry that does harm as told. */
export interface FaultProxy {
  /** `127.0.0.1:PORT`. */
  host: string;
  requests: ProxiedRequest[];
  /** Adds a rule. For each request the first rule that matches is used. */
  inject(rule: FaultRule): void;
  /** Forgets rules and requests. */
  reset(): void;
  /** Requests so far with a method and, where given, a matching path. */
  count(method: string, path?: RegExp): number;
  stop(): Promise<void>;
}

/**
 * Starts a fault-injecting proxy in front of `127.0.0.1:port`. The `Host` header is passed on as it
 * came.
 *
 * @param ownPort where it listens. Default: a free port
 */
export async function startProxy(port: number, ownPort = 0): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  let rules: (FaultRule & { seen: number })[] = [];

  const faultFor = (method: string, path: string): Fault | undefined => {
    let found: Fault | undefined;
    for (const rule of rules) {
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path && !rule.path.test(path)) continue;
      rule.seen += 1;
      const wanted = rule.nth === undefined || [rule.nth].flat().includes(rule.seen);
      if (wanted) found ??= rule.fault;
    }
    return found;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const record: ProxiedRequest = { method, path, headers, requestBytes: 0, responseBytes: 0 };
    requests.push(record);
    request.on("error", () => undefined);
    const fault = faultFor(method, path);
    if (fault?.kind === "respond") {
      request.resume();
      record.status = fault.status;
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    // A delay that outlasts its test does not keep the process.
    if (fault?.kind === "delay") await sleep(fault.milliseconds, undefined, { ref: false });
    await forward(port, request, response, record, fault);
  };

  return {
    ...(await listen(handle, ownPort)),
    requests,
    inject: (rule) => rules.push({ ...rule, seen: 0 }),
    reset: () => {
      rules = [];
      requests.length = 0;
    },
    count: countOf(requests),
  };
}

/** A server on a port of this machine, a free one by default; what its handler throws breaks the connection. */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port = 0,
): Promise<Pick<FaultProxy, "host" | "stop">> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Counts requests of a log as they are at the time of the question. */
export function countOf(requests: readonly ProxiedRequest[]): FaultProxy["count"] {
  return (method, path) =>
    requests.filter((seen) => seen.method === method && (!path || path.test(seen.path))).length;
}

async function forward(
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
  record: ProxiedRequest,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === "swallow-request") {
    await swallow(request, record, fault.afterBytes);
    request.socket.destroy();
    return;
  }
  const changes = fault?.kind === "headers" ? fault : undefined;
  const upstream = httpRequest({
    host: "127.0.0.1",
    port,
    method: request.method,
    path: request.url,
    headers: changedHeaders({ ...request.headers, ...changes?.request, connection: "close" }),
  });
  const answered = new Promise<IncomingMessage | undefined>((resolve) => {
    upstream.once("response", resolve);
    upstream.on("error", () => resolve(undefined));
    upstream.on("close", () => resolve(undefined));
  });
  const cutAfter = fault?.kind === "cut-request" ? fault.afterBytes : Infinity;
  request.on("data", (chunk: Buffer) => {
    const left = cutAfter - record.requestBytes;
    record.requestBytes += chunk.length;
    if (chunk.length < left) {
      if (!upstream.write(chunk)) {
        request.pause();
        upstream.once("drain", () => request.resume());
      }
      return;
    }
    request.removeAllListeners("data");
    upstream.write(chunk.subarray(0, left), () => {
      upstream.destroy();
      request.socket.destroy();
    });
  });
  request.on("end", () => upstream.end());
  request.on("close", () => {
    if (!request.complete) upstream.destroy();
  });

  const answer = await answered;
  if (!answer || fault?.kind === "lose-response") {
    request.socket.destroy();
    upstream.destroy();
    return;
  }
  record.status = answer.statusCode;
  response.writeHead(answer.statusCode ?? 502, changedHeaders({ ...answer.headers, ...changes?.response }));
  await pass(answer, response, record, fault);
}

async function pass(
  answer: IncomingMessage,
  response: ServerResponse,
  record: ProxiedRequest,
  fault: Fault | undefined,
): Promise<void> {
  const cutAfter = fault?.kind === "cut-response" ? fault.afterBytes : Infinity;
  for await (const received of answer as AsyncIterable<Buffer>) {
    const chunk = received.subarray(0, cutAfter - record.responseBytes);
    if (fault?.kind === "corrupt-response" && record.responseBytes === 0 && chunk[0] !== undefined) {
      chunk[0] ^= 0xff;
    }
    record.responseBytes += chunk.length;
    if (chunk.length > 0 && !response.write(chunk)) await once(response, "drain");
    if (record.responseBytes >= cutAfter) {
      // What was written reaches the client before the connection ends.
      await sleep(20);
      response.socket?.destroy();
      return;
    }
  }
  response.end();
}

async function swallow(request: IncomingMessage, record: ProxiedRequest, limit: number): Promise<void> {
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      record.requestBytes += chunk.length;
      if (record.requestBytes >= limit) return;
    }
  } catch {
    // The client gave up first.
  }
}

function changedHeaders(headers: HeaderChanges): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
