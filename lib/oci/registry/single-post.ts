/** Largest blob that a registry is tried with, in bytes: where it does not take it so, it is sent twice. */
const trialBytes = 4 * 1024;

/** Largest blob that is sent so where the registry takes it, in bytes. */
const mostBytes = 1024 * 1024;

/**
 * Whether a registry takes a blob with the POST that opens its upload (distribution-spec 1.1,
 * "Single POST"). One that does not answers 202, as to any POST, and gets the blob by PUT; whatever
 * else it answers counts as no. It is tried once a run.
 */
export class SinglePost {
  private known: boolean | undefined;
  private isTried = false;

  /** Whether a blob is to be sent so: as a trial where the answer is still to be found out. */
  for(size: number): "trial" | "known" | undefined {
    if (this.known !== undefined) return this.known && size > 0 && size <= mostBytes ? "known" : undefined;
    if (this.isTried || size === 0 || size > trialBytes) return undefined;
    this.isTried = true;
    return "trial";
  }

  /** Notes what came of it. */
  note(isTaken: boolean): void {
    this.known = isTaken;
  }
}
