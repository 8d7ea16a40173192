/** How long work goes on before its progress is shown, in milliseconds. */
const firstMilliseconds = 2_000;

/** Least time between two lines of progress, in milliseconds. */
const intervals = { terminal: 1_000, log: 10_000 };

/**
 * What one piece of work is doing, as far as somebody wants to read it: nothing of work that is
 * soon done, and then a line now and then, with what is so by then. A terminal shows the last line
 * only; a log keeps each.
 */
export class Progress {
  private readonly startedAt = Date.now();
  private shownAt: number | undefined;
  private next: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly place: keyof typeof intervals,
    private readonly show: (line: string) => void,
  ) {}

  /** Notes what the work is doing; the last note before a line is due is the one that is shown. */
  note(line: string): void {
    if (this.ended) return;
    this.next = line;
    if (this.timer) return;
    const due =
      this.shownAt === undefined ? this.startedAt + firstMilliseconds : this.shownAt + intervals[this.place];
    this.timer = setTimeout(() => this.showNext(), Math.max(0, due - Date.now()));
    this.timer.unref();
  }

  /** Nothing is shown any more: the work is done, and its result is what counts. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private showNext(): void {
    this.timer = undefined;
    if (this.next === undefined) return;
    this.shownAt = Date.now();
    this.show(this.next);
    this.next = undefined;
  }
}
