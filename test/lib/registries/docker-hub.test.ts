import assert from "node:assert/strict";
import { ApiError } from "../../../lib/json-api/api-error";
import { claimsOf } from "../../../lib/registries/docker-hub/claims";
import { DockerHub } from "../../../lib/registries/docker-hub/hub";
import { defaultRetryPolicy } from "../../../lib/oci/transport/retry-policy";
import { DockerHubStandIn } from "../../support/docker-hub";

const curator = { username: "acme", password: "dckr_pat_curator" };
const publisher = { username: "acme", password: "dckr_pat_publisher" };

/** Against the stand-in: nobody has met the service. */
describe("Docker Hub's API", () => {
  let hub: DockerHubStandIn;
  let clients: DockerHub[];
  const waits: number[] = [];
  const secrets: string[] = [];

  beforeEach(async () => {
    hub = await DockerHubStandIn.start();
    hub.add({ ...curator, secret: curator.password, scope: "repo:admin" });
    hub.add({ ...publisher, secret: publisher.password, scope: "repo:write" });
    clients = [];
    waits.length = 0;
    secrets.length = 0;
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    await hub.stop();
  });

  function client(login?: { username: string; password: string }): DockerHub {
    const made = new DockerHub(login, {
      address: new URL(hub.address),
      retry: { ...defaultRetryPolicy, baseDelayMs: 1, maxRetryAfterMs: 20 },
      onWait: (_host, milliseconds) => waits.push(milliseconds),
      onSecret: (text) => secrets.push(text),
    });
    clients.push(made);
    return made;
  }

  it("tells of a public repository without an account, with its counts", async () => {
    hub.put("acme/hello", {
      description: "Greets",
      categories: [
        { name: "Web servers", slug: "web-servers" },
        { name: "Databases", slug: "databases" },
      ],
      rules: ["v.*"],
      pull_count: 12,
    });
    assert.deepEqual(await client().find("acme/hello"), {
      description: "Greets",
      fullDescription: "",
      categories: ["databases", "web-servers"],
      visibility: "public",
      immutableTags: ["v.*"],
    });
    const found = await client().repository("acme/hello");
    assert.deepEqual([found?.pullCount, found?.starCount], [12, 3]);
    assert.deepEqual(
      hub.requests.filter((line) => line.includes("auth")),
      [],
    );
  });

  it("knows of no repository that is not there, and of no private one of others", async () => {
    hub.put("acme/secret", { is_private: true });
    assert.equal(await client().find("acme/secret"), undefined);
    assert.equal(await client(curator).find("acme/none"), undefined);
    assert.equal((await client(curator).find("acme/secret"))?.visibility, "private");
  });

  it("makes a repository, and changes each field by itself", async () => {
    const one = client(curator);
    await one.make("acme/hello", {
      description: "Greets",
      fullDescription: "# Hello",
      visibility: "private",
    });
    assert.equal(hub.repositories.get("acme/hello")?.is_private, true);
    await one.change("acme/hello", { fullDescription: "# Hello, world" });
    await one.change("acme/hello", { visibility: "public", immutableTags: ["v1.*"] });
    assert.deepEqual(await one.find("acme/hello"), {
      description: "Greets",
      fullDescription: "# Hello, world",
      categories: [],
      visibility: "public",
      immutableTags: ["v1.*"],
    });
    await one.change("acme/hello", { immutableTags: [] });
    assert.deepEqual((await one.find("acme/hello"))?.immutableTags, []);
    assert.equal(hub.requests.filter((line) => line.includes("/auth/token")).length, 1);
  });

  it("signs in again where the session is over, once", async () => {
    hub.put("acme/hello");
    const one = client(curator);
    await one.change("acme/hello", { description: "a" });
    hub.expireSessions();
    await one.change("acme/hello", { description: "b" });
    assert.equal(hub.repositories.get("acme/hello")?.description, "b");
    assert.equal(hub.requests.filter((line) => line.includes("/auth/token")).length, 2);
    assert.equal(secrets.length, 2);
  });

  it("refuses to a token that pushes what a curator may, with what to do and without the token", async () => {
    hub.put("acme/hello");
    await assert.rejects(client(publisher).change("acme/hello", { description: "a" }), (error: Error) => {
      assert.match(
        error.message,
        /^describing acme\/hello at Docker Hub: HTTP 403 \(access denied: insufficient scope\)/,
      );
      assert.match(error.message, /Read, Write and Delete.*as curator/s);
      assert.equal(error.message.includes(publisher.password), false);
      return error instanceof ApiError && error.status === 403;
    });
    await assert.rejects(
      client().change("acme/hello", { description: "a" }),
      /HTTP 401.*\nNobody has signed in/,
    );
  });

  it("names the account that it does not take, and not its secret", async () => {
    await assert.rejects(
      client({ username: "acme", password: "dckr_pat_wrong" }).find("acme/hello"),
      (error: Error) => {
        assert.match(
          error.message,
          /^signing in to Docker Hub as acme: HTTP 401 \(Incorrect authentication credentials\)/,
        );
        return !error.message.includes("dckr_pat_wrong");
      },
    );
  });

  it("waits for a limit as it is asked to, by Retry-After and by the second of X-Retry-After", async () => {
    hub.put("acme/hello");
    hub.refuseNext(429, { "retry-after": "1" });
    hub.refuseNext(429, { "x-retry-after": String(Math.ceil(Date.now() / 1000) + 30) });
    assert.notEqual(await client().find("acme/hello"), undefined);
    assert.deepEqual(
      hub.requests.map((line) => line.slice(-3)),
      ["429", "429", "200"],
    );
  });

  it("tells what a token may do, when it was made and when it ends, of its own claims and the list of tokens", async () => {
    hub.add({
      username: "acme",
      secret: "dckr_pat_old",
      scope: "repo:write",
      createdAt: "2026-02-01T00:00:00.000000Z",
      expiresAt: "2026-12-24T00:00:00.000000Z",
    });
    const one = client({ username: "acme", password: "dckr_pat_old" });
    const { scopes, accessTokenId = "" } = await one.claims();
    assert.deepEqual(scopes, ["repo:write"]);
    assert.deepEqual(await one.accessToken(accessTokenId), {
      label: "release",
      isActive: true,
      scopes: ["repo:write"],
      createdAt: "2026-02-01T00:00:00.000000Z",
      expiresAt: "2026-12-24T00:00:00.000000Z",
    });
    assert.equal(await one.accessToken("none"), undefined);
    assert.deepEqual(await client().claims(), {});
  });

  it("takes claims of another form for nothing", () => {
    const token = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;
    for (const text of ["", "opaque", "a.b.c", token(7), token({ scope: 3 })])
      assert.deepEqual(claimsOf(text), {});
    assert.deepEqual(claimsOf(token({ "https://hub.docker.com": { source: "docker_oat|1" } })), {});
  });
});
