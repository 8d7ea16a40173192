import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "../certificates";
import { answer } from "./behaviors";
import type { Behavior, SeenRequest } from "./exchange";

/** A server on this machine that does what a test tells it to, and remembers what reached it. */
export interface HostileServer {
  /** `127.0.0.1:PORT`. */
  host: string;
  port: number;
  /** `http://127.0.0.1:PORT` or `https://127.0.0.1:PORT`. */
  url: string;
  requests: SeenRequest[];
  /**
   * Answers matching requests so from now on; what was told last is asked first. What nothing
   * matches gets 404.
   *
   * @param path the whole path without query, or a pattern for path and query
   */
  on(method: string, path: string | RegExp, behavior: Behavior): void;
  /**
   * Everything in one text that reached the server in headers and paths: for tests that look for a
   * secret.
   */
  transcript(): string;
  stop(): Promise<void>;
}

/** Starts a hostile server; with TLS where it gets a certificate (see `makeCertificate`). */
export async function startHostileServer(options: { tls?: ServerCertificate } = {}): Promise<HostileServer> {
  const rules: { method: string; path: string | RegExp; behavior: Behavior }[] = [];
  const requests: SeenRequest[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const seen: SeenRequest = { method, path, headers, bodyBytes: 0, answeredBytes: 0 };
    requests.push(seen);
    request.on("data", (chunk: Buffer) => (seen.bodyBytes += chunk.length));
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const rule = rules.find((known) => known.method === method && matches(known.path, path));
    await (rule?.behavior ?? answer(404))({ request, response, seen });
  };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = options.tls
    ? createTlsServer(
        { cert: readFileSync(options.tls.certificateFile), key: readFileSync(options.tls.keyFile) },
        listener,
      )
    : createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    port,
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    on: (method, path, behavior) => rules.unshift({ method, path, behavior }),
    transcript: () => JSON.stringify(requests),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function matches(rule: string | RegExp, path: string): boolean {
  return typeof rule === "string" ? rule === path.split("?")[0] : rule.test(path);
}
