import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { requireMounts, startDaemon } from "./daemon";
import { requirement } from "./requirement";
import { findTool } from "./tools";

/** A Docker engine of a test. */
export interface DockerEngine {
  /** Version of the server, e.g. `20.10.24+dfsg1`. */
  version: string;
  /** Address, as DOCKER_HOST has it. */
  host: string;
  /**
   * Runs the docker command line against it. Returns standard output.
   *
   * @throws with what it printed
   */
  docker(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Goes on where a Docker engine can be started; else the test or suite is not executed, and the
 * report says why.
 */
export function requireDocker(context: Context): void {
  const possible = process.getuid?.() === 0 && findTool("dockerd") !== undefined && findTool("docker");
  requirement(context, possible, "needs root and Debian's docker.io");
  requireMounts(context);
}

/**
 * Starts a Docker engine of its own, with everything that it has in a temporary folder. It changes
 * nothing of the machine's network: its containers have none.
 */
export async function startDocker(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  const socket = join(folder, "docker.sock");
  const args = [
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "docker.pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs", "--log-level=warn"],
  ];
  const stop = await startDaemon("dockerd", args, folder, () => answersAt(socket));
  return engineAt(socket, join(folder, "config"), stop);
}

/**
 * An engine that answers at a socket.
 *
 * @param config folder of the configuration of its clients
 */
export async function engineAt(
  socket: string,
  config: string,
  stop: () => Promise<void>,
): Promise<DockerEngine & { env: NodeJS.ProcessEnv }> {
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: config, DOCKER_CONTEXT: "" };
  const docker = (...command: string[]) => runClient("docker", command, env);
  const version = await docker("version", "--format", "{{.Server.Version}}");
  return { host: `unix://${socket}`, version, docker, stop, env };
}

/** Whether an engine answers at a socket. */
export function answersAt(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}
