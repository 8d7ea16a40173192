import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomically } from "../lib/machine/atomic-file";
import { SetupError } from "../lib/machine/setup-error";
import { countAt, UsageError, type Command, type Values } from "./command";

/** Looks that stay in a file. */
const defaultKeep = 400;

/** How a history is read from a file, and written to it. */
export interface HistoryForm<T> {
  /** What it is of, for messages, e.g. `metrics`. */
  readonly of: string;
  readonly empty: T;
  /** @throws Error for what is none */
  readonly parse: (text: string) => T;
  readonly text: (history: T) => string;
}

/** A history in a file, as it was before this look. */
export interface HistoryFile<T> {
  readonly former: T;
  /** Looks that stay in it. */
  readonly keep: number;
  write(history: T): Promise<void>;
}

/** Options of a command that keeps what it finds. @param help what the file is for */
export const historyOptions = (help: string): Command["options"] => ({
  history: { type: "string", value: "FILE", help },
  keep: { type: "string", value: "COUNT", help: `Looks that stay in that file. Default: ${defaultKeep}.` },
});

/**
 * The history that `--history` names; undefined where none is asked for.
 *
 * @throws UsageError for options that are none
 * @throws SetupError for a file of something else, which is not written over
 */
export function historyFile<T>(values: Values, form: HistoryForm<T>): HistoryFile<T> | undefined {
  const { history: file } = values;
  const keep = countAt(values, "keep", defaultKeep, 10_000);
  if (typeof file !== "string") {
    if (values.keep !== undefined) throw new UsageError("--keep: is about a file of --history");
    return undefined;
  }
  return {
    former: existsSync(file) ? parsed(file, form) : form.empty,
    keep,
    write: (history) => writeFileAtomically(file, form.text(history)),
  };
}

function parsed<T>(file: string, { of, parse }: HistoryForm<T>): T {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupError(
      `--history ${file} is not a history of ${of} as Slipway writes it.`,
      `Name another file, or remove it. (${(error as Error).message.split("\n")[0]})`,
    );
  }
}
