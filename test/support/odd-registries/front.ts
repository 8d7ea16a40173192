import { once } from "node:events";
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { definedValues } from "../../../lib/objects/defined";
import { countOf, listen, type FaultProxy, type ProxiedRequest } from "../proxy";
import type { Answer, Behavior, Exchange, Kind, Question } from "./exchange";

/** A vendor's front before a registry, with a log of what reached it. */
export type Front = Pick<FaultProxy, "host" | "requests" | "count" | "stop"> & {
  /** Forgets the requests. */
  reset(): void;
};

/**
 * Starts a front before the registry on `127.0.0.1:port`. The `Host` header is passed on as it came,
 * so that the registry names the front in its Locations.
 */
export async function startFront(port: number, behavior: Behavior): Promise<Front> {
  const requests: ProxiedRequest[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const record: ProxiedRequest = { method, path, headers, requestBytes: 0, responseBytes: 0 };
    requests.push(record);
    response.on("error", () => undefined);
    const body = await bodyOf(request);
    record.requestBytes = body.length;
    const answer = await behavior(exchangeOf(port, { method, path, headers, body }));
    record.status = answer.status;
    const bytes = Buffer.from(answer.body ?? "");
    record.responseBytes = method === "HEAD" ? 0 : bytes.length;
    const length = method === "HEAD" ? {} : { "content-length": bytes.length };
    const stated = Object.entries({ ...length, ...answer.headers }).filter(
      ([, value]) => value !== undefined,
    );
    response.writeHead(answer.status, Object.fromEntries(stated));
    response.end(method === "HEAD" ? undefined : bytes);
  };

  return {
    ...(await listen(handle)),
    requests,
    reset: () => {
      requests.length = 0;
    },
    count: countOf(requests),
  };
}

function exchangeOf(
  port: number,
  request: { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer },
): Exchange {
  const { method, path, headers, body } = request;
  const { pathname, searchParams } = new URL(path, "http://registry.invalid");
  const parsed = parsePath(pathname);
  return {
    ...request,
    ...parsed,
    reads: method === "GET" || method === "HEAD",
    query: searchParams,
    byDigest: parsed.reference.includes(":"),
    signedIn: headers.authorization !== undefined,
    pass: (changes) => send(port, { method, path, headers, body, ...changes }),
    ask: (asked, target, content, own) =>
      send(port, {
        method: asked,
        path: target,
        headers: { host: headers.host, authorization: headers.authorization, accept: headers.accept, ...own },
        body: content,
      }),
  };
}

/** Repository, kind and reference of a path (distribution-spec 1.1, "Endpoints"). */
export function parsePath(pathname: string): { kind: Kind; repository: string; reference: string } {
  if (/^\/v2\/?$/.test(pathname)) return { kind: "base", repository: "", reference: "" };
  const uploads = /^\/v2\/(.+)\/blobs\/uploads\/(.*)$/.exec(pathname);
  if (uploads) return { kind: "uploads", repository: uploads[1] ?? "", reference: uploads[2] ?? "" };
  const tags = /^\/v2\/(.+)\/tags\/list$/.exec(pathname);
  if (tags) return { kind: "tags", repository: tags[1] ?? "", reference: "" };
  const content = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(pathname);
  if (!content) return { kind: "other", repository: "", reference: "" };
  const [, repository = "", kind, reference = ""] = content;
  return { kind: kind as Kind, repository, reference: decodeURIComponent(reference) };
}

async function send(port: number, { method, path, headers, body }: Question): Promise<Answer> {
  const { "content-length": _length, "transfer-encoding": _coding, ...others } = headers ?? {};
  const length = body && body.length > 0 ? { "content-length": String(body.length) } : {};
  const none = method === "POST" || method === "PUT" || method === "PATCH" ? { "content-length": "0" } : {};
  const upstream = httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: definedValues({ ...others, ...none, ...length, connection: "close" }),
  });
  upstream.end(body);
  const [answer] = (await once(upstream, "response")) as [IncomingMessage];
  const { connection: _connection, "transfer-encoding": _transfer, ...answered } = answer.headers;
  const bytes = await bodyOf(answer);
  if (method !== "HEAD") delete answered["content-length"];
  return { status: answer.statusCode ?? 502, headers: answered, body: bytes };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
