import { RegistryError } from "../../lib/oci/errors";
import { apiHost } from "../../lib/oci/reference";
import type { Repository } from "../../lib/oci/repository";
import { withoutPatience } from "../../lib/oci/transport/retry";

/** How long a registry that did not answer is not asked again, in milliseconds. */
const silenceMs = 60_000;

/**
 * How long a mirror may take to take a connection, in milliseconds: a lost packet is sent again after
 * one second (RFC 6298, section 2), and the engine starts the provider twice in a run.
 */
const connectionMs = 1400;

/**
 * Registries that did not answer a moment ago. Each question to one that is down takes all the
 * client's tries, which are seconds; a run with many mirrors would wait for each of them.
 */
export class SilentRegistries {
  private readonly reached = new Map<string, Promise<void>>();
  private readonly told = new Set<string>();
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
      throw this.noted(repository, error);
    }
  }

  /**
   * Asks a mirror something, as {@link ask} does. One that takes no connection in a moment counts as
   * silent: who drops packets would hold up the run until the connection is given up.
   */
  async askMirror<T>(mirror: Repository, work: () => Promise<T>): Promise<T> {
    await this.reach(mirror);
    return this.ask(mirror, work);
  }

  /**
   * Looks once a run whether a mirror takes connections.
   *
   * @throws RegistryError where it does not, or did not answer a moment ago
   */
  async reach(mirror: Repository): Promise<void> {
    const known = this.reason(mirror);
    if (known) throw known;
    const key = keyOf(mirror);
    const reached = this.reached.get(key) ?? mirror.reach?.(connectionMs) ?? Promise.resolve();
    this.reached.set(key, reached);
    try {
      await reached;
    } catch (error) {
      // After the silence it is looked at anew.
      this.reached.delete(key);
      throw this.noted(mirror, error);
    }
  }

  /** Returns whether an error is the silence of a host that has been told of already. */
  isTold(repository: Repository, error: unknown): boolean {
    if (this.failures.get(keyOf(repository))?.error !== error) return false;
    const isTold = this.told.has(keyOf(repository));
    this.told.add(keyOf(repository));
    return isTold;
  }

  private noted(repository: Repository, error: unknown): unknown {
    if (error instanceof RegistryError && isSilence(error) && error.host === keyOf(repository)) {
      this.failures.set(keyOf(repository), { error, until: Date.now() + silenceMs });
    }
    return error;
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
