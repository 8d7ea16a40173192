import { AsyncLocalStorage } from "node:async_hooks";
import { isDigest } from "../digest";

/**
 * What this run has put where, and when. Registries whose storage is eventually consistent have been
 * seen to say for seconds that it is not there, or that a tag still points to what it did. Who reads it again waits for it; what this run has not
 * put is not waited for.
 */
export class RecentPushes {
  private readonly pushedAt = new Map<string, number>();
  /** What tags were last seen to point to, or pointed to by this run. */
  private readonly pointsTo = new Map<string, string>();
  /** What tags pointed to before this run moved them. */
  private readonly pointedTo = new Map<string, Set<string>>();
  private readonly observing = new AsyncLocalStorage<true>();

  /**
   * Notes content that a registry has taken.
   *
   * @param place repository, `host/path`
   * @param references one digest, and tags that now point to it; or several digests
   */
  note(place: string, references: readonly string[]): void {
    const digest = references.find(isDigest);
    for (const reference of references) {
      this.pushedAt.set(keyOf(place, reference), performance.now());
      if (digest !== undefined && !isDigest(reference)) this.moved(keyOf(place, reference), digest);
    }
  }

  /**
   * Notes what a tag is seen to point to. Returns whether that is what it pointed to before this run
   * moved it.
   */
  shows(place: string, tag: string, digest: string): boolean {
    const key = keyOf(place, tag);
    const former = this.pointedTo.get(key);
    if (former?.has(digest) && !this.observing.getStore()) return true;
    // What an observation sees is believed.
    former?.delete(digest);
    this.pointsTo.set(key, digest);
    return false;
  }

  /** Forgets content that was removed. */
  forget(place: string, references: readonly string[]): void {
    for (const key of references.map((reference) => keyOf(place, reference))) {
      for (const known of [this.pushedAt, this.pointsTo, this.pointedTo]) known.delete(key);
    }
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

  private moved(key: string, digest: string): void {
    const former = this.pointsTo.get(key);
    const all = this.pointedTo.get(key) ?? new Set();
    if (former !== undefined) all.add(former);
    all.delete(digest);
    this.pointedTo.set(key, all);
    this.pointsTo.set(key, digest);
  }

  /** Does work that wants to know what is there at this moment: nothing is waited for. */
  observe<T>(work: () => T): T {
    return this.observing.run(true, work);
  }
}

function keyOf(place: string, reference: string): string {
  return `${place}@${reference}`;
}
