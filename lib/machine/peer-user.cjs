"use strict";
// Whose process is at the other end of a connection of this machine. The protocols of Pulumi's
// engine have no authentication: whoever reaches a plugin's port can make it work, with its owner's
// rights and credentials.

const fs = require("node:fs");

/** Tables of the kernel's TCP sockets, with the user of each (proc(5)). */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/**
 * The kernel gives out a table in pieces, between which a row can slip: a peer that is not found is
 * looked for again.
 */
const LOOKS = 3;

/** Most that is asked of the kernel at once; it gives a page or so. */
const PIECE_BYTES = 16 * 1024;

/** State of a socket with a connection, and of one that listens (include/net/tcp_states.h). */
const ESTABLISHED = "01";
const LISTEN = "0A";

/**
 * The user at the other end of a connection that was accepted on 127.0.0.1.
 *
 * @param tables the tables, each as pieces of its text, of which no more are taken than are needed
 * @returns the user's id; `absent` if the tables do not have the peer; `untold` where they do not
 * even have the socket that listens here, so that they tell nothing (macOS, WSL 1)
 */
function peerUser({ localPort, remotePort }, tables) {
  const own = `0100007F:${hex(localPort)}`;
  const peer = `0100007F:${hex(remotePort)}`;
  // A socket for IPv6 reaches 127.0.0.1 under its mapped address (RFC 4291, section 2.5.5.2).
  const mapped = (end) => `0000000000000000FFFF0000${end}`;
  const ends = [`${peer} ${own}`, `${mapped(peer)} ${mapped(own)}`];
  let listens = false;
  for (const table of tables) {
    for (const row of rowsOf(table)) {
      const [, local, remote, state, , , , uid] = row.trim().split(/\s+/);
      if (state === ESTABLISHED && ends.includes(`${local} ${remote}`)) return Number(uid);
      if (state === LISTEN && local === own) listens = true;
    }
  }
  return listens ? "absent" : "untold";
}

function* rowsOf(pieces) {
  let rest = "";
  for (const piece of pieces) {
    const rows = (rest + piece).split("\n");
    rest = rows.pop();
    yield* rows;
  }
}

/**
 * Why the process at the other end of a connection that was accepted on 127.0.0.1 is not to be
 * spoken to: it is another user's, root's too, or nobody knows whose. Undefined where it is this
 * process's user, and where the system does not tell.
 */
function strangerAt(socket) {
  const own = process.geteuid?.();
  if (own === undefined) return undefined;
  let user;
  for (let look = 0; look < LOOKS; look++) {
    user = peerUser(socket, TABLES.map(read));
    if (user !== "absent") break;
  }
  if (user === own || user === "untold") return undefined;
  return user === "absent" ? "a process that this system does not list" : `a process of user ${user}`;
}

/**
 * Makes the servers that are made with a module `http2` from now on close connections of other
 * users before they are spoken to. For servers that a library makes; `tell` gets a sentence for
 * each.
 */
function guardServers(http2, tell) {
  const { createServer } = http2;
  http2.createServer = (...args) => {
    const server = createServer(...args);
    const take = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket) => {
      if (admit(socket, tell)) for (const listener of take) listener.call(server, socket);
    });
    return server;
  };
}

/**
 * Whether to go on with a connection. One of a stranger is closed, and `tell` gets a sentence about
 * it.
 */
function admit(socket, tell) {
  const stranger = strangerAt(socket);
  if (stranger === undefined) return true;
  const { localPort, remotePort } = socket;
  socket.destroy();
  tell(
    `${stranger} connected to port ${localPort} of Slipway (from port ${remotePort}) and was refused: ` +
      `only user ${process.geteuid()}, who started it, is served`,
  );
  return false;
}

function hex(port) {
  return (port ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

/**
 * A table piece by piece: the kernel makes what is read, which takes milliseconds where there are
 * many sockets.
 */
function* read(file) {
  let handle;
  try {
    handle = fs.openSync(file, "r");
  } catch {
    return;
  }
  try {
    const buffer = Buffer.alloc(PIECE_BYTES);
    for (let length; (length = fs.readSync(handle, buffer)) > 0;) yield buffer.latin1Slice(0, length);
  } finally {
    fs.closeSync(handle);
  }
}

module.exports = { admit, guardServers, peerUser };
