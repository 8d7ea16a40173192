import { Semaphore } from "../../lib/machine/semaphore";

/**
 * Memory that the resources of one run share: questions, answers, and turns. The next run begins
 * anew.
 */
export class Run {
  /**
   * When it began, in milliseconds as `performance.now()` gives them. Who adds what nobody else makes is
   * content with what the run has seen since.
   */
  readonly began = performance.now();
  private readonly asked = new Map<string, Promise<unknown>>();
  private readonly lines = new Map<string, Semaphore>();

  /**
   * Does work that is done once a run, whoever asks for it: the first starts it, the others get the
   * same result. A failure is told to all who wait for it and not kept.
   *
   * @param key says what is asked, then of what, e.g. `"builder: " + name`; one key stands for one
   * type of result
   */
  once<T>(key: string, work: () => Promise<T>): Promise<T> {
    // The type of what is under a key is the caller's promise, see above.
    const known = this.asked.get(key) as Promise<T> | undefined;
    if (known) return known;
    const asking = work();
    this.asked.set(key, asking);
    asking.catch(() => this.asked.delete(key));
    return asking;
  }

  /**
   * Does work when all that was asked before for the same key is done, well or not: two writers of
   * one file.
   *
   * @throws what the work throws, and the reason of the signal
   */
  inTurn<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let line = this.lines.get(key);
    if (!line) this.lines.set(key, (line = new Semaphore(1)));
    return line.use(work, signal);
  }
}

/**
 * Returns what is kept during one run: made when it is first asked for, and gone with the run.
 *
 * @param make makes it, empty
 */
export function ofRun<T>(make: () => T): (run: Run) => T {
  const kept = new WeakMap<Run, T>();
  return (run) => {
    let value = kept.get(run);
    if (value === undefined) kept.set(run, (value = make()));
    return value;
  };
}
