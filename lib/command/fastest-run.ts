/** How often a program is run where it takes longer than it may. */
const mostRuns = 10;

/** The fastest of some runs of a program. */
export interface FastestRun {
  /** How long it took, in seconds. */
  seconds: number;
  /** How often the program was run. */
  runs: number;
}

/**
 * Runs a program until one run is within its limit, ten times at most. Other work on the machine
 * makes a run slower and never faster, so the fastest one says what the program itself takes.
 *
 * @param first seconds of a run that was made already
 * @param run makes another one, and returns its seconds
 */
export async function fastestRun(
  first: number,
  limitSeconds: number,
  run: () => Promise<number>,
): Promise<FastestRun> {
  let seconds = first;
  let runs = 1;
  for (; seconds > limitSeconds && runs < mostRuns; runs++) seconds = Math.min(seconds, await run());
  return { seconds, runs };
}
