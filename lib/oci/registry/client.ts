import type { RegistryKind } from "../../registry-kinds/kind";
import type { RepositoryName } from "../reference";
import { apiHost, checkRegistryHost } from "../reference";
import type { Repository } from "../repository";
import { timeOfAnswer } from "../transport/clock";
import type { Credentials } from "../transport/credentials";
import { catalogScope } from "../transport/scope";
import { capabilitiesOf, type Capabilities } from "./capabilities";
import { RegistryConnection } from "./connection";
import { listNames, listTags } from "./name-list";
import type { RegistryClientOptions } from "./options";
import { RegistryRepository } from "./repository";
import { TransferRegister } from "./transfer-register";
import { tryUpload, type UploadTrial } from "./upload-trial";
import { WarningRelay } from "./warnings";

export type { RegistryClientOptions, RegistryHost } from "./options";

/**
 * A client of registries that speak the OCI Distribution API 1.1. It keeps connections, tokens and
 * what it learned of each registry: use one client for everything and close it at the end.
 */
export class RegistryClient {
  private readonly connections = new Map<string, RegistryConnection>();
  private readonly repositories = new Map<string, RegistryRepository>();
  private readonly transfers = new TransferRegister();
  private readonly warnings: WarningRelay;

  constructor(private readonly options: RegistryClientOptions = {}) {
    this.warnings = new WarningRelay(options.onWarning);
  }

  /**
   * A repository of a registry. Nothing is sent yet.
   *
   * @throws Error for a certificate authority that cannot be read
   */
  repository(name: RepositoryName): Repository {
    const key = `${apiHost(name.registry)}/${name.path}`;
    let repository = this.repositories.get(key);
    if (!repository) {
      repository = new RegistryRepository(
        name,
        this.connection(name.registry),
        this.transfers,
        this.options.onLost,
      );
      this.repositories.set(key, repository);
    }
    return repository;
  }

  /**
   * Checks that a host is a registry and that the credentials for it are accepted.
   *
   * @throws RegistryError, CredentialsError
   */
  async ping(registry: string): Promise<void> {
    const connection = this.connection(checkRegistryHost(registry));
    await connection.perform({
      operation: `checking registry ${registry}`,
      method: "GET",
      target: "/v2/",
      scopes: [],
      expect: [200],
    });
  }

  /**
   * Checks that the registry of a repository is there, and takes the credentials for it; asks once.
   *
   * @throws RegistryError, CredentialsError
   */
  async checkAccess({ registry, path }: RepositoryName): Promise<void> {
    await this.connection(registry).checkAccess(path);
  }

  /** The credentials for a repository; undefined where it is read by anybody. @throws CredentialsError */
  async credentials({ registry, path }: RepositoryName): Promise<Credentials | undefined> {
    return this.connection(registry).credentialsOf(path);
  }

  /**
   * Begins an upload to a repository and cancels it: who may do that may push.
   *
   * @throws RegistryError, CredentialsError where it may not be
   */
  async tryUpload({ registry, path }: RepositoryName, signal?: AbortSignal): Promise<UploadTrial> {
    return tryUpload(this.connection(registry), path, signal);
  }

  /** The time of a registry's clock, in milliseconds; undefined where it does not tell. @throws RegistryError */
  async timeOf(registry: string, signal?: AbortSignal): Promise<number | undefined> {
    const response = await this.connection(checkRegistryHost(registry)).perform({
      operation: `reading the time of ${registry}`,
      method: "GET",
      target: "/v2/",
      scopes: [],
      expect: [200, 401, 403, 404],
      signal,
    });
    return timeOfAnswer(response);
  }

  /** What kind of registry it is: by its host, or by what it has said of itself so far. */
  kindOf(registry: string): RegistryKind | undefined {
    return this.connection(registry).kind;
  }

  /** What a registry can do, as far as that shows in one of its repositories. @throws RegistryError */
  async capabilities({ registry, path }: RepositoryName, signal?: AbortSignal): Promise<Capabilities> {
    return capabilitiesOf(this.connection(registry), path, signal);
  }

  /**
   * The repositories of a registry, in its order; many public registries do not tell.
   *
   * @throws RegistryError, CredentialsError
   */
  async listRepositories(registry: string): Promise<string[]> {
    return listNames(
      this.connection(checkRegistryHost(registry)),
      {
        operation: `listing the repositories of ${registry}`,
        path: "/v2/_catalog",
        scopes: [catalogScope],
      },
      "repositories",
    );
  }

  /** Closes all connections; requests under way fail. The client cannot be used after that. */
  async close(): Promise<void> {
    await Promise.all([...this.connections.values()].map((connection) => connection.close()));
  }

  private connection(registry: string): RegistryConnection {
    const key = apiHost(registry);
    let connection = this.connections.get(key);
    if (!connection) {
      connection = new RegistryConnection(registry, this.options, this.warnings, listTags);
      this.connections.set(key, connection);
    }
    return connection;
  }
}
