/** Tells the user what set-up does. On stderr: stdout belongs to the command that is run. */
export function progress(line: string): void {
  console.error(`slipway: ${line}`);
}
