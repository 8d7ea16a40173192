import { homedir } from "node:os";
import { CredentialsError } from "../errors";
import { apiHost, dockerHub } from "../reference";
import { askCredentialHelper } from "./credential-helper";
import {
  readDockerConfigs,
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

/** Source of credentials that are declared, in words. */
export const configured = "the configuration";

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

  /** For an API of the same service that takes it otherwise than as Basic. */
  get password(): string | undefined {
    return this.#fields.password;
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

/** Credentials for a registry, or for a part of its repositories. */
export interface DeclaredCredentials extends CredentialFields {
  /** First segments of the paths that they are for, e.g. `acme` or `acme/team`. Default: all. */
  namespace?: string;
}

/**
 * The credentials of one registry, by repository, in this order: the declared ones; those of each
 * of {@link configFiles} in turn. Of several for parts of its paths the longest that a path begins
 * with is taken; nothing is sent with what was declared for another part.
 *
 * In a file: the credential helper of the host (`credHelpers`), an entry of `auths` for a part of
 * the path (`host/team`), the general helper (`credsStore`), the entry for the host.
 *
 * Source: containers-auth.json(5); docs.docker.com, "docker login".
 */
export class RegistryCredentials {
  private files: Promise<readonly DockerConfig[]> | undefined;
  private readonly answers = new Map<string, Promise<Credentials | undefined>>();

  /** @param registry host as the user writes it, e.g. `docker.io` or `localhost:5000` */
  constructor(
    private readonly registry: string,
    private readonly declared: readonly DeclaredCredentials[] = [],
    private readonly environment: ConfigEnvironment = { env: process.env, home: homedir() },
  ) {}

  /**
   * @param path of the repository; empty for what is about the whole registry
   * @returns undefined for anonymous access
   * @throws CredentialsError
   */
  async of(path: string): Promise<Credentials | undefined> {
    const given = longestOf(this.declared, path, ({ namespace = "" }) => namespace)
      .map((fields) => completeFields(fields, this.registry))
      .find((fields) => fields !== undefined);
    if (given) return new Credentials(given, configured);
    this.files ??= readDockerConfigs(this.environment);
    for (const config of await this.files) {
      const found = await this.ofFile(config, path);
      if (found) return found;
    }
    return undefined;
  }

  private async ofFile(config: DockerConfig, path: string): Promise<Credentials | undefined> {
    const names = serverNames(this.registry);
    const helper = names.map((name) => config.credHelpers[name]).find((suffix) => suffix !== undefined);
    return (
      (await this.ask(helper, config)) ??
      this.entry(config, entriesWithin(config, names, path)) ??
      (await this.ask(config.credsStore, config)) ??
      this.entry(config, entryOfHost(config, names))
    );
  }

  /** A helper is a program: it is asked once. */
  private ask(suffix: string | undefined, { file }: DockerConfig): Promise<Credentials | undefined> {
    if (suffix === undefined) return Promise.resolve(undefined);
    const source = `credential helper docker-credential-${suffix} (${file})`;
    const known = this.answers.get(source) ?? this.askHelper(suffix, source);
    this.answers.set(source, known);
    return known;
  }

  private async askHelper(suffix: string, source: string): Promise<Credentials | undefined> {
    const server = serverNames(this.registry).includes(dockerHub) ? dockerHubServer : this.registry;
    const answer = await askCredentialHelper(suffix, server, this.environment.env);
    if (!answer) return undefined;
    const fields =
      answer.username === identityTokenUser
        ? { identityToken: answer.secret }
        : { username: answer.username, password: answer.secret };
    return new Credentials(fields, source);
  }

  private entry({ file }: DockerConfig, entries: readonly DockerAuth[]): Credentials | undefined {
    const fields = entries
      .map((entry) => readAuth(entry, this.registry, file))
      .find((found) => found !== undefined);
    return fields && new Credentials(fields, file);
  }
}

/** What is for a path, the most particular first. */
function longestOf<T>(all: readonly T[], path: string, namespaceOf: (one: T) => string): T[] {
  return all
    .filter((one) => isWithin(path, namespaceOf(one)))
    .sort((a, b) => namespaceOf(b).length - namespaceOf(a).length);
}

function isWithin(path: string, namespace: string): boolean {
  return namespace === "" || path === namespace || path.startsWith(`${namespace}/`);
}

/** The names under which a registry can be filed. */
function serverNames(registry: string): string[] {
  const hub = apiHost(dockerHub);
  return apiHost(registry) === hub ? [dockerHub, "index.docker.io", hub, dockerHubServer] : [registry];
}

/** Entries that are filed under a part of the path, the longest first. */
function entriesWithin(config: DockerConfig, names: readonly string[], path: string): DockerAuth[] {
  const filed = Object.entries(config.auths).flatMap(([key, entry]) => {
    const name = names.find((host) => key.startsWith(`${host}/`));
    const namespace = name === undefined ? "" : key.slice(name.length + 1).replace(/\/$/, "");
    return namespace === "" ? [] : [{ namespace, entry }];
  });
  return longestOf(filed, path, ({ namespace }) => namespace).map(({ entry }) => entry);
}

function entryOfHost(config: DockerConfig, names: readonly string[]): DockerAuth[] {
  const wanted = new Set(names.map(normalizeServer));
  const matching = Object.entries(config.auths).filter(([key]) => wanted.has(normalizeServer(key)));
  // An entry under the plain name goes before one with a scheme or a path.
  const exact = matching.find(([key]) => names.includes(key));
  const found = (exact ?? matching[0])?.[1];
  return found ? [found] : [];
}

/** A server as it is written in `auths`, without scheme and API version. */
function normalizeServer(key: string): string {
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
