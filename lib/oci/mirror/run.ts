import type { Repository } from "../repository";
import type { Descriptor } from "../types";
import { BlobHomes } from "./blob-homes";
import { SharedWork } from "./shared-work";
import { TransferLimiter } from "./transfer-limiter";

/**
 * State that the mirrors of one process share: the bound on what is in flight, what is on its way,
 * and what this process has put or found whole. It is meant to live as long as one deployment: it
 * believes what it saw.
 */
export class MirrorRun {
  readonly blobs = new BlobHomes();
  /** Manifests on their way, by repository and digest. */
  readonly manifests = new SharedWork<Descriptor>();
  private readonly whole = new Set<string>();

  constructor(readonly limiter: TransferLimiter = new TransferLimiter()) {}

  /**
   * Returns whether a manifest was put into a repository in this run, or found there with all its
   * blobs.
   */
  isWhole(target: Repository, digest: string): boolean {
    return this.whole.has(`${target.name}@${digest}`);
  }

  /** Notes that a manifest is in a repository with all that it is made of. */
  setWhole(target: Repository, digest: string): void {
    this.whole.add(`${target.name}@${digest}`);
  }

  /** Forgets it: some of it has turned out to be gone. */
  forgetWhole(target: Repository, digest: string): void {
    this.whole.delete(`${target.name}@${digest}`);
  }
}
