import { existsSync } from "node:fs";
import { isSecretName } from "../machine/secret-names";
import { decoded } from "./secret-parts";

/**
 * Shorter values of variables are words more often than secrets: a setting, a passphrase of a
 * development stack.
 */
const shortestValue = 8;

/** Read by Slipway itself, so a secret however short it is. */
const ownVariables: readonly string[] = ["COSIGN_PASSWORD", "GITHUB_TOKEN", "GH_TOKEN"];

/**
 * The secrets among the variables of an environment: by their names, and passwords in addresses.
 */
export function environmentSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (ownVariables.includes(name)) return [value];
    if (isSecretName(name) && value.length >= shortestValue && !isFile(value)) return [value];
    const [, password = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:([^/@\s]+)@/i.exec(value) ?? [];
    return password.length >= shortestValue ? [password, decoded(password)] : [];
  });
}

/** Some variables name the file that holds a secret. */
function isFile(value: string): boolean {
  return value.startsWith("/") && existsSync(value);
}
