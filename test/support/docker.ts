import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { atExit } from "./processes";
import { requirement } from "./requirement";
import { findTool, toolPath } from "./tools";

/** Time that the engine has to start, and again to end, in milliseconds. */
const patienceMs = 60_000;

/** A Docker engine of a test. */
export interface DockerEngine {
  /** Version of the server, e.g. `20.10.24+dfsg1`. */
  version: string;
  /** Runs the docker command line against it. Returns standard output. @throws with what it printed */
  docker(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Goes on where a Docker engine can be started; else the test or suite is not executed, and the report says why. */
export function requireDocker(context: Context): void {
  const possible = process.getuid?.() === 0 && findTool("dockerd") !== undefined && findTool("docker");
  requirement(context, possible, "needs root and Debian's docker.io");
  requirement(
    context,
    mayMount(),
    "needs the right to mount (CAP_SYS_ADMIN), which this container does not give",
  );
}

/**
 * Starts a Docker engine of its own, with everything that it has in a temporary folder. It changes nothing of the
 * machine's network: its containers have none.
 */
export async function startDocker(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  const socket = join(folder, "docker.sock");
  const log = join(folder, "log");
  const args = [
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "docker.pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs", "--log-level=warn"],
  ];
  const child = spawn(toolPath("dockerd"), args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = createWriteStream(log);
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const remove = () => {
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const callOff = atExit(() => {
    child.kill("SIGKILL");
    remove();
  });
  const ended = once(child, "close");
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
    output.end();
    remove();
    callOff();
  };
  const deadline = Date.now() + patienceMs;
  while (!(await answers(socket))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = readFileSync(log, "utf8").trim().split("\n").slice(-10).join("\n");
      await stop();
      throw new Error(`dockerd did not start:\n${said}`);
    }
    await sleep(100);
  }
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: join(folder, "config"), DOCKER_CONTEXT: "" };
  const docker = (...command: string[]) => runClient("docker", command, env);
  return { version: await docker("version", "--format", "{{.Server.Version}}"), docker, stop };
}

/** Whether root is allowed here what it is on a machine of its own (capabilities(7), bit 21). */
export function mayMount(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (BigInt(`0x${effective ?? "0"}`) & (1n << 21n)) !== 0n;
}

function answers(socketPath: string): Promise<boolean> {
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

/** The engine mounts its folders, and leaves them so where it is killed. */
export function unmountBelow(folder: string): void {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) execFileSync("umount", ["--lazy", path], { stdio: "pipe" });
}
