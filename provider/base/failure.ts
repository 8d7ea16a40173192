/**
 * An error as a person reads it in the engine's display: its message and those of its causes,
 * without a stack.
 */
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

/**
 * Most bytes of an error's text in the form that it travels in: the status of a gRPC call is a
 * header, and headers have a limit of 64 KiB in all.
 */
const longestStatus = 48 * 1024;

/** A text that the status of a gRPC call can hold; one that is longer is cut. */
export function withinStatus(text: string): string {
  let size = 0;
  for (let index = 0; index < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    // Percent-encoded but for printable ASCII (gRPC over HTTP/2, "Status-Message").
    size += /[ -$&-~]/.test(character) ? 1 : 3 * Buffer.byteLength(character);
    if (size > longestStatus) return `${text.slice(0, index)}…`;
    index += character.length;
  }
  return text;
}
