import assert from "node:assert/strict";

/** Times as large as the first input is the second. */
const factor = 4;
/** Times as long as the first run may the second take: linear work takes 4, quadratic 16. */
const allowed = 9;
/**
 * Runs of less processor time than this are within the noise of the clock and the collector, in
 * milliseconds.
 */
const noiseMs = 40;

/**
 * Asserts that work grows with its input and not with the square of it, by processor time: other
 * work on the machine does not count.
 *
 * @param size of the first input; the second is four times as large
 * @param prepare makes the input of a size; its time does not count
 */
export async function assertLinear<T>(
  size: number,
  prepare: (size: number) => T,
  work: (input: T) => unknown,
): Promise<void> {
  const [small, large] = [prepare(size), prepare(size * factor)];
  const first = Math.max(noiseMs, await fastest(() => work(small)));
  const second = await fastest(() => work(large));
  assert.ok(
    second <= first * allowed,
    `an input ${factor} times as large took ${second} ms of processor time instead of ${first} ms`,
  );
}

/** Processor time of the faster of two runs, in milliseconds. */
async function fastest(work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < 2; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
    // A quick run says enough.
    if (best < noiseMs) break;
  }
  return best;
}
