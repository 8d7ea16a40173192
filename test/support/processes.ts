import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Time that a server has to listen, and again to end, in milliseconds. */
const patienceMs = 15_000;

const cleanups = new Set<() => void>();
const cleanUp = () => {
  for (const cleanup of [...cleanups].reverse()) cleanup();
  cleanups.clear();
};
process.on("exit", cleanUp);
for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

/**
 * Does something at the latest when this process ends, on SIGTERM too. Returns a function that
 * calls it off.
 */
export function atExit(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** A server process of a test. */
export interface ServerProcess {
  port: number;
  /** Lines it has printed so far, on both outputs. */
  lines: string[];
  stop(): Promise<void>;
}

/**
 * A port of this machine that was free a moment ago. It is below those that outgoing connections
 * get, and those of embedded registries, so that nothing but another test takes it before its
 * server starts, or while that is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") continue;
      throw error;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/**
 * Starts a server and waits until it listens on its port.
 *
 * @throws with its output where it does not
 */
export async function startServer(
  program: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const ended = once(child, "close").finally(atExit(() => child.kill("SIGKILL")));
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    let rest = "";
    output.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    });
  }
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
  };
  const deadline = Date.now() + patienceMs;
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${lines.slice(-20).join("\n")}`);
    }
    await sleep(50);
  }
  return { port, lines, stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
