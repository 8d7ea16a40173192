import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { digestOf } from "../../../../lib/oci/digest";
import { RegistryClient } from "../../../../lib/oci/registry/client";

const secrets = { acme: "acme-s3cret-0", corp: "corp-s3cret-1", "corp/team": "team-s3cret-2" };

/** A registry that asks everybody to sign in, one way or the other, and has nothing. */
async function startServer(scheme: "Basic" | "Bearer") {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    requests.push({ url, authorization: headers.authorization });
    request.resume();
    if (url.startsWith("/token")) {
      const user =
        Buffer.from(headers.authorization?.slice(6) ?? "", "base64")
          .toString()
          .split(":")[0] ?? "";
      response.writeHead(200).end(JSON.stringify({ token: `token-of-${user || "nobody"}` }));
    } else if (headers.authorization === undefined) {
      const { port } = server.address() as AddressInfo;
      const challenge =
        scheme === "Basic" ? "Basic" : `Bearer realm="http://127.0.0.1:${port}/token",service="r"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    } else response.writeHead(request.method === "POST" ? 403 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

for (const scheme of ["Basic", "Bearer"] as const) {
  describe(`accounts of several namespaces of one host (${scheme})`, () => {
    it("are used each for its own, and no secret goes with the requests of another", async () => {
      const registry = await startServer(scheme);
      const client = new RegistryClient({
        credentials: Object.entries(secrets).map(([namespace, password]) => ({
          host: registry.host,
          namespace,
          username: namespace.replace("/", "-"),
          password,
        })),
      });
      const repository = (path: string) => client.repository({ registry: registry.host, path });
      const bytes = Buffer.from("content");
      try {
        const paths = ["acme/app", "corp/app", "corp/team/app", "corporation/app", "acme/other"];
        await Promise.all(
          paths.map((path) =>
            repository(path)
              .headManifest("v1")
              .catch(() => undefined),
          ),
        );
        // A mount reads from another one's repository with the account of its own.
        await assert.rejects(
          repository("acme/app").putBlob(
            { digest: digestOf(bytes), size: bytes.length },
            () => Readable.from([bytes]),
            { mountFrom: "corp/app" },
          ),
        );
        const owners = Object.entries({ acme: "acme", corp: "corp", "corp/team": "corp-team" });
        for (const { url, authorization = "" } of registry.requests) {
          const path =
            /^\/v2\/(.+)\/(manifests|blobs)\//.exec(url)?.[1] ??
            /scope=repository(?:%3A|:)([^&:%]+(?:%2F[^&:%]+)*)/.exec(url)?.[1];
          const decoded = decodeURIComponent(path ?? "");
          const [, user] =
            owners
              .filter(([namespace]) => decoded.startsWith(`${namespace}/`))
              .sort((a, b) => b[0].length - a[0].length)[0] ?? [];
          const sent = `${authorization} ${Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString()} ${url}`;
          for (const [namespace, secret] of Object.entries(secrets)) {
            if (namespace.replace("/", "-") !== user)
              assert.ok(!sent.includes(secret), `${secret} in ${url}`);
          }
          if (authorization !== "" && !url.startsWith("/token")) {
            const expected = scheme === "Basic" ? `${user}:` : `token-of-${user ?? "nobody"}`;
            assert.ok(sent.includes(expected), `${url} was asked with ${sent}`);
          }
        }
        const asked = registry.requests.filter(({ authorization }) => authorization !== undefined);
        assert.ok(asked.length >= 5, JSON.stringify(registry.requests));
      } finally {
        await client.close();
        await registry.stop();
      }
    });
  });
}
