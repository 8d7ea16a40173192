import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { recordedAddress } from "../../lib/embedded/address";
import { registrySecrets } from "../../lib/embedded/registry-access";

/** Value of an `Authorization` header for the embedded registry of a project. */
export function signIn(project: string): string {
  const { username, password } = registrySecrets(project);
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/**
 * Signs other clients in to the embedded registry of a project.
 *
 * @param folder for Docker's configuration
 * @returns the environment that makes them use it
 */
export function signedIn(project: string, folder: string): { DOCKER_CONFIG: string } {
  const host = recordedAddress(project) ?? "";
  const auth = signIn(project).slice("Basic ".length);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }), {
    mode: 0o600,
  });
  return { DOCKER_CONFIG: folder };
}
