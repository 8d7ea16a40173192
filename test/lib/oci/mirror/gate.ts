import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy that holds back each answer until somebody has looked at the registry. */
export interface Gate {
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts a gate in front of `127.0.0.1:port`; `look` is done after the registry did its work,
 * before its answer goes on.
 */
export async function startGate(
  port: number,
  look: (request: IncomingMessage) => Promise<void>,
): Promise<Gate> {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    const upstream = httpRequest({
      host: "127.0.0.1",
      port,
      method,
      path: url,
      headers: { ...headers, connection: "close" },
    });
    const answered = once(upstream, "response") as Promise<[IncomingMessage]>;
    // The answer may be complete, or nobody may wait for it any more, when the connection breaks.
    upstream.on("error", () => undefined);
    request.pipe(upstream);
    request.once("close", () => {
      if (!request.complete) upstream.destroy();
    });
    const [answer] = await answered;
    await look(request);
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
