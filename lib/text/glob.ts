/** Meaning of a place of a pattern. */
export type GlobPart =
  /** One character that a test accepts. */
  | { readonly one: (character: string) => boolean }
  /** This text. */
  | { readonly text: string }
  /** Any number of characters; `except` are those that end it. */
  | { readonly run: { readonly except: string } }
  /** Any number of folders, each with the `/` behind it; also none. */
  | { readonly folders: true };

/** How far a star reaches in {@link starGlob}. */
export type StarReach =
  /** Over everything: `ghcr.io/acme/*` holds every repository below it. */
  | "everything"
  /** Within a name: it never stands for a separator of folders, of whichever system. */
  | "name";

/**
 * A pattern that texts are compared with, in time that grows with the product of both lengths at
 * most: all places of the pattern at which the text can be are followed side by side, and nothing
 * is tried twice. A regular expression with several stars takes time that grows with the power of
 * their number.
 *
 * Source: Thompson, "Regular Expression Search Algorithm", CACM 11 (1968).
 */
export class Glob {
  private readonly steps: readonly Step[];
  /**
   * The longest text that every match has in it: most texts of a large tree do not, and need no
   * closer look.
   */
  private readonly fixed: string;
  private places: Places | undefined;

  constructor(parts: readonly GlobPart[]) {
    this.steps = parts.flatMap(stepsOf).filter((step, index, all) => !repeats(step, all[index - 1]));
    this.fixed = fixedTexts(parts).reduce(
      (longest, text) => (text.length > longest.length ? text : longest),
      "",
    );
  }

  /** Returns whether a text is matched whole. */
  matches(text: string): boolean {
    const places = this.start(text);
    if (places === undefined) return false;
    for (const character of text) {
      places.read(character);
      if (places.isLost) return false;
    }
    return places.isAtEnd;
  }

  /** Returns whether a path, with `/`, or one of the folders that it is in is matched whole. */
  matchesOrHolds(path: string): boolean {
    const places = this.start(path);
    if (places === undefined) return false;
    for (const character of path) {
      if (character === "/" && places.isAtEnd) return true;
      places.read(character);
      if (places.isLost) return false;
    }
    return places.isAtEnd;
  }

  private start(text: string): Places | undefined {
    if (!text.includes(this.fixed)) return undefined;
    this.places ??= new Places(this.steps);
    this.places.restart();
    return this.places;
  }
}

/** A pattern in which `*` stands for any number of characters, and nothing else is special. */
export function starGlob(pattern: string, reach: StarReach): Glob {
  const run = { run: { except: reach === "name" ? "/\\" : "" } };
  return new Glob(pattern.split("*").flatMap((text, index) => (index === 0 ? [{ text }] : [run, { text }])));
}

/** Returns whether a text is matched whole by a pattern in which `*` stands for any characters. */
export function matchesStars(pattern: string, text: string, reach: StarReach): boolean {
  return starGlob(pattern, reach).matches(text);
}

/** One place of a pattern, for one character at a time. */
type Step =
  | { readonly kind: "one"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "run"; readonly except: string }
  | { readonly kind: "folders" };

function stepsOf(part: GlobPart): Step[] {
  if ("one" in part) return [{ kind: "one", accepts: part.one }];
  if ("run" in part) return [{ kind: "run", except: part.run.except }];
  if ("folders" in part) return [{ kind: "folders" }];
  return Array.from(part.text, (wanted) => ({ kind: "one", accepts: (character) => character === wanted }));
}

/** The texts of a pattern, those in a row as one. */
function fixedTexts(parts: readonly GlobPart[]): string[] {
  const texts = [""];
  for (const part of parts) {
    if ("text" in part) texts.push((texts.pop() ?? "") + part.text);
    else texts.push("");
  }
  return texts;
}

/** Returns whether a step adds nothing to the same one before it. */
function repeats(step: Step, before: Step | undefined): boolean {
  if (step.kind === "one" || step.kind !== before?.kind) return false;
  return step.kind === "folders" || (before.kind === "run" && before.except === step.except);
}

/**
 * Characters that are counted before the count starts again, at the next text: it has to fit into
 * 32 bits.
 */
const highestPosition = 2 ** 30;

/** The places of a pattern at which a text can be, after what was read of it. */
class Places {
  private now: number[] = [];
  private next: number[] = [];
  /**
   * For each place, the number of the character after which it was listed, and after which it was
   * entered, last.
   */
  private readonly listed: Int32Array;
  private readonly entered: Int32Array;
  private position = 0;

  constructor(private readonly steps: readonly Step[]) {
    this.listed = new Int32Array(steps.length + 1);
    this.entered = new Int32Array(steps.length + 1);
  }

  /** Goes back to the beginning of the pattern. */
  restart(): void {
    if (this.position > highestPosition) {
      this.listed.fill(0);
      this.entered.fill(0);
      this.position = 0;
    }
    this.position++;
    this.next.length = 0;
    this.enter(0);
    this.advance();
  }

  get isLost(): boolean {
    return this.now.length === 0;
  }

  get isAtEnd(): boolean {
    return this.listed[this.steps.length] === this.position - 1;
  }

  read(character: string): void {
    for (const place of this.now) {
      const step = this.steps[place];
      if (step === undefined) continue;
      if (step.kind === "one") {
        if (step.accepts(character)) this.enter(place + 1);
      } else if (step.kind === "run") {
        if (!step.except.includes(character)) this.enter(place);
      } else {
        this.list(place);
        if (character === "/") this.enter(place + 1);
      }
    }
    this.advance();
  }

  /** Comes to a place anew; one that may stand for nothing is passed over as well. */
  private enter(start: number): void {
    for (let place = start; this.entered[place] !== this.position; place++) {
      this.entered[place] = this.position;
      this.list(place);
      const kind = this.steps[place]?.kind;
      if (kind === undefined || kind === "one") return;
    }
  }

  private list(place: number): void {
    if (this.listed[place] === this.position) return;
    this.listed[place] = this.position;
    this.next.push(place);
  }

  private advance(): void {
    [this.now, this.next] = [this.next, this.now];
    this.next.length = 0;
    this.position++;
  }
}
