import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { isUnauthorized, RegistryError } from "../../../../lib/oci/errors";
import { MediaType } from "../../../../lib/oci/media-types";
import type { RegistryHost } from "../../../../lib/oci/registry/client";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { htpasswdUser, startDistribution, type TestRegistry } from "../../../support/registries";
import { startTokenServer, type TokenServer } from "../../../support/token-server";
import { requireTools } from "../../../support/tools";
import { artifact, drain, randomBlob, TestClients } from "./fixtures";

const { username, password } = htpasswdUser;
const auth = Buffer.from(`${username}:${password}`).toString("base64");

/** Everything an error shows, its causes included. */
function shown(error: unknown): string {
  return `${inspect(error, { depth: 12, showHidden: true })} ${JSON.stringify(error)} ${String((error as Error).stack)}`;
}

describe("Basic authentication", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let clients: TestClients;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution({ auth: "htpasswd" });
  });
  after(() => registry?.stop());
  beforeEach(() => {
    clients = new TestClients();
  });
  afterEach(() => clients.close());

  const writeConfig = (config: object) =>
    writeFileSync(join(clients.folder, "config.json"), JSON.stringify(config));
  const open = (credentials?: RegistryHost[]) =>
    clients.open({ credentials }).repository({ registry: registry.host, path: "acme/app" });
  const assertWritable = async (credentials?: RegistryHost[]) => {
    const repository = open(credentials);
    const blob = randomBlob(1000);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
  };

  it("uses explicit credentials", () => assertWritable([{ host: registry.host, username, password }]));

  it("uses an entry of config.json", async () => {
    writeConfig({ auths: { [`http://${registry.host}/v2/`]: { auth } } });
    await assertWritable();
  });

  it("uses a credential helper, once", async () => {
    const bin = join(clients.folder, "bin");
    mkdirSync(bin);
    const calls = join(clients.folder, "calls");
    const file = join(bin, "docker-credential-slipwaytest");
    writeFileSync(
      file,
      `#!/bin/sh\nread server; echo "$1 $server" >>'${calls}'\n` +
        `echo '{"ServerURL":"","Username":"${username}","Secret":"${password}"}'\n`,
    );
    chmodSync(file, 0o755);
    process.env.PATH = `${bin}:${process.env.PATH}`;
    writeConfig({ credHelpers: { [registry.host]: "slipwaytest" } });
    await assertWritable();
    const { readFileSync } = await import("node:fs");
    assert.equal(readFileSync(calls, "utf8"), `get ${registry.host}\n`);
  });

  it("asks for credentials where there are none", async () => {
    await assert.rejects(open().blobSize(randomBlob(1).digest), (error: unknown) => {
      assert.ok(isUnauthorized(error) && error instanceof RegistryError);
      assert.match(error.message, /HTTP 401/);
      assert.ok(error.message.includes(`docker login ${registry.host}`), error.message);
      return true;
    });
  });

  it("names the source of wrong credentials, not the password", async () => {
    const wrong = "wrong-pass-word";
    writeConfig({ auths: { [registry.host]: { username, password: wrong } } });
    await assert.rejects(open().getManifest("v1"), (error: unknown) => {
      assert.ok(isUnauthorized(error) && error instanceof RegistryError);
      assert.ok(error.message.includes(join(clients.folder, "config.json")), error.message);
      const encoded = Buffer.from(`${username}:${wrong}`).toString("base64");
      for (const secret of [wrong, encoded]) assert.ok(!shown(error).includes(secret));
      return true;
    });
  });

  it("sends wrong credentials once, not for every try", async () => {
    const before = registry.requests().length;
    const client = clients.open({ credentials: [{ host: registry.host, username, password: "no" }] });
    await assert.rejects(client.ping(registry.host), { status: 401 });
    await sleep(50);
    assert.equal(registry.requests().length - before, 2, "one without and one with credentials");
  });

  it("signs every request after the first challenge at once", async () => {
    const repository = open([{ host: registry.host, username, password }]);
    await repository.listTags();
    await sleep(50);
    const before = registry.requests().length;
    for (let i = 0; i < 5; i++) await repository.blobSize(randomBlob(1).digest);
    await sleep(50);
    assert.deepEqual(
      registry
        .requests()
        .slice(before)
        .map(({ status }) => status),
      [404, 404, 404, 404, 404],
    );
  });
});

