import { readFile } from "node:fs/promises";
import { connect, type NetConnectOpts } from "node:net";
import { homedir } from "node:os";
import * as path from "node:path";

/** Time that a builder has to accept a connection, in milliseconds. */
const patienceMs = 5_000;

/**
 * A builder as buildx records it (docker/buildx, `store/nodegroup.go`); other fields are not looked
 * at.
 */
interface RecordedBuilder {
  Driver?: string;
  Nodes?: {
    Endpoint?: string;
    DriverOpts?: Record<string, string> | null;
    Platforms?: RecordedPlatform[] | null;
  }[];
}

interface RecordedPlatform {
  os: string;
  architecture: string;
  variant?: string;
}

/** A builder that buildx knows. */
export interface KnownBuilder {
  driver: string;
  endpoints: string[];
  /** Network of each node, as far as it was chosen (`--driver-opt network=…`). */
  networks: (string | undefined)[];
  /** Options of the driver, of its first node, as are the platforms. */
  options: Record<string, string>;
  /** Platforms that it was declared to build for; none where it says so itself. */
  platforms: string[];
}

/** Returns what `docker buildx create` has recorded under a name, or undefined. */
export async function knownBuilder(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KnownBuilder | undefined> {
  const docker = env.DOCKER_CONFIG ?? path.join(homedir(), ".docker");
  const folder = env.BUILDX_CONFIG ?? path.join(docker, "buildx");
  try {
    const text = await readFile(path.join(folder, "instances", name.toLowerCase()), "utf8");
    const { Driver = "", Nodes = [] } = JSON.parse(text) as RecordedBuilder;
    const [first] = Nodes;
    return {
      driver: Driver,
      endpoints: Nodes.flatMap(({ Endpoint }) => Endpoint ?? []),
      networks: Nodes.map(({ DriverOpts }) => DriverOpts?.network),
      options: first?.DriverOpts ?? {},
      platforms: (first?.Platforms ?? []).map(({ os, architecture, variant }) =>
        [os, architecture, variant].filter((part) => part !== undefined).join("/"),
      ),
    };
  } catch {
    return undefined;
  }
}

/**
 * Endpoints of a builder that is reached over a socket. Empty for another driver, whose endpoint
 * buildx starts itself, and for a name that buildx does not know.
 */
export async function remoteEndpoints(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const known = await knownBuilder(name, env);
  return known?.driver === "remote" ? known.endpoints : [];
}

/**
 * Returns why an endpoint does not answer, or undefined. One that is neither `tcp://` nor `unix://`
 * is not tried.
 */
export function unreachable(endpoint: string): Promise<string | undefined> {
  const options = connection(endpoint);
  if (!options) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(options);
    const end = (reason: string | undefined) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(patienceMs, () => end(`no answer within ${patienceMs / 1000} s`));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(error.message));
  });
}

function connection(endpoint: string): NetConnectOpts | undefined {
  const unix = /^unix:\/\/(.+)$/.exec(endpoint)?.[1];
  if (unix !== undefined) return { path: unix };
  const [, host, port] = /^tcp:\/\/\[?([^\]/]+?)\]?:(\d+)$/.exec(endpoint) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}
