/** A request to a feed that failed for good: what, where, what it said, and what to do. */
export class FeedError extends Error {
  override readonly name = "FeedError";
  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
