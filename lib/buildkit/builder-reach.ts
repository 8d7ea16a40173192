import { isLocalRegistry } from "../oci/reference";
import { knownBuilder, type KnownBuilder } from "./builder-endpoint";

/**
 * Returns why a builder cannot reach a registry that listens on this machine only; undefined where
 * it can, or where buildx's record does not tell.
 */
export async function reasonOutOfReach(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const builder = await knownBuilder(name, env);
  return builder && outOfReach(name, builder);
}

function outOfReach(name: string, { driver, endpoints, networks }: KnownBuilder): string | undefined {
  if (driver === "kubernetes") return "it runs in a cluster";
  if (driver === "docker-container" && networks.some((network) => network !== "host")) {
    return (
      "it runs in a container with a network of its own (a valid example: " +
      `docker buildx create --name ${name} --driver docker-container --driver-opt network=host)`
    );
  }
  const elsewhere = driver === "remote" ? endpoints.find(isElsewhere) : undefined;
  return elsewhere === undefined ? undefined : `it runs at ${elsewhere}`;
}

/** An endpoint on another machine; how others than `tcp://` lead to theirs is not known here. */
function isElsewhere(endpoint: string): boolean {
  const address = /^tcp:\/\/(.+)$/.exec(endpoint)?.[1];
  return address !== undefined && !isLocalRegistry(address);
}
