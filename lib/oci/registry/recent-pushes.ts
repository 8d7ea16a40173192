import { AsyncLocalStorage } from "node:async_hooks";

/**
 * What this run has put where, and when. Registries whose storage is eventually consistent have been
 * seen to say for seconds that it is not there. Who reads it again waits for it; what this run has not
 * put is not waited for.
 */
export class RecentPushes {
  private readonly pushedAt = new Map<string, number>();
  private readonly observing = new AsyncLocalStorage<true>();

  /**
   * Notes content that a registry has taken.
   *
   * @param place repository, `host/path`
   * @param references tags and digests
   */
  note(place: string, references: readonly string[]): void {
    for (const reference of references) this.pushedAt.set(keyOf(place, reference), performance.now());
  }

  /** Forgets content that was removed. */
  forget(place: string, references: readonly string[]): void {
    for (const reference of references) this.pushedAt.delete(keyOf(place, reference));
  }

  /**
   * Milliseconds since the last of some content was put; undefined where this run has put none of
   * it.
   */
  ageMs(place: string, references: readonly string[]): number | undefined {
    if (this.observing.getStore()) return undefined;
    const times = references.flatMap((reference) => this.pushedAt.get(keyOf(place, reference)) ?? []);
    return times.length === 0 ? undefined : performance.now() - Math.max(...times);
  }

  /** Notes that content is said not to be there. What an observation finds gone is believed. */
  foundAbsent(place: string, references: readonly string[]): void {
    if (this.observing.getStore()) this.forget(place, references);
  }

  /** Does work that wants to know what is there at this moment: nothing is waited for. */
  observe<T>(work: () => T): T {
    return this.observing.run(true, work);
  }
}

function keyOf(place: string, reference: string): string {
  return `${place}@${reference}`;
}
