/** A request to the API of a registry that failed for good: what, where, what it said, and what to do. */
export class RegistryApiError extends Error {
  override readonly name = "RegistryApiError";
  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
