import { CredentialsError, RegistryError } from "../errors";

/** Statuses by which a registry refuses everything: rights, read-only, storage full. */
const lastingStatuses: ReadonlySet<number> = new Set([401, 403, 405, 507]);

/**
 * Failures in a row, each after the client's own retries, that say that a registry is out of order.
 * Each takes seconds to minutes: going on through hundreds of blobs would make the user wait for
 * nothing.
 */
const failuresInARow = 3;

/** What is not tried any more, because the target refuses all of it. */
export class NotTriedError extends Error {
  override readonly name = "NotTriedError";
}

/**
 * Notices when a target refuses not this or that content but everything, so that the rest is not
 * tried in vain.
 */
export class TargetRefusal {
  private readonly counted = new WeakSet<Error>();
  private inARow = 0;
  private reason?: Error;

  /** @throws NotTriedError once the target refuses everything */
  check(): void {
    if (this.reason === undefined) return;
    throw new NotTriedError(`not tried, because the target refuses everything: ${this.reason.message}`, {
      cause: this.reason,
    });
  }

  /** Notes that the target did something. */
  succeeded(): void {
    this.inARow = 0;
  }

  /** Notes that the target did not do something; one failure counts once, however often it is told. */
  failed(error: unknown): void {
    if (error instanceof NotTriedError || !(error instanceof Error) || this.counted.has(error)) return;
    this.counted.add(error);
    if (error instanceof CredentialsError) this.reason ??= error;
    if (!(error instanceof RegistryError)) return;
    if (lastingStatuses.has(error.status ?? 0)) this.reason ??= error;
    if (!error.temporary) return;
    this.inARow += 1;
    if (this.inARow >= failuresInARow) this.reason ??= error;
  }
}
