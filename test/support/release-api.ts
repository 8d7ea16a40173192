import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "./certificates";

/** What of GitHub's API tells the latest release of a repository. */
export interface ReleaseApi {
  readonly port: number;
  /** Path of each request. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/**
 * Starts it on this machine.
 *
 * @param certificate for the name of GitHub's API, where clients know no other host; it speaks plain HTTP without one
 * @param assets addresses of the release's files
 */
export async function startReleaseApi(
  certificate: ServerCertificate | undefined,
  assets: () => readonly string[],
): Promise<ReleaseApi> {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? "");
    const [, which] =
      /^\/repos\/acme\/hello\/releases(\/latest|\/tags\/v1\.2\.3|(?=\?)|$)/.exec(request.url ?? "") ?? [];
    if (which === undefined) {
      response.writeHead(404).end('{"message":"Not Found"}');
      return;
    }
    const listed = assets().map((address) => ({
      name: address.slice(address.lastIndexOf("/") + 1),
      browser_download_url: address,
      url: address,
    }));
    const release = {
      tag_name: "v1.2.3",
      draft: false,
      prerelease: false,
      created_at: "2026-01-31T10:00:00Z",
      assets: listed,
    };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(which === "" ? [release] : release));
  };
  const server = certificate
    ? createSecureServer(
        { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) },
        answer,
      )
    : createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
