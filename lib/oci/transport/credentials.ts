import { homedir } from "node:os";
import { CredentialsError } from "../errors";
import { apiHost, dockerHub } from "../reference";
import { askCredentialHelper } from "./credential-helper";
import {
  readDockerConfig,
  type ConfigEnvironment,
  type DockerAuth,
  type DockerConfig,
} from "./docker-config";

/** Docker Hub's name in `config.json`, in credential helpers and nowhere else. */
const dockerHubServer = "https://index.docker.io/v1/";
/** The user name that marks a helper's secret as an identity token. */
const identityTokenUser = "<token>";

/** Inputs of {@link Credentials}. */
export interface CredentialFields {
  username?: string;
  password?: string;
  identityToken?: string;
}

/**
 * Credentials of one registry and where they came from. The secrets are private fields, so that
 * printing or serializing the object shows the source only.
 */
export class Credentials {
  /** Where they came from, for messages, e.g. `/home/me/.docker/config.json`. */
  readonly source: string;
  readonly #fields: CredentialFields;

  constructor(fields: CredentialFields, source: string) {
    this.#fields = fields;
    this.source = source;
  }

  get username(): string | undefined {
    return this.#fields.username;
  }

  /** An OAuth 2 refresh token, to be exchanged at the registry's token server. */
  get identityToken(): string | undefined {
    return this.#fields.identityToken;
  }

  /** Value of an `Authorization` header, where there is a user name with a password. */
  get basicAuthorization(): string | undefined {
    const { username, password } = this.#fields;
    if (username === undefined || password === undefined) return undefined;
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  /** Every text that must not appear in a message. */
  get secrets(): string[] {
    const { password, identityToken } = this.#fields;
    const encoded = this.basicAuthorization?.slice("Basic ".length);
    return [password, identityToken, encoded].filter(
      (text): text is string => text !== undefined && text !== "",
    );
  }
}

/**
 * The credentials for a registry, in this order: those given explicitly; the credential helper of
 * the host (`credHelpers`), the general one (`credsStore`) and the entries (`auths`) of Docker's
 * configuration. Undefined means anonymous.
 *
 * @param registry host as the user writes it, e.g. `docker.io` or `localhost:5000`
 * @throws CredentialsError
 */
export async function lookUpCredentials(
  registry: string,
  explicit?: CredentialFields,
  environment: ConfigEnvironment = { env: process.env, home: homedir() },
): Promise<Credentials | undefined> {
  const given = explicit && completeFields(explicit, registry);
  if (given) return new Credentials(given, "the configuration");
  const config = await readDockerConfig(environment);
  if (!config) return undefined;

  const names = serverNames(registry);
  const helper = names.map((name) => config.credHelpers[name]).find((suffix) => suffix !== undefined);
  for (const suffix of [helper, config.credsStore]) {
    if (!suffix) continue;
    const server = names.includes(dockerHub) ? dockerHubServer : registry;
    const answer = await askCredentialHelper(suffix, server, environment.env);
    if (!answer) continue;
    const fields =
      answer.username === identityTokenUser
        ? { identityToken: answer.secret }
        : { username: answer.username, password: answer.secret };
    return new Credentials(fields, `credential helper docker-credential-${suffix} (${config.file})`);
  }
  const entry = findAuth(config, names);
  const fields = entry && readAuth(entry, registry, config.file);
  return fields && new Credentials(fields, config.file);
}

/** The names under which a registry can be filed. */
function serverNames(registry: string): string[] {
  const hub = apiHost(dockerHub);
  return apiHost(registry) === hub ? [dockerHub, "index.docker.io", hub, dockerHubServer] : [registry];
}

function findAuth(config: DockerConfig, names: readonly string[]): DockerAuth | undefined {
  const wanted = new Set(names.map(normalizeserver));
  const matching = Object.entries(config.auths).filter(([key]) => wanted.has(normalizeserver(key)));
  // An entry under the plain name goes before one with a scheme or a path.
  const exact = matching.find(([key]) => names.includes(key));
  return (exact ?? matching[0])?.[1];
}

/** A server as it is written in `auths`, without scheme and API version. */
function normalizeserver(key: string): string {
  return key
    .replace(/^https?:\/\//i, "")
    .replace(/\/(v[12]\/?)?$/, "")
    .toLowerCase();
}

function readAuth(entry: DockerAuth, registry: string, file: string): CredentialFields | undefined {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.auth) {
    const decoded = Buffer.from(entry.auth, "base64")
      .toString("utf8")
      .replace(/(?<!\0)\0+$/, "");
    const colon = decoded.indexOf(":");
    if (colon <= 0) {
      throw new CredentialsError(
        `registry credentials: the "auth" of ${registry} in ${file} is not base64 of "user:password"; ` +
          `run docker login ${registry} again`,
      );
    }
    const [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
    return username === identityTokenUser ? { identityToken: password } : { username, password };
  }
  if (entry.username && entry.password) return { username: entry.username, password: entry.password };
  return undefined;
}

function completeFields(fields: CredentialFields, registry: string): CredentialFields | undefined {
  const { username, password, identityToken } = fields;
  if (identityToken) return { identityToken };
  if (!username && !password) return undefined;
  if (!username || !password) {
    throw new CredentialsError(
      `credentials for ${registry} have a ${username ? "user name without a password" : "password without a user name"}`,
    );
  }
  return username === identityTokenUser ? { identityToken: password } : { username, password };
}