describe("Bearer authentication", function () {
  this.timeout(60_000);
  let tokens: TokenServer;
  let registry: TestRegistry;
  let clients: TestClients;
  const identityToken = "identity-token-of-alice";

  before(async function () {
    requireTools(this, "registry");
    tokens = await startTokenServer();
    registry = await startDistribution({ auth: tokens });
  });
  after(async () => {
    await registry?.stop();
    await tokens?.stop();
  });
  beforeEach(() => {
    clients = new TestClients();
    tokens.requests.length = 0;
    Object.assign(tokens.behavior, {
      users: { [username]: password },
      identityTokens: { [identityToken]: username },
      expiresIn: undefined,
      lifetime: 300,
      answer: undefined,
    });
  });
  afterEach(() => clients.close());

  const alice = () => [{ host: registry.host, username, password }];
  const open = (credentials: RegistryHost[] | undefined, path = "acme/app") =>
    clients.open({ credentials }).repository({ registry: registry.host, path });

  it("pulls anonymously with a token", async () => {
    assert.deepEqual(await open(undefined).listTags(), []);
    assert.deepEqual(
      tokens.requests.map(({ account, scopes, authorization }) => ({ account, scopes, authorization })),
      [{ account: undefined, scopes: ["repository:acme/app:pull"], authorization: undefined }],
    );
  });

  it("does not push anonymously, and says what to do", async () => {
    const blob = randomBlob(10);
    await assert.rejects(open(undefined).putBlob(blob, blob.source), (error: unknown) => {
      assert.ok(isUnauthorized(error) && (error as Error).message.includes("docker login"));
      return true;
    });
  });

  it("pushes with a password, and keeps tokens by scope", async () => {
    const repository = open(alice());
    for (let i = 0; i < 3; i++) {
      const blob = randomBlob(1000);
      await repository.putBlob(blob, blob.source);
    }
    assert.deepEqual(
      tokens.requests.map(({ scopes, account }) => [account, ...scopes]),
      [
        [username, "repository:acme/app:pull"],
        [username, "repository:acme/app:pull,push"],
      ],
    );
  });

  it("asks for one token for many requests at the same time", async () => {
    const repository = open(alice());
    await repository.listTags();
    tokens.requests.length = 0;
    const blobs = Array.from({ length: 10 }, () => randomBlob(100));
    await Promise.all(blobs.map((blob) => repository.putBlob(blob, blob.source)));
    assert.equal(tokens.requests.length, 1);
  });

  it("exchanges an identity token by POST", async () => {
    const repository = open([{ host: registry.host, identityToken }]);
    const blob = randomBlob(1000);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    assert.ok(
      tokens.requests.every(({ method, authorization }) => method === "POST" && authorization === undefined),
    );
  });

  it("asks for both repositories of a mount, and mounts", async () => {
    const client = clients.open({ credentials: alice() });
    const source = client.repository({ registry: registry.host, path: "acme/base" });
    const target = client.repository({ registry: registry.host, path: "acme/mounted" });
    const blob = randomBlob(1000);
    await source.putBlob(blob, blob.source);
    tokens.requests.length = 0;
    assert.equal(await target.putBlob(blob, blob.source, { mountFrom: "acme/base" }), "mounted");
    assert.deepEqual(tokens.requests.at(-1)?.scopes, [
      "repository:acme/base:pull",
      "repository:acme/mounted:pull,push",
    ]);
  });

  it("deletes, pings and lists with the scopes for that", async () => {
    const client = clients.open({ credentials: alice() });
    const repository = client.repository({ registry: registry.host, path: "acme/delete" });
    const manifest = await artifact(repository);
    await repository.putManifest(manifest.bytes, MediaType.ociManifest, { tag: "v1" });
    await repository.deleteManifest(manifest.digest);
    assert.equal(await repository.headManifest("v1"), undefined);
    await client.ping(registry.host);
    assert.ok((await client.listRepositories(registry.host)).includes("acme/delete"));
  });

  it("renews a token before it ends", async () => {
    tokens.behavior.expiresIn = 1;
    const repository = open(alice());
    await repository.listTags();
    await repository.listTags();
    const before = tokens.requests.length;
    await sleep(1000);
    await repository.listTags();
    assert.equal(tokens.requests.length - before, 1);
  });

  it("renews a token that the registry takes as expired, once", async () => {
    // The registry allows clocks to differ by a minute.
    tokens.behavior.lifetime = -58;
    tokens.behavior.expiresIn = 300;
    const repository = open(alice());
    await repository.listTags();
    await sleep(3000);
    tokens.behavior.lifetime = 300;
    const [before, asked] = [registry.requests().length, tokens.requests.length];
    assert.deepEqual(await repository.listTags(), []);
    await sleep(50);
    assert.deepEqual(
      registry
        .requests()
        .slice(before)
        .map(({ status }) => status),
      [401, 404],
    );
    assert.equal(tokens.requests.length - asked, 1);
  });

  it("gives up where the new token is refused as well", async () => {
    tokens.behavior.lifetime = -3600;
    const repository = open(alice());
    await assert.rejects(repository.listTags(), (error: unknown) => {
      assert.ok(isUnauthorized(error));
      return !shown(error).includes("eyJ");
    });
    assert.equal(tokens.requests.length, 1);
  });

  const answers: [name: string, answer: { status: number; body: string }, message: RegExp][] = [
    [
      "refuses the password",
      { status: 401, body: '{"details":"incorrect password"}' },
      /HTTP 401 \(incorrect password\)/,
    ],
    [
      "has no such account",
      { status: 403, body: '{"error":"denied","error_description":"account is locked"}' },
      /denied: account is locked/,
    ],
    ["answers without a token", { status: 200, body: "{}" }, /no token in it/],
    ["answers in HTML", { status: 200, body: "<html>" }, /no token in it/],
    [
      "repeats the password",
      { status: 400, body: JSON.stringify({ details: `not ${password}` }) },
      /not \[secret\]/,
    ],
    ["redirects to somewhere else", { status: 302, body: "" }, /HTTP 302/],
  ];
  for (const [name, answer, message] of answers) {
    it(`explains a token server that ${name}`, async () => {
      tokens.behavior.answer = answer;
      await assert.rejects(open(alice()).listTags(), (error: unknown) => {
        assert.ok(error instanceof RegistryError);
        assert.match(error.message, /getting a token for 127\.0\.0\.1/);
        assert.match(error.message, message);
        for (const secret of [password, auth]) assert.ok(!shown(error).includes(secret), shown(error));
        return true;
      });
    });
  }

  it("tries again where the token server is overloaded", async () => {
    tokens.behavior.answer = { status: 503, body: "busy" };
    const listing = open(alice()).listTags();
    while (tokens.requests.length < 2) await sleep(2);
    tokens.behavior.answer = undefined;
    assert.deepEqual(await listing, []);
  });
});

