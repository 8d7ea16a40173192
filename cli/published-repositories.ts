import { resolve } from "node:path";
import { recordedAddress } from "../lib/embedded/address";
import { embeddedCredentials } from "../lib/embedded/registry-access";
import { ensureRunning } from "../lib/embedded/registry";
import { openRepository, parseAddress } from "../lib/oci/address";
import { RegistryClient } from "../lib/oci/registry/client";
import type { Repository } from "../lib/oci/repository";
import type { RetryPolicy } from "../lib/oci/transport/retry-policy";

/** Repositories that a project has published to, with the credentials of this machine. */
export class PublishedRepositories {
  private readonly registryClient: RegistryClient;

  /** @param project its folder; @param retry how often registries are asked. Default: as in a release */
  constructor(
    private readonly project: string,
    retry?: RetryPolicy,
  ) {
    this.registryClient = new RegistryClient({
      ...(retry && { retry }),
      credentialsOf: (host) => embeddedCredentials(project, host),
    });
  }

  /** Reads of a repository, `host/path` or a layout or archive. @throws what the reading throws */
  async read<T>(repository: string, work: (opened: Repository) => Promise<T>): Promise<T> {
    const address = parseAddress(repository);
    // Before its password goes there it has proven that it is the one.
    if (address.kind === "registry" && address.repository.registry === recordedAddress(this.project)) {
      await ensureRunning(this.project, { expected: address.repository.registry });
    }
    const opened = await openRepository(address, {
      registryClient: this.registryClient,
      baseDirectory: resolve(this.project),
    });
    try {
      return await work(opened);
    } finally {
      await opened.close?.();
    }
  }

  async close(): Promise<void> {
    await this.registryClient.close();
  }
}
