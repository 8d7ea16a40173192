/** An error as a person reads it in the engine's display: its message and those of its causes, without a stack. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) {
    return [error.message, ...error.errors.map(describeError)].filter(Boolean).join("\n");
  }
  if (!(error instanceof Error)) return String(error);
  // A defect of ours is only useful with the place where it happened.
  const defect = error instanceof TypeError || error instanceof RangeError;
  const own = defect && error.stack ? error.stack : error.message || error.name;
  const cause = error.cause instanceof Error ? describeError(error.cause) : "";
  return cause && !own.includes(cause) ? `${own}\ncaused by: ${cause}` : own;
}
