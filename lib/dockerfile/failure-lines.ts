import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { cleanText } from "../text/terminal";
import type { FailureLine } from "./failing-lines";

/** Most characters of an instruction that are shown. */
const shownCharacters = 120;

/**
 * Returns what BuildKit's errors name, with the lines of the Dockerfile: the command of each RUN,
 * and the paths of each COPY and ADD. BuildKit knows the lines itself, and the official provider
 * passes on the text of its errors only.
 */
export function failureLines(text: string): FailureLine[] {
  const lines = text.split(/\r?\n/);
  const file = DockerfileParser.parse(text);
  const escape = file.getEscapeCharacter();
  return file.getInstructions().flatMap((instruction) => {
    const { start, end } = instruction.getRange();
    const keyword = instruction.getKeyword().toUpperCase();
    const patterns =
      keyword === "RUN"
        ? [runPattern(joined(lines.slice(start.line, end.line + 1), escape))]
        : keyword === "COPY" || keyword === "ADD"
          ? copyPatterns(instruction)
          : keyword === "FROM"
            ? sourcePatterns(instruction.getArguments()[0]?.getValue())
            : [];
    const first = cleanText((lines[start.line] ?? "").trim().slice(0, shownCharacters));
    return patterns.map((pattern) => ({ pattern, line: start.line + 1, instruction: first }));
  });
}

/**
 * Lines of an instruction as BuildKit joins them: without comments, empty lines and the signs that
 * go on.
 */
function joined(lines: readonly string[], escape: string): string[] {
  return lines
    .filter((line, index) => index === 0 || !/^\s*(#|$)/.test(line))
    .map((line) => {
      const trimmed = line.trimEnd();
      return trimmed.endsWith(escape) ? trimmed.slice(0, -1) : trimmed;
    });
}

/** The pattern of `process "…" did not complete successfully`, after any shell. */
function runPattern(lines: readonly string[]): string {
  const [first = "", second = ""] = lines;
  const heredoc = /^\s*RUN\s+(--\S+\s+)*<<-?["']?\w+["']?\s*$/i.test(first);
  if (heredoc) return ` ${quoted(second.trim())}*" did not complete successfully`;
  const command = lines
    .join("")
    .trim()
    .replace(/^RUN\s+/i, "")
    .replace(/^(--\S+\s+)+/, "");
  const words = command.startsWith("[") ? wordList(command) : undefined;
  return words === undefined
    ? ` ${quoted(command)}" did not complete successfully`
    : `process "${quoted(words.join(" "))}" did not complete successfully`;
}

function wordList(command: string): string[] | undefined {
  try {
    const words = JSON.parse(command) as unknown;
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    // Not the JSON form: a command of the shell, as BuildKit takes it too.
    return undefined;
  }
}

/** Patterns for a path that is in no context, or not in what it is copied from. */
function copyPatterns(instruction: Instruction): string[] {
  const words = instruction.getArguments().map((argument) => argument.getValue());
  return words
    .slice(0, -1)
    .filter((word) => !/^(<<|https?:|git@|\[)/.test(word))
    .map(starred)
    .map((source) => `/${source.replace(/^(\.?\/)+/, "").replace(/(?<!\/)\/+$/, "")}`)
    .filter((path) => path !== "/" && path !== "/." && path !== "/*")
    .flatMap((path) => [`"${path}": not found`, `lstat ${path}: no such file`]);
}

/** The pattern for an image that cannot be had; BuildKit completes its name. */
function sourcePatterns(reference: string | undefined): string[] {
  return reference === undefined ? [] : [`resolve source metadata for *${starred(reference)}`];
}

function starred(text: string): string {
  return text.replace(/^["']|["']$/g, "").replace(/\$(\{[^}]{0,1000}\}|\w+)/g, "*");
}

/** As Go prints a quoted text (`%q`), without the quotes around it. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
