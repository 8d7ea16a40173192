import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { atExit, freePort, type ServerProcess } from "./processes";
import { requirement } from "./requirement";
import { requireTools, toolPath } from "./tools";

/** Where Debian's packages have the programs of a version. */
const postgresVersions = "/usr/lib/postgresql";

/** The user that Debian gives to everybody who has nothing; PostgreSQL does not run as root. */
const nobody = 65534;

/** Time that each server has to start, in milliseconds. */
const patienceMs = 30_000;

function postgresPrograms(): string | undefined {
  const versions = existsSync(postgresVersions) ? readdirSync(postgresVersions).sort() : [];
  return versions.map((version) => path.join(postgresVersions, version, "bin")).at(-1);
}

/** Goes on where the registry and its database can be started. */
export function requireMcpRegistry(context: Context): void {
  requireTools(context, "mcp-registry");
  requirement(
    context,
    postgresPrograms() !== undefined && process.getuid?.() === 0,
    "postgresql is not installed (apt-get install postgresql), or this is not root, who starts it as nobody",
  );
}

/**
 * Starts the registry of MCP servers with a database of its own. It lets anybody publish below
 * `io.modelcontextprotocol.anonymous/`, and asks no other host whose a package is.
 */
export async function startMcpRegistry(): Promise<ServerProcess & { address: string }> {
  const programs = postgresPrograms() ?? "";
  const folder = mkdtempSync(path.join(tmpdir(), "slipway-mcp-"));
  const data = path.join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  for (const owned of [folder, data]) chownSync(owned, nobody, nobody);
  const as = { uid: nobody, gid: nobody, cwd: folder };
  execFileSync(path.join(programs, "initdb"), ["-D", data, "-A", "trust", "-U", "slipway", "--no-sync"], {
    ...as,
    stdio: "ignore",
  });
  const database = spawn(
    path.join(programs, "postgres"),
    ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
    { ...as, stdio: "ignore" },
  );
  const port = await freePort();
  const lines: string[] = [];
  const registry = spawn(toolPath("mcp-registry"), [], {
    env: {
      PATH: process.env.PATH,
      MCP_REGISTRY_SERVER_ADDRESS: `127.0.0.1:${port}`,
      MCP_REGISTRY_DATABASE_URL: `postgres://slipway@/postgres?host=${folder}&sslmode=disable`,
      MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH: "true",
      MCP_REGISTRY_ENABLE_REGISTRY_VALIDATION: "false",
      MCP_REGISTRY_JWT_PRIVATE_KEY: randomBytes(32).toString("hex"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [registry.stdout, registry.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trimEnd().split("\n")));
  }
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const callOff = atExit(() => {
    registry.kill("SIGKILL");
    database.kill("SIGKILL");
    remove();
  });
  const stop = async () => {
    for (const child of [registry, database]) {
      if (child.exitCode === null && child.signalCode === null) {
        // Of its three ways to end, the one that does not wait for connections (postgres(1)).
        child.kill(child === database ? "SIGINT" : "SIGTERM");
        await once(child, "close");
      }
    }
    remove();
    callOff();
  };
  const address = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const isReady = await fetch(`${address}/v0.1/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { port, lines, address, stop };
    if (registry.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the registry of MCP servers did not start:\n${lines.slice(-10).join("\n")}`);
    }
    await sleep(100);
  }
}