describe("credentials and other hosts", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let elsewhere: FaultProxy;
  let clients: TestClients;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution({ auth: "htpasswd" });
    proxy = await startProxy(registry.port);
    elsewhere = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await elsewhere?.stop();
    await registry?.stop();
  });
  beforeEach(() => {
    clients = new TestClients();
    proxy.reset();
    elsewhere.reset();
  });
  afterEach(() => clients.close());

  const open = () =>
    clients
      .open({ credentials: [{ host: proxy.host, username, password }] })
      .repository({ registry: proxy.host, path: "acme/app" });
  const redirect = (status: number, location: string) =>
    ({ kind: "respond", status, headers: { location } }) as const;

  it("do not meet on a redirect", async () => {
    const repository = open();
    const blob = randomBlob(2000);
    await repository.putBlob(blob, blob.source);
    const path = `/v2/acme/app/blobs/${blob.digest}`;
    for (const status of [301, 302, 303, 307, 308]) {
      proxy.reset();
      elsewhere.reset();
      proxy.inject({
        method: "GET",
        path: /blobs/,
        fault: redirect(status, `http://${elsewhere.host}${path}`),
      });
      elsewhere.inject({ fault: { kind: "respond", status: 200, body: blob.bytes } });
      assert.equal((await drain(await repository.getBlob(blob))).digest, blob.digest);
      assert.ok(proxy.requests[0]?.headers.authorization, "the registry itself gets them");
      assert.equal(elsewhere.requests.length, 1);
      assert.equal(elsewhere.requests[0]?.headers.authorization, undefined);
    }
  });

  it("do not meet on a redirect that comes back", async () => {
    const repository = open();
    await repository.listTags();
    proxy.reset();
    proxy.inject({ path: /tags/, fault: redirect(307, `http://${elsewhere.host}/v2/hop`) });
    elsewhere.inject({ fault: redirect(307, `http://${proxy.host}/v2/back`) });
    await repository.listTags().catch(() => undefined);
    assert.equal(proxy.requests.at(-1)?.path, "/v2/back");
    assert.equal(proxy.requests.at(-1)?.headers.authorization, undefined);
  });

  it("stay together on a redirect within the registry", async () => {
    const repository = open();
    await repository.listTags();
    proxy.inject({ path: /tags/, nth: 1, fault: redirect(307, "/v2/acme/app/tags/list?again") });
    assert.deepEqual(await repository.listTags(), []);
    assert.ok(proxy.requests.at(-1)?.headers.authorization);
  });

  it("do not meet where a challenge comes from elsewhere", async () => {
    const repository = open();
    proxy.inject({ path: /tags/, fault: redirect(307, `http://${elsewhere.host}/v2/acme/app/tags/list`) });
    await assert.rejects(repository.listTags(), { status: 401 });
    assert.ok(elsewhere.requests.every(({ headers }) => headers.authorization === undefined));
  });

  it("do not meet where an upload may go elsewhere", async () => {
    const repository = clients
      .open({ credentials: [{ host: proxy.host, username, password, uploadHosts: [elsewhere.host] }] })
      .repository({ registry: proxy.host, path: "acme/app" });
    proxy.inject({
      method: "POST",
      fault: redirect(202, `http://${elsewhere.host}/v2/acme/app/blobs/uploads/x`),
    });
    const blob = randomBlob(100);
    await assert.rejects(repository.putBlob(blob, blob.source), { status: 401 });
    assert.ok(elsewhere.requests.length > 0);
    assert.ok(elsewhere.requests.every(({ headers }) => headers.authorization === undefined));
  });

  it("do not follow a POST to another host", async () => {
    const repository = open();
    proxy.inject({ method: "POST", fault: redirect(307, `http://${elsewhere.host}/`) });
    const blob = randomBlob(100);
    await assert.rejects(repository.putBlob(blob, blob.source), /POST was redirected.*not followed/);
    assert.equal(elsewhere.requests.length, 0);
  });

  it("end a circle of redirects", async () => {
    proxy.inject({ path: /tags/, fault: redirect(302, "/v2/acme/app/tags/list") });
    await assert.rejects(open().listTags(), /more than 5 redirects/);
  });

  it("ask nothing of a token server that is not a URL", async () => {
    proxy.inject({
      fault: { kind: "respond", status: 401, headers: { "www-authenticate": 'Bearer realm="nowhere"' } },
    });
    await assert.rejects(open().listTags(), /not a URL/);
  });
});
