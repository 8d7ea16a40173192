import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { defined } from "../../objects/defined";
import { CredentialsError } from "../errors";

/**
 * The parts of Docker's `config.json` (and of `auth.json`, its twin) that say where credentials
 * are.
 */
export interface DockerConfig {
  /** The file it was read from. */
  file: string;
  /**
   * Credentials in the file itself, by registry; keys can carry `https://` and `/v1/` or `/v2/`.
   */
  auths: Readonly<Record<string, DockerAuth>>;
  /** Suffix of the credential helper for all registries. */
  credsStore?: string;
  /** Suffixes of credential helpers by registry host. */
  credHelpers: Readonly<Record<string, string>>;
}

/** One entry of `auths`. */
export interface DockerAuth {
  /** `username:password` in base64. */
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
}

/** The environment that decides which file is read. */
export interface ConfigEnvironment {
  env: NodeJS.ProcessEnv;
  home: string;
}

/**
 * The files that can hold credentials, in the order in which they are read: the one that
 * `REGISTRY_AUTH_FILE` names; Docker's; those of podman, buildah and skopeo.
 *
 * Source: containers-auth.json(5).
 */
export function configFiles({ env, home }: ConfigEnvironment): string[] {
  return [
    ...(env.REGISTRY_AUTH_FILE ? [env.REGISTRY_AUTH_FILE] : []),
    join(nonEmpty(env.DOCKER_CONFIG) ?? join(home, ".docker"), "config.json"),
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "containers", "auth.json")] : []),
    join(nonEmpty(env.XDG_CONFIG_HOME) ?? join(home, ".config"), "containers", "auth.json"),
  ];
}

/**
 * Reads those of {@link configFiles} that exist, in their order.
 *
 * @throws CredentialsError for a file that cannot be read or is not such a configuration; its
 * content is not quoted.
 */
export async function readDockerConfigs(
  environment: ConfigEnvironment = { env: process.env, home: homedir() },
): Promise<DockerConfig[]> {
  const configs = await Promise.all(configFiles(environment).map(readDockerConfig));
  return configs.filter((config) => config !== undefined);
}

async function readDockerConfig(file: string): Promise<DockerConfig | undefined> {
  try {
    return parseDockerConfig(await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CredentialsError(`registry credentials: ${file} cannot be read (${code ?? "unknown error"})`);
  }
}

/** @throws CredentialsError; a JSON parser's own message is withheld, since it quotes the file. */
export function parseDockerConfig(text: string, file: string): DockerConfig {
  let parsed: unknown;
  try {
    parsed = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new CredentialsError(
      `registry credentials: ${file} is not JSON; repair it or run docker login again`,
    );
  }
  if (!isRecord(parsed)) {
    throw new CredentialsError(`registry credentials: ${file} is not a JSON object`);
  }
  const auths: Record<string, DockerAuth> = {};
  for (const [key, entry] of Object.entries(section(parsed, "auths", file))) {
    if (isRecord(entry)) auths[key] = pickStrings(entry, ["auth", "username", "password", "identitytoken"]);
  }
  const credHelpers: Record<string, string> = {};
  for (const [key, helper] of Object.entries(section(parsed, "credHelpers", file))) {
    if (typeof helper === "string") credHelpers[key] = helper;
  }
  const credsStore =
    typeof parsed.credsStore === "string" && parsed.credsStore ? parsed.credsStore : undefined;
  return defined({ file, auths, credHelpers, credsStore });
}

function section(parsed: Record<string, unknown>, name: string, file: string): Record<string, unknown> {
  const value = parsed[name] ?? {};
  if (!isRecord(value))
    throw new CredentialsError(`registry credentials: "${name}" in ${file} is not an object`);
  return value;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pickStrings<K extends string>(
  entry: Record<string, unknown>,
  keys: K[],
): Partial<Record<K, string>> {
  const picked: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = entry[key];
    if (typeof value === "string" && value !== "") picked[key] = value;
  }
  return picked;
}
