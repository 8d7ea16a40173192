import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";

/** A proxy as companies have one between their machines and the world. */
export interface ForwardProxy {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** What it was asked for, e.g. `CONNECT registry.test:443` or `GET http://registry.test/v2/`. */
  asked: string[];
  stop(): Promise<void>;
}

/**
 * Starts a proxy that alone knows where some hosts are: nobody reaches them without it.
 *
 * @param hosts ports of this machine, by name of a host
 * @param credentials `user:password` that it asks for
 */
export async function startForwardProxy(
  hosts: Readonly<Record<string, number>>,
  credentials?: string,
): Promise<ForwardProxy> {
  const asked: string[] = [];
  const expected =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`;
  const isAllowed = (request: IncomingMessage) =>
    expected === undefined || request.headers["proxy-authorization"] === expected;

  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const target = new URL(request.url ?? "");
    const port = hosts[target.hostname];
    if (!isAllowed(request)) return void response.writeHead(407).end();
    if (port === undefined) return void response.writeHead(502).end();
    const { "proxy-authorization": _authorization, ...headers } = request.headers;
    const passed = httpRequest(
      {
        host: "127.0.0.1",
        port,
        method: request.method,
        path: target.pathname + target.search,
        headers,
        setHost: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on("error", () => response.destroy());
    request.pipe(passed);
  });
  server.on("connect", (request, client) => {
    asked.push(`CONNECT ${request.url}`);
    client.on("error", () => undefined);
    const port = hosts[(request.url ?? "").replace(/:\d+$/, "")];
    if (!isAllowed(request)) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    if (port === undefined) return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    const tunnel = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      tunnel.pipe(client).pipe(tunnel);
    });
    tunnel.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
