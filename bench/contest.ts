/** A job that Slipway and a peer do in turns, in one run, on one machine. */
export interface Job {
  readonly name: string;
  /** What is measured, for the report. */
  readonly description: string;
  /** Prepares the contests of this job, one for each variant; what it starts ends in `close`. */
  prepare(say: (text: string) => void): Promise<Contest | readonly Contest[]>;
}

/** One prepared measurement. */
export interface Contest {
  /** What sets it apart from the other contests of its job. */
  readonly variant?: string;
  /** Counted runs of each side. */
  readonly runs: number;
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
  /** Sides that take their turns too, and whose times are reported apart, in the notes. */
  readonly beside?: readonly Contestant[];
  /** What was seen beside the times: request counts, memory. Called once, after all runs. */
  notes?(): Promise<string[]>;
  close(): Promise<void>;
}

/** A job that this machine cannot do; the message says what is missing and how to get it. */
export class NotExecuted extends Error {
  override name = "NotExecuted";
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
  /** Failed runs, including the uncounted one. */
  failed: { ours: number; peer: number };
  /** All runs of each side, including the uncounted one. */
  attempts: number;
  notes: string[];
}

/** Runs the contests of a job one after another. */
export async function compete(
  job: Job,
  runs: number | undefined,
  say: (text: string) => void,
): Promise<Result[]> {
  say(`${job.name}: ${job.description}`);
  const prepared = await job.prepare(say);
  const contests = "ours" in prepared ? [prepared] : prepared;
  const results: Result[] = [];
  try {
    for (const contest of contests) {
      const name = contest.variant === undefined ? job.name : `${job.name}, ${contest.variant}`;
      if (contest.variant !== undefined) say(` ${contest.variant}`);
      results.push(...(await competeIn(contest, name, runs ?? contest.runs, say)));
    }
  } finally {
    await Promise.all(contests.map((contest) => contest.close()));
  }
  return results;
}

/** Runs all sides in turns, A B A B, after one round that is not counted. */
async function competeIn(
  contest: Contest,
  name: string,
  runs: number,
  say: (text: string) => void,
): Promise<Result[]> {
  const { ours, peers, beside = [] } = contest;
  const sides = [ours, ...peers, ...beside].map((contestant) => ({
    contestant,
    times: [] as number[],
    failed: 0,
  }));
  for (let round = 0; round <= runs; round++) {
    for (const side of sides) {
      const { name: sideName } = side.contestant;
      try {
        const seconds = await side.contestant.run(round);
        say(`  ${round === 0 ? "warm-up" : `round ${round}`} ${sideName}: ${seconds.toFixed(3)} s`);
        if (round > 0) side.times.push(seconds);
      } catch (error) {
        side.failed += 1;
        if (round > 0) side.times.push(Number.NaN);
        say(`  ${sideName} failed: ${(error as Error).message}`);
      }
    }
  }
  const attempts = runs + 1;
  const notes = sides
    .slice(1 + peers.length)
    .map(
      ({ contestant, times, failed }) =>
        `${contestant.name}: ${median(times).toFixed(2)} s; succeeded ${attempts - failed} of ${attempts}`,
    );
  notes.push(...((await contest.notes?.()) ?? []));
  const [own, ...others] = sides;
  return others.slice(0, peers.length).map(({ contestant, times, failed }) => {
    const ratios = (own?.times ?? [])
      .map((value, index) => value / (times[index] ?? Number.NaN))
      .filter(Number.isFinite);
    return {
      name,
      ours: median(own?.times ?? []),
      peer: median(times),
      peerName: contestant.name,
      unit: "s",
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      runs,
      failed: { ours: own?.failed ?? 0, peer: failed },
      attempts,
      notes,
    };
  });
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
