/** A request to an MCP registry that failed for good: what, where, what it said, and what to do. */
export class McpRegistryError extends Error {
  override readonly name = "McpRegistryError";
  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
