import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../lib/machine/lock.cjs";
import { digestHex, digestOf } from "../../lib/oci/digest";
import { git, GitServer } from "./git-server";
import { startMcpRegistry } from "./mcp-registry";
import { startVerdaccio } from "./npm-registry";
import { NugetFeed } from "./nuget-feed";
import { startProxy, type FaultProxy } from "./proxy";
import { startPackageServer } from "./python-packages";

/** Places that releases are given to, which can be made to fail. */

/** What is wrong with a place: nobody answers, it refuses access, it fails, or it answers late. */
export const placeFaults = ["down", "refusing", "failing", "slow"] as const;

export type PlaceFault = (typeof placeFaults)[number];

/** A place that a channel gives a release to. */
export interface ChannelPlace {
  /** Its address, or its folder. */
  readonly address: string;
  /** What a program gives to get in, or signs with. */
  readonly secret: string;
  /** Makes something be wrong with it; undefined sets it right. */
  fail(fault: PlaceFault | undefined): Promise<void>;
  /** What it has, as text that changes with whatever is given to it. */
  content(): Promise<string>;
  stop(): Promise<void>;
}

/** How late a slow place answers each request, or lets go of its folder, in milliseconds. */
const lateMs = 1_000;

/** A server behind a proxy that does harm. What it says of a fault has the secret in it, in clear. */
async function serverPlace(
  server: { port: number; stop(): Promise<void> },
  place: Pick<ChannelPlace, "secret" | "content"> & { path?: string },
): Promise<ChannelPlace> {
  const { secret, path: below = "" } = place;
  let proxy: FaultProxy | undefined = await startProxy(server.port);
  const { host } = proxy;
  const answer = (status: number) => {
    const body = `no entry with ${secret} (${Buffer.from(secret).toString("base64")})\n`;
    return {
      kind: "respond",
      status,
      headers: { "content-type": "text/plain", "x-reason": secret },
      body,
    } as const;
  };
  return {
    ...place,
    address: `http://${host}${below}`,
    async fail(fault) {
      await proxy?.stop();
      proxy = undefined;
      if (fault === "down") return;
      proxy = await startProxy(server.port, Number(host.split(":")[1]));
      if (fault === "refusing") proxy.inject({ fault: answer(403) });
      if (fault === "failing") proxy.inject({ fault: answer(500) });
      if (fault === "slow") proxy.inject({ fault: { kind: "delay", milliseconds: lateMs } });
    },
    async stop() {
      await proxy?.stop();
      await server.stop();
    },
  };
}

/** A repository that git's own server has. */
export async function gitPlace(folder: string, secret: string): Promise<ChannelPlace> {
  await mkdir(folder, { recursive: true });
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "channel.git");
  const server = await GitServer.start(folder, secret);
  const content = () =>
    Promise.resolve(git(path.join(folder, "channel.git"), "log", "--all", "--format=%H %s"));
  const port = Number(new URL(server.url).port);
  return serverPlace({ port, stop: () => server.stop() }, { secret, content, path: "/channel.git" });
}

/** An index of Python packages. */
export async function pythonPlace(folder: string, secret: string): Promise<ChannelPlace> {
  const server = await startPackageServer(folder);
  return serverPlace(server, { secret, content: () => contentOf(folder), path: "/" });
}

/** A registry of npm; the secret is what it gives to its account. */
export async function npmPlace(folder: string): Promise<ChannelPlace> {
  const server = await startVerdaccio(folder);
  return serverPlace(server, {
    secret: server.token,
    content: () => contentOf(path.join(folder, "storage")),
  });
}

/** A registry of MCP servers, which takes what anybody publishes. */
export async function mcpPlace(secret: string): Promise<ChannelPlace> {
  const server = await startMcpRegistry();
  const content = async () => (await fetch(`${server.address}/v0.1/servers`)).text();
  return serverPlace(server, { secret, content });
}

/** A feed of NuGet 2; the secret is the key that it takes. */
export async function nugetPlace(folder: string, secret: string): Promise<ChannelPlace> {
  const feed = await NugetFeed.start(folder);
  feed.key = secret;
  const { port } = feed;
  const content = () => contentOf(folder);
  return serverPlace({ port, stop: () => feed.stop() }, { secret, content, path: "/nuget/" });
}

/**
 * A folder that is served.
 *
 * @param names what clients read first, below it
 */
export function folderPlace(
  project: string,
  folder: string,
  names: string,
  secret: string,
): Promise<ChannelPlace> {
  const absolute = path.join(project, folder);
  const aside = path.join(project, `${folder}-aside`);
  const [file, files] = [path.join(absolute, names), path.join(absolute, path.dirname(names))];
  let undo: () => Promise<void> = () => Promise.resolve();
  /** Puts something else where a path is, until it is set right. */
  const replace = async (at: string, put: (at: string) => Promise<unknown>) => {
    await rename(at, aside);
    await put(at);
    undo = async () => {
      await rm(at, { recursive: true });
      await rename(aside, at);
    };
  };
  return Promise.resolve({
    address: folder,
    secret,
    async fail(fault) {
      await undo();
      undo = () => Promise.resolve();
      const asFile = (at: string) => writeFile(at, "in the way");
      if (fault === "down") await replace(absolute, asFile);
      if (fault === "refusing") await replace(files, asFile);
      if (fault === "failing") await replace(file, (at) => mkdir(at));
      if (fault === "slow") {
        const lock = `releases-${digestHex(digestOf(absolute)).slice(0, 16)}`;
        const held = withLock(path.join(project, ".slipway", "locks", lock), {}, () => sleep(4 * lateMs));
        undo = () => held;
      }
    },
    content: () => contentOf(absolute),
    stop: () => Promise.resolve(),
  });
}

/** Names and digests of all files in a folder. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return `${path.relative(folder, file)} ${digestOf(await readFile(file))}`;
    });
  return (await Promise.all(lines)).sort().join("\n");
}
