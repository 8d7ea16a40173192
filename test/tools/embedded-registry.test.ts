import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";

import { embeddedAddress, ensureRunning, status, stop } from "../../lib/embedded/registry";
import { portOf, registryDirectory } from "../../lib/embedded/address";
import { isAlive } from "../../lib/machine/process-identity.cjs";
import { signIn } from "../support/embedded-registry";
import { toolPath } from "../support/tools";
import { runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

describe("embedded registry", () => {
  const directory = temporaryDirectory(stop);
  const servers: Server[] = [];

  before(() => toolPath("registry"));

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  function listen(port: number, host: string): Promise<void> {
    const server = createServer((_request, response) => response.end("another server"));
    servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  }

  async function push(host: string): Promise<void> {
    const headers = { authorization: signIn(directory()) };
    const upload = await fetch(`http://${host}/v2/hello/blobs/uploads/`, { method: "POST", headers });
    const location = new URL(upload.headers.get("location") ?? "", `http://${host}`);
    location.searchParams.set(
      "digest",
      "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    );
    const answer = await fetch(location, { method: "PUT", body: "{}", headers });
    assert.equal(answer.status, 201);
  }

  it("has one address for a project, before it runs and from every process", async () => {
    const address = embeddedAddress(directory());
    assert.match(address, /^localhost:[23]\d{4}$/);
    const code = `console.log(require("./lib/embedded/registry").embeddedAddress(${JSON.stringify(directory())}))`;
    assert.equal((await runSource(code)).stdout.trim(), address);
    assert.deepEqual(await status(directory()), {
      host: address,
      running: false,
      pid: undefined,
      logFile: join(registryDirectory(directory()), "registry.log"),
    });
  });

  it("has a port that no outgoing connection takes while it is down", () => {
    const range = "/proc/sys/net/ipv4/ip_local_port_range";
    const first = existsSync(range) ? Number(readFileSync(range, "utf8").trim().split(/\s+/)[0]) : 49_152;
    for (let i = 0; i < 40; i++) {
      const port = portOf(embeddedAddress(join(directory(), String(i))));
      assert.ok(port < first, `port ${port} is among those from ${first}`);
    }
  });

  it("starts, serves, deletes, logs requests, and stops with no process left", async () => {
    const host = await ensureRunning(directory());
    assert.equal(host, embeddedAddress(directory()));
    const { pid, running, logFile } = await status(directory());
    assert.ok(running && pid !== undefined && isAlive(pid));
    await push(host);
    const digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    const headers = { authorization: signIn(directory()) };
    const deleted = await fetch(`http://${host}/v2/hello/blobs/${digest}`, { method: "DELETE", headers });
    assert.equal(deleted.status, 202);
    assert.match(readFileSync(logFile, "utf8"), /"PUT \/v2\/hello\/blobs\/uploads\/\S+ HTTP\/1\.1" 201 /);
    assert.equal(await stop(directory()), true);
    assert.equal(isAlive(pid), false);
    assert.equal(await stop(directory()), false);
    await assert.rejects(fetch(`http://${host}/v2/`));
  });

  it("is started once by processes that ask at once, and outlives them", async () => {
    const code = `
      require("./lib/embedded/registry").ensureRunning(${JSON.stringify(directory())}).then(console.log)`;
    const results = await Promise.all([1, 2, 3, 4].map(() => runSource(code)));
    const host = embeddedAddress(directory());
    assert.deepEqual(
      results.map((result) => result.stdout.trim()),
      [host, host, host, host],
      results.map((result) => result.stderr).join(""),
    );
    const { running, logFile } = await status(directory());
    assert.ok(running);
    assert.equal(readFileSync(logFile, "utf8").match(/listening on/g)?.length, 1);
  });

  it("starts again after it was killed, with its data", async () => {
    const host = await ensureRunning(directory());
    await push(host);
    const { pid } = await status(directory());
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    for (let i = 0; isAlive(pid) && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal((await status(directory())).running, false);
    assert.equal(await ensureRunning(directory()), host);
    const digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert.equal((await fetch(`http://${host}/v2/hello/blobs/${digest}`)).status, 200);
  });

  for (const address of ["127.0.0.1", "::1"]) {
    it(`moves to another port where ${address} is taken and nothing was published`, async () => {
      const first = embeddedAddress(directory());
      await listen(portOf(first), address);
      const host = await ensureRunning(directory());
      assert.notEqual(host, first);
      assert.equal(embeddedAddress(directory()), host);
      assert.equal((await status(directory())).running, true);
    });
  }

  it("says that it moved to a caller that has given the old address out", async () => {
    const first = embeddedAddress(directory());
    await listen(portOf(first), "127.0.0.1");
    await assert.rejects(
      ensureRunning(directory(), { expected: first }),
      (error: Error) =>
        error.message.includes(`moved to ${embeddedAddress(directory())}`) && /again/.test(error.message),
    );
    assert.equal(await ensureRunning(directory()), embeddedAddress(directory()));
  });

  it("does not move where something was published: a clear error", async () => {
    const host = await ensureRunning(directory());
    await push(host);
    await stop(directory());
    await listen(portOf(host), "127.0.0.1");
    await assert.rejects(ensureRunning(directory()), (error: Error) => {
      assert.match(error.message, new RegExp(`Another server listens on port ${portOf(host)}`));
      assert.match(error.message, /npx slipway clean/);
      return true;
    });
    assert.equal(embeddedAddress(directory()), host);
  });

  it("takes the registry of a copied project for another server, and leaves it alone", async () => {
    const original = join(directory(), "original");
    const copy = join(directory(), "copy");
    mkdirSync(original);
    try {
      const host = await ensureRunning(original);
      cpSync(original, copy, { recursive: true });
      assert.equal(await stop(copy), false);
      assert.equal((await status(original)).running, true);
      const moved = await ensureRunning(copy);
      assert.notEqual(moved, host);
    } finally {
      await stop(original);
      await stop(copy);
    }
  });

  it("does not end another process that was given the process id in its pid file", async () => {
    mkdirSync(registryDirectory(directory()), { recursive: true });
    const pidFile = join(registryDirectory(directory()), "pid");
    writeFileSync(pidFile, JSON.stringify({ pid: process.pid, host: hostname(), started: null }));
    assert.equal(await stop(directory()), false);
    assert.equal(existsSync(pidFile), false);
  });

  it("shows the registry's own words when it ends at its start", async () => {
    const host = embeddedAddress(directory());
    const folder = join(directory(), "tools");
    mkdirSync(folder);
    writeFileSync(join(folder, "registry"), "#!/bin/sh\necho 'panic: no such thing'\nexit 3\n", {
      mode: 0o755,
    });
    const before = process.env.SLIPWAY_TOOLS;
    process.env.SLIPWAY_TOOLS = folder;
    try {
      await assert.rejects(ensureRunning(directory()), (error: Error) => {
        assert.ok(error.message.includes(`did not start on ${host} (exit code 3)`));
        assert.match(error.message, /panic: no such thing/);
        return true;
      });
    } finally {
      if (before === undefined) delete process.env.SLIPWAY_TOOLS;
      else process.env.SLIPWAY_TOOLS = before;
    }
    assert.equal((await status(directory())).pid, undefined);
  });

  it("is not confused by variables of other tools in the environment", async () => {
    const code = `
      require("./lib/embedded/registry").ensureRunning(${JSON.stringify(directory())}).then(console.log)`;
    const env = {
      ...process.env,
      REGISTRY_AUTH_FILE: "/nowhere/auth.json",
      REGISTRY_HTTP_ADDR: "127.0.0.1:1",
    };
    const result = await runSource(code, env);
    assert.equal(result.stdout.trim(), embeddedAddress(directory()), result.stderr);
  });

  it("listens on this machine only", async () => {
    const host = await ensureRunning(directory());
    const config = JSON.parse(readFileSync(join(registryDirectory(directory()), "config.yml"), "utf8")) as {
      http: { addr: string };
    };
    assert.equal(config.http.addr, `127.0.0.1:${portOf(host)}`);
    const { pid } = await status(directory());
    if (process.platform !== "linux") return;
    const inodes = execFileSync("ls", ["-l", `/proc/${pid}/fd`], { encoding: "utf8" });
    const listening = ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readFileSync(file, "utf8").split("\n"))
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && inodes.includes(`socket:[${fields[9]}]`))
      .map((fields) => fields[1]);
    const port = portOf(host).toString(16).toUpperCase();
    const loopback6 = "00000000000000000000000001000000";
    const ipv6 = (networkInterfaces().lo ?? []).some(({ address }) => address === "::1");
    assert.deepEqual(listening, [`0100007F:${port}`, ...(ipv6 ? [`${loopback6}:${port}`] : [])]);
  });
});
