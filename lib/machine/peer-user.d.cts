import type { Socket } from "node:net";
import type * as Http2 from "node:http2";

/**
 * The user at the other end of a connection that was accepted on 127.0.0.1.
 *
 * @param tables /proc/net/tcp and tcp6, each as pieces of its text, of which no more are taken than are needed
 * @returns the user's id; `absent` if the tables do not have the peer; `untold` where they do not even have the socket that
 * listens here, so that they tell nothing (macOS, WSL 1)
 */
export function peerUser(
  ports: { localPort?: number; remotePort?: number },
  tables: readonly Iterable<string>[],
): number | "absent" | "untold";

/**
 * Whether to go on with a connection that was accepted on 127.0.0.1. One of another user, root's too, or of a process that
 * the system does not list, is closed, and `tell` gets a sentence about it. Where the system does not tell whose
 * connections are, as macOS, all are served.
 */
export function admit(socket: Socket, tell: (sentence: string) => void): boolean;

/**
 * Makes the servers that are made with a module `http2` from now on close connections of other users before they are
 * spoken to, as {@link admit} does. For servers that a library makes.
 */
export function guardServers(http2: typeof Http2, tell: (sentence: string) => void): void;
