/** The result of a check. */
export interface CheckOutcome {
  passed: boolean;
  /** In one line: what was seen, and for a miss what was expected. */
  detail: string;
  /** Last lines of the output or the answer. */
  output: string;
}

/** Characters of output that are recorded. */
export const recordedOutputLength = 2_000;

/** The end of a text, as it is recorded. */
export function recordedOutput(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= recordedOutputLength ? trimmed : `…${trimmed.slice(-recordedOutputLength)}`;
}
