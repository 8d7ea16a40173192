import { median } from "./contest";
import { timed } from "./empty-program";
import { childrenProcessorTime } from "./processor-time";

/**
 * Measures what one side does: the seconds that pass, and those that its processes take of the
 * processors.
 */
export class Stopwatch {
  private readonly processor: number[] = [];

  /** @param name of the side, for the report */
  constructor(readonly name: string) {}

  /** Seconds that something takes. @param round the first, 0, is not counted */
  async time(round: number, work: () => Promise<unknown>): Promise<number> {
    const before = await childrenProcessorTime();
    const seconds = await timed(work);
    if (round > 0) this.processor.push((await childrenProcessorTime()) - before);
    return seconds;
  }

  /**
   * Median of the user and system time of all processes that have ended, of the rounds that are
   * counted.
   */
  processorTime(): number {
    return median(this.processor);
  }
}
