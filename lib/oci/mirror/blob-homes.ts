import { apiHost } from "../reference";
import type { BlobTransfer, Repository } from "../repository";
import { untilAborted } from "../../machine/until-aborted";
import { SharedWork } from "./shared-work";

/**
 * Brings a blob; with the path of a repository of the same registry, if one has it, to mount it
 * from.
 */
export type BringBlob = (mountFrom: string | undefined) => Promise<BlobTransfer>;

/**
 * Where blobs are, as far as this process has seen or brought them, and which are on their way. It
 * sees to it that a blob goes to a registry once: to one repository it is sent, and the others of
 * that registry mount it from there.
 *
 * What is known can be out of date, if somebody deletes content meanwhile. Mounting then falls back
 * to an upload, and a manifest that is refused for it makes the blob be looked for again, see
 * {@link forget}.
 */
export class BlobHomes {
  private readonly work = new SharedWork<BlobTransfer>();
  /** Paths of repositories by registry and digest. */
  private readonly homes = new Map<string, Set<string>>();
  /** The transfers that others of the same registry wait for, to mount. */
  private readonly leaders = new Map<string, Promise<unknown>>();
  /** Registries that did not mount what one of their repositories had. */
  private readonly withoutMount = new Set<string>();

  /** Returns whether a repository is known to have a blob. */
  has(target: Repository, digest: string): boolean {
    return this.homes.get(placeOf(target, digest))?.has(pathOf(target)) ?? false;
  }

  /** Forgets that a repository has a blob. */
  forget(target: Repository, digest: string): void {
    this.homes.get(placeOf(target, digest))?.delete(pathOf(target));
  }

  /**
   * Brings a blob to a repository, unless it is known to be there. A caller that finds it on its
   * way waits for it, and gets `present`.
   *
   * @param source path of a repository of the target's registry that has it
   */
  async bring(
    target: Repository,
    digest: string,
    source: string | undefined,
    transfer: BringBlob,
    signal?: AbortSignal,
  ): Promise<BlobTransfer> {
    if (this.has(target, digest)) return "present";
    const { value, joined } = await this.work.run(
      `${target.name}@${digest}`,
      () => this.bringNow(target, digest, source, transfer, signal),
      signal,
    );
    return joined ? "present" : value;
  }

  private async bringNow(
    target: Repository,
    digest: string,
    source: string | undefined,
    transfer: BringBlob,
    signal?: AbortSignal,
  ): Promise<BlobTransfer> {
    const place = placeOf(target, digest);
    let home: string | undefined;
    let leader: Promise<unknown> | undefined;
    // Between the last look and the registration of a new leader nothing is awaited: two would both
    // be first.
    while (source === undefined && this.mounts(target)) {
      home = this.homeOf(target, place);
      leader = this.leaders.get(place);
      if (home !== undefined || !leader) break;
      await untilAborted(
        leader.catch(() => undefined),
        signal,
      );
    }
    const running = transfer(source ?? home);
    const leads = source === undefined && home === undefined;
    if (leads) this.leaders.set(place, running);
    try {
      const outcome = await running;
      if (home !== undefined && outcome === "uploaded") this.withoutMount.add(registryOf(target));
      this.remember(place, pathOf(target));
      return outcome;
    } finally {
      if (leads && this.leaders.get(place) === running) this.leaders.delete(place);
    }
  }

  /**
   * Returns whether the target is in a registry whose repositories can have blobs of one another,
   * as far as is known.
   */
  private mounts(target: Repository): boolean {
    return target.registry !== undefined && !this.withoutMount.has(registryOf(target));
  }

  /** Another repository of the target's registry that has a blob. */
  private homeOf(target: Repository, place: string): string | undefined {
    return [...(this.homes.get(place) ?? [])].find((path) => path !== pathOf(target));
  }

  private remember(place: string, path: string): void {
    const paths = this.homes.get(place);
    if (paths) paths.add(path);
    else this.homes.set(place, new Set([path]));
  }
}

/** Path of a repository below its registry; the whole name of what is in no registry. */
export function pathOf({ name, registry }: Repository): string {
  return registry === undefined ? name : name.slice(registry.length + 1);
}

/** The host that serves a repository; the name itself of what is in no registry. */
export function registryOf({ name, registry }: Repository): string {
  return registry === undefined ? name : apiHost(registry);
}

function placeOf(target: Repository, digest: string): string {
  return `${registryOf(target)}@${digest}`;
}
