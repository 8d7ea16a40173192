/** A job that Slipway and a peer do in turns, in one run, on one machine. */
export interface Job {
  readonly name: string;
  /** What is measured, for the report. */
  readonly description: string;
  /** Prepares the contests of this job; what it starts ends in `close`. */
  prepare(say: (text: string) => void): Promise<Contest>;
}

/** One prepared measurement. */
export interface Contest {
  /** Counted runs of each side. */
  readonly runs: number;
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
  /** What was seen beside the times: request counts, memory. Called once, after all runs. */
  notes?(): Promise<string[]>;
  close(): Promise<void>;
}

/** One side of a contest. */
export interface Contestant {
  readonly name: string;
  /**
   * Does the job once and gives the seconds that count.
   *
   * @throws where the result is not what it has to be: a failed run has no time
   */
  run(round: number): Promise<number>;
}

/** A line of the report. Times are medians, in seconds. */
export interface Result {
  name: string;
  ours: number;
  peer: number;
  peerName: string;
  unit: "s";
  /** Median of ours over peer, pair by pair. */
  ratio: number;
  /** Lowest and highest ratio of a pair. */
  spread: [number, number];
  runs: number;
  failed: { ours: number; peer: number };
  notes: string[];
}

/** Runs both sides in turns, A B A B, after one round that is not counted. */
export async function compete(
  job: Job,
  runs: number | undefined,
  say: (text: string) => void,
): Promise<Result[]> {
  say(`${job.name}: ${job.description}`);
  const contest = await job.prepare(say);
  try {
    const sides = [contest.ours, ...contest.peers];
    const times = sides.map((): number[] => []);
    const failed = sides.map(() => 0);
    const counted = runs ?? contest.runs;
    for (let round = 0; round <= counted; round++) {
      for (const [index, side] of sides.entries()) {
        try {
          const seconds = await side.run(round);
          say(`  ${round === 0 ? "warm-up" : `round ${round}`} ${side.name}: ${seconds.toFixed(3)} s`);
          if (round > 0) times[index]?.push(seconds);
        } catch (error) {
          failed[index] = (failed[index] ?? 0) + 1;
          if (round > 0) times[index]?.push(Number.NaN);
          say(`  ${side.name} failed: ${(error as Error).message}`);
        }
      }
    }
    const notes = (await contest.notes?.()) ?? [];
    return contest.peers.map((peer, position) => {
      const ours = times[0] ?? [];
      const theirs = times[position + 1] ?? [];
      const ratios = ours
        .map((value, index) => value / (theirs[index] ?? Number.NaN))
        .filter(Number.isFinite);
      return {
        name: job.name,
        ours: median(ours),
        peer: median(theirs),
        peerName: peer.name,
        unit: "s",
        ratio: median(ratios),
        spread: [Math.min(...ratios), Math.max(...ratios)],
        runs: counted,
        failed: { ours: failed[0] ?? 0, peer: failed[position + 1] ?? 0 },
        notes,
      };
    });
  } finally {
    await contest.close();
  }
}

/** The middle value; of two middle values their mean. NaN values are left out. */
export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
