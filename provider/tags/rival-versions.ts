import { setTimeout as sleep } from "node:timers/promises";
import { RegistryError } from "../../lib/oci/errors";
import type { Repository } from "../../lib/oci/repository";
import type { FetchedManifest } from "../../lib/oci/types";

/**
 * How long a version tag that was put is left before the look at it, in times of what passed
 * between the look before and the answer to the put. A rival that saw no tag puts its own within
 * one such time, where it is as fast as this run.
 */
const holdFactor = 2;

/** Longest such time, in milliseconds: a registry that is slower than that is not waited for. */
const longestHoldMs = 10_000;

/**
 * The version tags of one repository that a run puts, and whether they stay. Two runs that both saw
 * no tag both put theirs, and few registries heed `If-None-Match: *`: without a look afterwards
 * both would succeed, one of them with a version that nobody can pull.
 */
export class RivalVersions {
  private readonly lookedAt = Date.now();
  private readonly put = new Map<string, { digest: string; at: number }>();

  /** @param place repository, for messages. Made before the first look at the tags. */
  constructor(
    private readonly repository: Repository,
    private readonly place: string,
  ) {}

  /**
   * Puts a version tag that was not there, only where there is still none as far as the registry
   * heeds that.
   *
   * @throws Error with both digests where another run was first
   */
  async publish(tag: string, { bytes, descriptor }: FetchedManifest): Promise<void> {
    const { digest, mediaType } = descriptor;
    try {
      await this.repository.putManifest(bytes, mediaType, { tag, absent: true });
    } catch (error) {
      // The condition failed, or the registry lets no tag be replaced: whose tag is it?
      const refused = error instanceof RegistryError && error.status !== undefined && !error.temporary;
      const found = refused ? await this.repository.headManifest(tag).catch(() => undefined) : undefined;
      if (found === undefined) throw error;
      if (found.digest !== digest) throw this.lost(tag, digest, found.digest, error);
    }
    this.put.set(tag, { digest, at: Date.now() });
  }

  /**
   * Looks whether what was put is still there, when a rival has had its time. A tag that a registry
   * does not show yet contradicts nothing.
   *
   * @throws Error with both digests
   */
  async confirm(signal: AbortSignal | undefined): Promise<void> {
    if (this.put.size === 0) return;
    const last = Math.max(...[...this.put.values()].map(({ at }) => at));
    const hold = Math.min((last - this.lookedAt) * holdFactor, longestHoldMs);
    await sleep(last + hold - Date.now(), undefined, { signal });
    const looks = [...this.put].map(async ([tag, { digest }]) => {
      const found = await this.repository.headManifest(tag);
      return found === undefined || found.digest === digest ? [] : [this.lost(tag, digest, found.digest)];
    });
    this.put.clear();
    const lost = (await Promise.all(looks)).flat();
    if (lost.length > 0) throw new Error(lost.map(({ message }) => message).join("\n"));
  }

  private lost(tag: string, digest: string, found: string, cause?: unknown): Error {
    return new Error(
      `${this.place}:${tag} is ${found} now, and this program makes ${digest}: another run ` +
        "published the same version at the same time. One of them has to give way: release this " +
        `content under a new version, or, if the other is wrong, remove ${tag} from the registry ` +
        "and run again.",
      { cause },
    );
  }
}
