import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { dirname, join } from "node:path";

import { privateFolder } from "../machine/private-folder.cjs";
import { embeddedFolder, embeddedHome } from "./home";

// Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152):
// such a connection, if only one that asks whether the registry answers, would hold the port when
// the registry starts again.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;

/**
 * The registry's directory of a project: data, configuration, secrets, log, address and process id.
 */
export function registryDirectory(projectDir: string): string {
  return join(embeddedFolder(projectDir), "registry");
}

/**
 * Returns what this project's registry is called where it proves that it is the one; a copy of the
 * project is another.
 */
export function registryIdentity(projectDir: string): string {
  return createHash("sha256").update(embeddedHome(projectDir)).digest("hex").slice(0, 32);
}

/**
 * The address of the project's embedded registry, as `localhost:PORT`; the registry need not run.
 * The first call chooses a port from the project's path (so that two projects rarely want the same)
 * and records it in `.slipway/registry/address.json`; later calls, and other processes, get that
 * one.
 */
export function embeddedAddress(projectDir: string): string {
  const recorded = recordedAddress(projectDir);
  if (recorded !== undefined) return recorded;
  const file = addressFile(projectDir);
  privateFolder(embeddedFolder(projectDir));
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, addressJson(choosePort(projectDir)));
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return recordedAddress(projectDir) ?? embeddedAddress(projectDir);
}

/** The recorded address, if one is. */
export function recordedAddress(projectDir: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(addressFile(projectDir), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { host } = JSON.parse(text) as { host: string };
  return host;
}

/**
 * Records another port in the place of a taken one. Only for a registry that nothing was published
 * to.
 */
export function moveAddress(projectDir: string, port: number): string {
  const file = addressFile(projectDir);
  writeFileSync(`${file}.${process.pid}`, addressJson(port));
  renameSync(`${file}.${process.pid}`, file);
  return `localhost:${port}`;
}

export function portOf(host: string): number {
  return Number(host.slice(host.lastIndexOf(":") + 1));
}

export function nextPort(port: number): number {
  return port >= LAST_PORT ? FIRST_PORT : port + 1;
}

/**
 * True if something accepts connections on the port, at any of the addresses that "localhost" can
 * mean: a client may try either.
 */
export async function isPortTaken(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => accepts(host, port)));
  return answers.includes(true);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const socket = createConnection({ host, port });
    const answer = (value: boolean) => {
      socket.destroy();
      resolveAnswer(value);
    };
    socket.setTimeout(1000, () => answer(false));
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

function choosePort(projectDir: string): number {
  const hash = createHash("sha256").update(embeddedHome(projectDir)).digest().readUInt32BE(0);
  const taken = listeningPorts();
  let port = FIRST_PORT + (hash % (LAST_PORT - FIRST_PORT + 1));
  while (taken.has(port)) port = nextPort(port);
  return port;
}

/**
 * Ports with a TCP listener on this machine (proc(5), /proc/net/tcp); empty where the kernel does
 * not tell.
 */
function listeningPorts(): Set<number> {
  const ports = new Set<number>();
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      continue;
    }
    for (const match of text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)) {
      ports.add(parseInt(match[1] ?? "", 16));
    }
  }
  return ports;
}

function addressFile(projectDir: string): string {
  return join(registryDirectory(projectDir), "address.json");
}

function addressJson(port: number): string {
  return `${JSON.stringify({ host: `localhost:${port}` })}\n`;
}
