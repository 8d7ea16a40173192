import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { embeddedAddress, portOf, registryDirectory } from "../../lib/embedded/address";
import { ensureRunning, status, stop } from "../../lib/embedded/registry";
import { provesItself, registrySecrets } from "../../lib/embedded/registry-access";
import { identityOf, isAlive } from "../../lib/machine/process-identity.cjs";
import { crane } from "../support/clients";
import { signedIn, signIn } from "../support/embedded-registry";
import { requireOtherUser, runAsOtherUser } from "../support/other-user";
import { toolPath } from "../support/tools";
import { temporaryDirectory } from "./temporary-directory";

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A request with headers that `fetch` does not let one set. */
async function ask(port: number, method: string, path: string, headers = {}): Promise<Answer> {
  const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

const uploads = "/v2/hello/blobs/uploads/";

describe("access to the embedded registry", () => {
  const directory = temporaryDirectory(stop);
  const servers: Server[] = [];

  before(() => toolPath("registry"));

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(port: number, answer: Parameters<typeof createServer>[1]): Promise<number> {
    const server = createServer(answer as never);
    servers.push(server);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as { port: number }).port;
  }

  it("is to pull for everybody, and to write for who knows the password", async () => {
    const host = await ensureRunning(directory());
    const port = portOf(host);
    const authorization = signIn(directory());
    const wrong = `Basic ${Buffer.from("slipway:guess").toString("base64")}`;
    const digest = `sha256:${"0".repeat(64)}`;
    const anonymous = JSON.parse((await ask(port, "GET", "/slipway/token", { host })).body) as {
      token: string;
    };
    const full = JSON.parse((await ask(port, "GET", "/slipway/token", { host, authorization })).body) as {
      token: string;
    };
    const statuses = async (rows: [string, string, object][]) =>
      Promise.all(
        rows.map(async ([method, path, headers]) => {
          const answer = await ask(port, method, path, { host, ...headers });
          return [method, path, answer.status];
        }),
      );

    const reads: [string, string, object][] = [
      ["GET", "/v2/_catalog", {}],
      ["GET", "/v2/hello/tags/list", {}],
      ["HEAD", `/v2/hello/blobs/${digest}`, {}],
      ["GET", "/v2/", { authorization: `Bearer ${anonymous.token}` }],
    ];
    assert.deepEqual(
      (await statuses(reads)).map(([, , code]) => code),
      [200, 404, 404, 200],
    );

    const writes = [
      ["POST", uploads],
      ["PUT", "/v2/hello/manifests/latest"],
      ["PATCH", `${uploads}x`],
      ["DELETE", `/v2/hello/manifests/${digest}`],
    ] as const;
    for (const headers of [
      {},
      { authorization: wrong },
      { authorization: `Bearer ${anonymous.token}` },
      { authorization: `Bearer ${full.token.replace(/^\d+/, (seconds) => String(Number(seconds) + 1))}` },
    ]) {
      const answers = await statuses(writes.map(([method, path]) => [method, path, headers]));
      assert.deepEqual(
        answers.map(([, , code]) => code),
        [401, 401, 401, 401],
        JSON.stringify(headers),
      );
    }
    const refused = await ask(port, "POST", uploads, { host });
    const realm = `Bearer realm="http://${host}/slipway/token"`;
    assert.ok(refused.headers["www-authenticate"]?.startsWith(realm), refused.headers["www-authenticate"]);
    assert.match(
      refused.body,
      /writing needs user .* with the password in .*\/\.slipway\/registry\/password/,
    );
    assert.equal((await ask(port, "GET", "/slipway/token", { host, authorization: wrong })).status, 401);
    for (const headers of [{ authorization }, { authorization: `Bearer ${full.token}` }]) {
      assert.equal((await ask(port, "POST", uploads, { host, ...headers })).status, 202);
    }
  });

  it("is none for pages of the Web, under another name or with a browser's headers", async () => {
    const host = await ensureRunning(directory());
    const port = portOf(host);
    const authorization = signIn(directory());
    for (const name of [
      "attacker.example",
      `attacker.example:${port}`,
      "localhost",
      `localhost:${port + 1}`,
    ]) {
      assert.equal((await ask(port, "GET", "/v2/_catalog", { host: name })).status, 421, name);
      assert.equal((await ask(port, "POST", uploads, { host: name, authorization })).status, 421, name);
    }
    for (const name of [host, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      assert.equal((await ask(port, "GET", "/v2/_catalog", { host: name })).status, 200, name);
    }
    for (const headers of [
      { origin: "https://attacker.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      assert.equal((await ask(port, "POST", uploads, { host, authorization, ...headers })).status, 403);
    }
  });

  it("is by password for clients that ask before they push, and free for those that pull", async () => {
    const host = await ensureRunning(directory());
    const env = signedIn(directory(), join(directory(), "docker"));
    const nobody = { DOCKER_CONFIG: join(directory(), "none") };
    const layer = join(directory(), "layer.tar");
    writeFileSync(layer, Buffer.alloc(1024));
    const append = ["append", "--oci-empty-base", "-f", layer, "-t", `${host}/hello:one`];
    await assert.rejects(crane(append, nobody), /UNAUTHORIZED/);
    await crane(append, env);
    assert.match(await crane(["digest", `${host}/hello:one`], nobody), /^sha256:/);
    assert.equal(await crane(["ls", `${host}/hello`], nobody), "one");
    await crane(["tag", `${host}/hello:one`, "two"], env);
    await assert.rejects(crane(["tag", `${host}/hello:one`, "three"], nobody), /UNAUTHORIZED/);
  });

  it("is kept from other users of the machine", async function () {
    requireOtherUser(this);
    const host = await ensureRunning(directory());
    // Others may come as far as the project.
    const { mode } = statSync(directory());
    assert.equal(mode & 0o777, 0o700);
    const files = ["password", "proof-secret", "upload-secret", "config.yml"].map((name) =>
      join(registryDirectory(directory()), name),
    );
    for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, file);
    const code = `fetch("http://${host}${uploads}", { method: "POST" }).then((a) => console.log(a.status))`;
    assert.equal((await runAsOtherUser(code)).trim(), "401");
  });

  it("is given to no server but the one that knows the secret", async () => {
    const host = embeddedAddress(directory());
    const secrets = registrySecrets(directory());
    const heard: string[] = [];
    // It says yes to everything, with what an earlier version took for a sign.
    await listen(portOf(host), (asked, response) => {
      heard.push(JSON.stringify([asked.url, asked.headers]));
      response.end("0".repeat(64));
    });
    assert.equal((await status(directory())).running, false);
    const moved = await ensureRunning(directory());
    assert.notEqual(moved, host);
    assert.notEqual(heard.length, 0);
    for (const secret of [secrets.password, secrets.proofSecret, signIn(directory()).slice(6)]) {
      assert.ok(heard.every((text) => !text.includes(secret)));
    }
  });

  it("is not given to a server that passes the question on", async () => {
    const host = await ensureRunning(directory());
    const port = await listen(0, (asked, response) => {
      void ask(portOf(host), "GET", asked.url ?? "", { host }).then(({ body }) => response.end(body));
    });
    assert.equal(await provesItself(directory(), portOf(host)), true);
    assert.equal(await provesItself(directory(), port), false);
  });

  it("is guarded again where an earlier version has left an open registry running", async () => {
    const host = embeddedAddress(directory());
    const folder = registryDirectory(directory());
    mkdirSync(folder, { recursive: true });
    const config = join(folder, "config.yml");
    const storage = { filesystem: { rootdirectory: join(folder, "data") } };
    const http = { addr: `127.0.0.1:${portOf(host)}`, secret: "for tests only" };
    writeFileSync(config, JSON.stringify({ version: "0.1", storage, http }), { mode: 0o644 });
    const old = spawn(toolPath("registry"), ["serve", config], {
      env: { OTEL_TRACES_EXPORTER: "none" },
      stdio: "ignore",
    });
    try {
      const { pid = 0 } = old;
      writeFileSync(join(folder, "pid"), JSON.stringify(identityOf(pid)));
      for (let i = 0; i < 400 && !(await answers(portOf(host))); i++) await sleep(25);
      const told: string[] = [];
      const options = { onProgress: (line: string) => told.push(line), expected: host };
      assert.equal(await ensureRunning(directory(), options), host);
      assert.match(told.join("\n"), /of an earlier start does not prove its identity; starting a new one/);
      assert.equal(isAlive(pid), false);
      assert.equal((await ask(portOf(host), "POST", uploads, { host })).status, 401);
      assert.equal(statSync(config).mode & 0o077, 0);
      assert.doesNotMatch(readFileSync(config, "utf8"), /for tests only/);
    } finally {
      old.kill("SIGKILL");
    }
  });
});

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  );
}
