import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerCertificate } from "./certificates";
import { atExit, freePort, startServer, type ServerProcess } from "./processes";
import { toolPath } from "./tools";
import type { TokenServer } from "./token-server";

/** User and password of registries with `auth: "htpasswd"`. */
export const htpasswdUser = { username: "alice", password: "correct horse battery" };
const htpasswdLine = "alice:$2b$05$7n7wxwmNjPbATCPuFtCfr.pCMCBjV2inaq8ls3v0pFt05/owFxWGS\n";

/** A registry of a test. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  host: string;
  port: number;
  /** Requests so far, from the access log; always empty for registries without one. */
  requests(): LoggedRequest[];
  /** Where its data is, if it keeps any on disk. */
  folder: string;
  /** Ends the process and keeps the data: the registry is down. */
  suspend(): Promise<void>;
  /** Starts it again on the same port after {@link suspend}. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** A line of an access log. */
export interface LoggedRequest {
  method: string;
  /** Path with query. */
  path: string;
  status: number;
}

/** How a CNCF Distribution registry is set up. */
export interface DistributionOptions {
  auth?: "htpasswd" | TokenServer;
  tls?: ServerCertificate;
  /** Refuses everything that writes, with 405. */
  readOnly?: boolean;
  /** Refuses to delete, with 405. */
  keepsAll?: boolean;
}

/**
 * Starts the CNCF Distribution registry with its data in a folder of its own. Deletion is allowed.
 */
export async function startDistribution(options: DistributionOptions = {}): Promise<TestRegistry> {
  return startDistributionProgram("registry", options);
}

/**
 * Starts Debian's build of the same registry, version 2.8 (package `docker-registry`): the
 * generation before, still deployed in many places, whose storage driver does not write links
 * atomically.
 */
export async function startDebianRegistry(
  options: Omit<DistributionOptions, "auth"> & { auth?: "htpasswd" } = {},
): Promise<TestRegistry> {
  return startDistributionProgram("docker-registry", options);
}

async function startDistributionProgram(name: string, options: DistributionOptions): Promise<TestRegistry> {
  const program = toolPath(name);
  const folder = mkdtempSync(join(tmpdir(), "slipway-distribution-"));
  const port = await freePort();
  const config = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(folder, "data") },
      delete: { enabled: options.keepsAll !== true },
      cache: { blobdescriptor: "inmemory" },
      ...(options.readOnly ? { maintenance: { readonly: { enabled: true } } } : undefined),
    },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: "for tests only",
      ...(options.tls
        ? { tls: { certificate: options.tls.certificateFile, key: options.tls.keyFile } }
        : undefined),
    },
    ...authSection(options.auth, folder),
  };
  const file = join(folder, "config.yml");
  writeFileSync(file, JSON.stringify(config));
  return registryOf(folder, () =>
    startServer(program, ["serve", file], port, { OTEL_TRACES_EXPORTER: "none" }),
  );
}

/** Starts the registry of go-containerregistry; like the one above, it has no referrers API. */
export async function startCraneRegistry(): Promise<TestRegistry> {
  const program = toolPath("crane");
  const folder = mkdtempSync(join(tmpdir(), "slipway-crane-"));
  const port = await freePort();
  const args = ["registry", "serve", "--address", `127.0.0.1:${port}`, "--disk", folder];
  return registryOf(folder, () => startServer(program, args, port));
}

/**
 * Starts the registry of go-containerregistry with its referrers API switched on, which the command
 * line of crane does not do: a program of a few lines, `referrers-registry --address HOST:PORT`.
 */
export async function startReferrersRegistry(): Promise<TestRegistry> {
  const program = toolPath("referrers-registry");
  const folder = mkdtempSync(join(tmpdir(), "slipway-referrers-"));
  const port = await freePort();
  return registryOf(folder, () => startServer(program, ["--address", `127.0.0.1:${port}`], port));
}

async function registryOf(folder: string, start: () => Promise<ServerProcess>): Promise<TestRegistry> {
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const callOff = atExit(remove);
  let server: ServerProcess;
  try {
    server = await start();
  } catch (error) {
    remove();
    throw error;
  }
  const earlier: LoggedRequest[] = [];
  const logged = () => server.lines.flatMap(parseAccessLog);
  return {
    host: `127.0.0.1:${server.port}`,
    port: server.port,
    requests: () => [...earlier, ...logged()],
    folder,
    suspend: async () => {
      await server.stop();
      earlier.push(...logged());
      server.lines.length = 0;
    },
    resume: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      remove();
      callOff();
    },
  };
}

function authSection(auth: DistributionOptions["auth"], folder: string): object {
  if (auth === undefined) return {};
  if (auth === "htpasswd") {
    const file = join(folder, "htpasswd");
    writeFileSync(file, htpasswdLine);
    return { auth: { htpasswd: { realm: "tests", path: file } } };
  }
  const jwks = join(folder, "jwks.json");
  writeFileSync(jwks, JSON.stringify(auth.jwks));
  const { realm, service, issuer } = auth;
  return { auth: { token: { realm, service, issuer, jwks } } };
}

function parseAccessLog(line: string): LoggedRequest[] {
  const match = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) /.exec(line);
  if (!match) return [];
  const [, method = "", path = "", status = ""] = match;
  return [{ method, path, status: Number(status) }];
}
