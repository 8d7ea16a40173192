import assert from "node:assert/strict";
import { mirror } from "../../../../lib/oci/mirror";
import { startProxy, type FaultProxy, type ProxiedRequest } from "../../../support/proxy";
import { htpasswdUser, startDistribution, type TestRegistry } from "../../../support/registries";
import { startTokenServer, type TokenServer } from "../../../support/token-server";
import { requireTools } from "../../../support/tools";
import { TestClients } from "../registry/fixtures";
import { absences, publishImage, type PublishedImage } from "./fixtures";

const bob = { username: "bob", password: "password of bob" };

describe("the credentials of a mirror", function () {
  this.timeout(60_000);
  let tokens: TokenServer;
  let registries: TestRegistry[];
  let proxies: FaultProxy[];
  let clients: TestClients;
  let image: PublishedImage;
  let source: FaultProxy;
  let target: FaultProxy;
  let storage: FaultProxy;

  before(async function () {
    requireTools(this, "registry");
    tokens = await startTokenServer({ users: { [bob.username]: bob.password } });
    registries = [
      await startDistribution({ auth: tokens }),
      await startDistribution({ auth: "htpasswd" }),
      await startDistribution(),
    ];
    proxies = await Promise.all(registries.map(({ port }) => startProxy(port)));
    [source, target, storage] = proxies as [FaultProxy, FaultProxy, FaultProxy];
    clients = new TestClients();
    const client = clients.open({ credentials: [{ host: source.host, ...bob }] });
    image = await publishImage(client.repository({ registry: source.host, path: "acme/app" }));
    // The third registry stands for the storage that a source redirects downloads to.
    const open = client.repository({ registry: storage.host, path: "acme/app" });
    await mirror({
      sources: [client.repository({ registry: source.host, path: "acme/app" })],
      target: open,
      digest: image.digest,
    });
    for (const proxy of proxies) proxy.reset();
  });
  after(async () => {
    await clients?.close();
    await Promise.all((proxies ?? []).map((proxy) => proxy.stop()));
    await Promise.all((registries ?? []).map((registry) => registry.stop()));
    await tokens?.stop();
  });

  it("never reach the other registry, nor the storage that a download is redirected to", async () => {
    const credentials = [
      { host: source.host, ...bob },
      { host: target.host, ...htpasswdUser },
    ];
    const client = clients.open({ credentials });
    for (const digest of image.blobs.keys()) {
      const location = `http://${storage.host}/v2/acme/app/blobs/${digest}`;
      source.inject({
        method: "GET",
        path: new RegExp(`/blobs/${digest}$`),
        fault: { kind: "respond", status: 307, headers: { location } },
      });
    }
    const to = client.repository({ registry: target.host, path: "mirror/app" });
    await mirror({
      sources: [client.repository({ registry: source.host, path: "acme/app" })],
      target: to,
      digest: image.digest,
      tags: ["v1"],
    });
    assert.deepEqual(await absences(to, image), []);

    const sent = (proxy: FaultProxy) =>
      proxy.requests.flatMap(({ headers }: ProxiedRequest) => headers.authorization ?? []);
    const basic = `Basic ${Buffer.from(`${htpasswdUser.username}:${htpasswdUser.password}`).toString("base64")}`;
    assert.ok(sent(source).length > 0 && sent(source).every((value) => value.startsWith("Bearer ")));
    assert.ok(sent(target).length > 0 && sent(target).every((value) => value === basic));
    assert.ok(storage.count("GET", /\/blobs\//) >= image.blobs.size, "downloads came from the storage");
    assert.deepEqual(sent(storage), []);
  });

  it("are not in the error where they are refused", async () => {
    const secret = "not the password";
    const client = clients.open({
      credentials: [
        { host: source.host, ...bob },
        { host: target.host, username: "alice", password: secret },
      ],
    });
    const failed = mirror({
      sources: [client.repository({ registry: source.host, path: "acme/app" })],
      target: client.repository({ registry: target.host, path: "mirror/refused" }),
      digest: image.digest,
      tags: ["v1"],
    });
    await assert.rejects(failed, (error: Error) => {
      const text = `${error.message}${JSON.stringify(error)}${error.stack ?? ""}`;
      assert.match(error.message, /were refused: correct `username` and `password`/);
      assert.ok(!text.includes(secret) && !text.includes(Buffer.from(`alice:${secret}`).toString("base64")));
      return true;
    });
  });
});
