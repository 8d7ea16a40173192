import { createServer } from "node:https";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import type { ServerCertificate } from "./certificates";

/** What of GitHub's API tells the latest release of a repository, for clients that know no other host. */
export interface ReleaseApi {
  readonly port: number;
  /** Path of each request. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/**
 * Starts it on this machine, with a certificate for the name of GitHub's API.
 *
 * @param assets addresses of the release's files
 */
export async function startReleaseApi(
  { certificateFile, keyFile }: ServerCertificate,
  assets: () => readonly string[],
): Promise<ReleaseApi> {
  const asked: string[] = [];
  const server = createServer(
    { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
    (request, response) => {
      asked.push(request.url ?? "");
      if (!/^\/repos\/acme\/hello\/releases\/latest$/.test(request.url ?? "")) {
        response.writeHead(404).end('{"message":"Not Found"}');
        return;
      }
      const listed = assets().map((address) => ({ browser_download_url: address }));
      const release = { tag_name: "v1.2.3", prerelease: false, created_at: "2026-11-30T10:00:00Z" };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ...release, assets: listed }));
    },
  );
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
