import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { atExit } from "./processes";

/** A port of this machine that answers no connection, as behind a firewall that drops packets. */
export interface Blackhole {
  /** As `127.0.0.1:PORT`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Listens, and never takes a connection: the process does nothing else any more. */
const listener = `
  const server = require("node:net").createServer();
  server.listen({ port: Number(process.argv[1]), host: "127.0.0.1", backlog: 0 }, () => {
    process.send(server.address().port, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** Starts one: once its queue is full, the kernel drops what asks for a connection. */
export async function startBlackhole(port = 0): Promise<Blackhole> {
  const child = fork("-e", [], { execArgv: ["-e", listener, String(port)], stdio: "ignore" });
  const sockets: Socket[] = [];
  const end = () => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  };
  const callOff = atExit(end);
  const [listening] = (await once(child, "message")) as [number];
  for (;;) {
    const socket = connect(listening, "127.0.0.1");
    socket.on("error", () => undefined);
    sockets.push(socket);
    const isTaken = await Promise.race([
      once(socket, "connect").then(() => true),
      sleep(300).then(() => false),
    ]);
    if (!isTaken) break;
  }
  return {
    host: `127.0.0.1:${listening}`,
    async stop() {
      callOff();
      const ended = once(child, "exit");
      end();
      await ended;
    },
  };
}
