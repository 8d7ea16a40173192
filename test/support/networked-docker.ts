import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { startDaemon } from "./daemon";
import { answersAt, engineAt, requireDocker, type DockerEngine } from "./docker";
import { atExit } from "./processes";
import { requireTools, toolPath } from "./tools";

/** A Docker engine whose containers have networks, and what reaches them. */
export interface NetworkedDocker extends DockerEngine {
  /** Environment of a machine that has docker and docker compose, and neither buildx nor a compiler. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program where published ports are reached at 127.0.0.1. */
  within(...command: string[]): Promise<string>;
}

/** Goes on where such an engine can be started. */
export function requireNetworkedDocker(context: Context): void {
  requireDocker(context);
  requireTools(context, "compose", "unshare", "nsenter", "ip", "iptables", "curl");
}

/**
 * Starts a Docker engine in a network of its own: its bridges, rules and ports are none of the machine's.
 *
 * @param port of a registry on this machine that it reaches at the same port of its localhost
 */
export async function startNetworkedDocker(port: number): Promise<NetworkedDocker> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  const socket = join(folder, "docker.sock");
  const pidFile = join(folder, "docker.pid");
  const args = [
    ...["--host", `unix://${socket}`, "--pidfile", pidFile, "--data-root", join(folder, "data")],
    ...["--exec-root", join(folder, "exec"), "--storage-driver=vfs", "--log-level=warn"],
  ];
  const script = `ip link set lo up && exec "$0" "$@"`;
  const stopDaemon = await startDaemon(
    "unshare",
    ["--net", "sh", "-c", script, toolPath("dockerd"), ...args],
    folder,
    () => answersAt(socket),
  );
  const pid = (await runClient("cat", [pidFile])).trim();
  const network = [`--net=/proc/${pid}/ns/net`];
  const stopForward = await forward(port, join(folder, "registry.sock"), network);
  const bin = join(folder, "bin");
  const plugins = join(folder, "config", "cli-plugins");
  for (const made of [bin, plugins]) mkdirSync(made, { recursive: true });
  symlinkSync(toolPath("docker"), join(bin, "docker"));
  symlinkSync(toolPath("compose"), join(plugins, "docker-compose"));
  const engine = await engineAt(socket, join(folder, "config"), async () => {
    await stopForward();
    await stopDaemon();
  });
  return {
    ...engine,
    env: { ...engine.env, PATH: `${bin}:/usr/bin:/bin` },
    within: (program, ...rest) => runClient("nsenter", [...network, toolPath(program ?? ""), ...rest]),
  };
}

/** Takes connections to a port in the other network to the same port here: sockets of files are seen from both. */
async function forward(
  port: number,
  socket: string,
  network: readonly string[],
): Promise<() => Promise<void>> {
  const here: Server = createServer((incoming) => {
    const outgoing = connect({ host: "127.0.0.1", port });
    incoming.pipe(outgoing).pipe(incoming);
    for (const one of [incoming, outgoing])
      one.on("error", () => [incoming, outgoing].forEach((both) => both.destroy()));
  }).listen(socket);
  await once(here, "listening");
  const there = `
    const { connect, createServer } = require("node:net");
    const [port, socket] = process.argv.slice(1);
    createServer((incoming) => {
      const outgoing = connect(socket);
      incoming.pipe(outgoing).pipe(incoming);
      for (const one of [incoming, outgoing]) one.on("error", () => { incoming.destroy(); outgoing.destroy(); });
    }).listen(Number(port), "127.0.0.1", () => console.log("listening"));
  `;
  const child = spawn("nsenter", [...network, process.execPath, "-e", there, String(port), socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const callOff = atExit(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return async () => {
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await ended;
    callOff();
    here.close();
  };
}
