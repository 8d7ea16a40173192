import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behavior, Exchange } from "./exchange";

/** Bytes of one write of a long answer. */
const chunk = Buffer.alloc(64 * 1024, "x");

/** An ordinary answer, given when the request has been read. */
export function answer(
  status: number,
  body: string | Buffer = "",
  headers: OutgoingHttpHeaders = {},
): Behavior {
  return async (exchange) => {
    const { response, seen } = exchange;
    await requestRead(exchange);
    const bytes = Buffer.from(body);
    seen.answeredBytes = bytes.length;
    response.writeHead(status, { "content-length": bytes.length, ...headers });
    response.end(exchange.request.method === "HEAD" ? undefined : bytes);
  };
}

/** JSON with status 200. */
export function json(value: unknown, headers: OutgoingHttpHeaders = {}): Behavior {
  return answer(200, JSON.stringify(value), { "content-type": "application/json", ...headers });
}

/** A redirect. */
export function redirect(to: string, status = 302): Behavior {
  return answer(status, "", { location: to });
}

/** An answer that never ends, as fast as its reader takes it. */
export function endless(headers: OutgoingHttpHeaders = {}): Behavior {
  return long(Infinity, headers);
}

/** So many bytes without a `Content-Length`. */
export function withoutLength(bytes: number, headers: OutgoingHttpHeaders = {}): Behavior {
  return long(bytes, headers);
}

/** So many bytes, announced in a `Content-Length` that is true, or another one. */
export function withLength(bytes: number, announced = bytes, headers: OutgoingHttpHeaders = {}): Behavior {
  return long(bytes, { "content-length": announced, ...headers });
}

/** Bytes one at a time, each after a pause in milliseconds; without end unless a text is given. */
export function drip(intervalMs = 1000, text?: string, headers: OutgoingHttpHeaders = {}): Behavior {
  return async (exchange) => {
    const { response, seen } = exchange;
    response.writeHead(200, headers);
    response.flushHeaders();
    for (let at = 0; text === undefined || at < text.length; at++) {
      // A drip that outlasts its test does not keep the process.
      await sleep(intervalMs, undefined, { ref: false });
      if (response.destroyed) return;
      response.write(text?.[at] ?? " ");
      seen.answeredBytes += 1;
    }
    response.end();
  };
}

/** No answer at all: the connection stays open. */
export const silent: Behavior = () => undefined;

/** The first so many requests get one behavior, all later ones another. */
export function first(count: number, behavior: Behavior, then: Behavior): Behavior {
  let left = count;
  return (exchange) => (left-- > 0 ? behavior(exchange) : then(exchange));
}

function long(bytes: number, headers: OutgoingHttpHeaders): Behavior {
  return async ({ response, seen }) => {
    response.writeHead(200, headers);
    while (seen.answeredBytes < bytes && !response.destroyed) {
      const piece = chunk.subarray(0, bytes - seen.answeredBytes);
      seen.answeredBytes += piece.length;
      if (!response.write(piece)) await drained(response);
    }
    response.end();
  };
}

/** Until more can be written, or nobody listens any more. Listeners do not pile up. */
async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const either = ["drain", "close"].map((event) => once(response, event, { signal: settled.signal }));
  await Promise.race(either).finally(() => settled.abort());
  await Promise.allSettled(either);
}

async function requestRead({ request }: Exchange): Promise<void> {
  if (!request.complete) await once(request, "end");
}
