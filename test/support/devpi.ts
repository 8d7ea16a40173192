import { realpathSync } from "node:fs";
import * as path from "node:path";
import { runClient } from "./clients";
import { freePort, startServer } from "./processes";
import type { PackageServer } from "./python-packages";
import { toolPath } from "./tools";

/** The program of its package; the modules are installed beside its folder. */
export const devpiProgram = "devpi-server";

const user = "root";
const password = "open sesame";
/** By default its start derives keys for seconds of processors. */
const quickKeys = ["--argon2-memory-cost=8", "--argon2-parallelism=1", "--argon2-time-cost=1"];

/** An index of Python packages that is not ours: devpi, with whom it lets upload. */
export interface DevpiServer extends PackageServer {
  readonly simple: string;
  readonly username: string;
  readonly password: string;
}

/** Starts devpi with one index, which has nothing of PyPI. @param folder in which it keeps all it has */
export async function startDevpi(folder: string): Promise<DevpiServer> {
  const env = { PYTHONPATH: path.dirname(path.dirname(realpathSync(toolPath(devpiProgram)))) };
  const python = toolPath("python3");
  const own = `--serverdir=${folder}`;
  const initial = [
    "-c",
    "from devpi_server.init import init; init()",
    own,
    "--no-root-pypi",
    `--root-passwd=${password}`,
  ];
  await runClient("python3", initial, env);
  const port = await freePort();
  const args = [
    "-m",
    "devpi_server",
    own,
    ...quickKeys,
    "--offline-mode",
    "--host=127.0.0.1",
    `--port=${port}`,
  ];
  const server = await startServer(python, args, port, env);
  try {
    const address = `http://127.0.0.1:${port}`;
    const { result } = (await asked("POST", `${address}/+login`, { user, password })) as {
      result: { password: string };
    };
    const credentials = Buffer.from(`${user}:${result.password}`).toString("base64");
    await asked("PUT", `${address}/${user}/dev`, { type: "stage", bases: [] }, credentials);
    const url = `${address}/${user}/dev/`;
    return { ...server, url, simple: `${url}+simple`, username: user, password };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function asked(method: string, url: string, body: object, credentials?: string): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      ...(credentials !== undefined && { "x-devpi-auth": credentials }),
    },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  throw new Error(`${method} ${url}: HTTP ${response.status} ${await response.text()}`);
}
