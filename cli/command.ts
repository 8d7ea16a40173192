import { writeFileSync } from "node:fs";
import type { ParseArgsConfig } from "node:util";

/** Values of a command's options, by name. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

/** A command of `npx slipway`. */
export interface Command {
  /** What it does, in a sentence without a dot. */
  readonly summary: string;
  /** Names of what comes after the options, e.g. `FILE`. */
  readonly operands?: string;
  /** Further lines of its help. */
  readonly details?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** @returns the exit code */
  run(values: Values, operands: readonly string[]): Promise<number>;
}

type Option = NonNullable<ParseArgsConfig["options"]>[string] & {
  /** What its value is called, e.g. `DIRECTORY`. */
  readonly value?: string;
  readonly help: string;
};

/** A command line that is not understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const projectOption: Option = {
  type: "string",
  short: "C",
  value: "DIRECTORY",
  help: "Folder of the project. Default: this one, or the nearest above it that is one.",
};

/** Options of every command about a project. */
export const ofProject = { cwd: projectOption };

/** Option of every command about a stack. */
export const ofStack: Readonly<Record<"stack", Option>> = {
  stack: {
    type: "string",
    short: "s",
    value: "STACK",
    help: "Stack of the project. Default: the selected one.",
  },
};

/** Option of every command that makes a text. */
export const toFile: Readonly<Record<"output", Option>> = {
  output: { type: "string", short: "o", value: "FILE", help: "File to write instead of printing." },
};

/** Writes a text to the file that {@link toFile} names, or prints it. */
export function writeText({ output }: Values, text: string): void {
  if (typeof output === "string") writeFileSync(output, text);
  else process.stdout.write(text);
}

/**
 * The format that is asked for.
 *
 * @throws UsageError for none of them
 */
export function formatOf<T extends string>(formats: readonly T[], asked: Values[string], usual: T): T {
  const format = formats.find((known) => known === (asked ?? usual));
  if (format !== undefined) return format;
  throw new UsageError(`--format ${String(asked)}: one of ${formats.join(", ")} is expected`);
}

/** @throws UsageError for what is no number from 1 to `most` */
export function countAt(values: Values, option: string, usual: number, most: number): number {
  const value = values[option];
  if (typeof value !== "string") return usual;
  const count = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(
    `--${option} ${value}: a number from 1 to ${most} is expected, e.g. --${option} ${usual}`,
  );
}

/** The help of a command. */
export function usage(name: string, { summary, operands, details, options }: Command): string {
  const all = { ...options, help: helpOption };
  const forms = Object.entries(all).map(([option, { short, value }]) => {
    const long = value === undefined ? `--${option}` : `--${option} ${value}`;
    return short === undefined ? long : `-${short}, ${long}`;
  });
  const width = Math.max(...forms.map(({ length }) => length)) + 2;
  const lines = Object.values(all).map(({ help }, index) => `  ${(forms[index] ?? "").padEnd(width)}${help}`);
  const operand = operands === undefined ? "" : ` ${operands}`;
  return [
    `Usage: npx slipway ${name} [OPTIONS]${operand}`,
    `${summary}.${details === undefined ? "" : `\n${details}`}`,
    lines.join("\n"),
  ].join("\n\n");
}

export const helpOption: Option = { type: "boolean", short: "h", help: "Show this help." };
