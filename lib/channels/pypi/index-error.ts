/** A request to an index that failed for good: what, where, what it said, and what to do. */
export class PackageIndexError extends Error {
  override readonly name = "PackageIndexError";
  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the credentials are missing, wrong or not enough. */
  get isAccessRefused(): boolean {
    return this.status === 401 || this.status === 403;
  }
}
