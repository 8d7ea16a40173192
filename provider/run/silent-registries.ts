import { RegistryError } from "../../lib/oci/errors";
import { apiHost } from "../../lib/oci/reference";
import type { Repository } from "../../lib/oci/repository";
import { withoutPatience } from "../../lib/oci/transport/retry";

/** How long a registry that did not answer is not asked again, in milliseconds. */
const silenceMs = 60_000;

/**
 * Registries that did not answer a moment ago. Each question to one that is down takes all the
 * client's tries, which are seconds; a run with many mirrors would wait for each of them.
 */
export class SilentRegistries {
  private readonly failures = new Map<string, { error: RegistryError; until: number }>();

  /** Returns why a repository's registry is not to be asked; undefined where it is. */
  reason(repository: Repository, now: number = Date.now()): RegistryError | undefined {
    const failure = this.failures.get(keyOf(repository));
    return failure && failure.until > now ? failure.error : undefined;
  }

  /**
   * Asks a registry something, unless it did not answer a moment ago. One that cannot be reached is
   * not tried again: the run goes on without it.
   *
   * @throws what the work throws, or threw then
   */
  async ask<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
    const known = this.reason(repository);
    if (known) throw known;
    try {
      return await withoutPatience(work);
    } catch (error) {
      if (error instanceof RegistryError && isSilence(error) && error.host === keyOf(repository)) {
        this.failures.set(keyOf(repository), { error, until: Date.now() + silenceMs });
      }
      throw error;
    }
  }
}

/** Without a status there was no answer at all. */
function isSilence({ temporary, status }: RegistryError): boolean {
  return temporary && status === undefined;
}

/** The host as errors name it, for the work may ask others too. */
function keyOf({ registry, name }: Repository): string {
  return registry === undefined ? name : apiHost(registry);
}
