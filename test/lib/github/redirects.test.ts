import assert from "node:assert/strict";
import { GitHubConnection } from "../../../lib/github/connection";
import { GitHubEndpoint } from "../../../lib/github/endpoint";
import { answer, json, redirect } from "../../support/hostile/behaviors";
import { startHostileServer, type HostileServer } from "../../support/hostile/server";

describe("answers of GitHub that lead elsewhere", () => {
  let github: HostileServer;
  let elsewhere: HostileServer;
  let connection: GitHubConnection;

  beforeEach(async () => {
    github = await startHostileServer();
    elsewhere = await startHostileServer();
    elsewhere.on("GET", /^/, json({ tag_name: "v1.0.0" }));
    connection = new GitHubConnection(new GitHubEndpoint(github.url));
  });
  afterEach(async () => {
    await connection.close();
    await github.stop();
    await elsewhere.stop();
  });

  const get = (path: string, headers: Record<string, string> = { authorization: "token secret" }) =>
    connection.fetch(`${github.url}${path}`, { method: "GET", headers });

  for (const [who, headers] of [
    ["with a token", { authorization: "token secret" }],
    ["without one", {}],
  ] as const) {
    it(`are not believed from another host, ${who}`, async () => {
      github.on("GET", "/release", redirect(`${elsewhere.url}/release`));
      await assert.rejects(get("/release", headers), /redirect from 127\.0\.0\.1:\d+ to .* is not followed/);
      assert.deepEqual(elsewhere.requests, []);
    });

    it(`are not asked of another host, ${who}`, async () => {
      const request = connection.fetch(`${elsewhere.url}/page`, { method: "GET", headers });
      await assert.rejects(request, /is not a host of the endpoint/);
      assert.deepEqual(elsewhere.requests, []);
    });
  }

  it("are followed on the same host", async () => {
    github.on("GET", "/old", redirect("/new", 301));
    github.on("GET", "/new", json({ tag_name: "v1.0.0" }));
    assert.deepEqual(await (await get("/old")).json(), { tag_name: "v1.0.0" });
  });

  it("are followed for the bytes of an asset, without the token", async () => {
    github.on("GET", "/asset", redirect(`${elsewhere.url}/stored`));
    elsewhere.on("GET", "/stored", answer(200, "content"));
    const headers = { authorization: "token secret", accept: "application/octet-stream" };
    assert.equal(await (await get("/asset", headers)).text(), "content");
    assert.doesNotMatch(elsewhere.transcript(), /authorization|secret/);
  });
});
