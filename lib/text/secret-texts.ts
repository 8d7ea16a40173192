import { secretForms, type SecretForm } from "./secret-forms";
import { passwordOf, secretParts } from "./secret-parts";
import { isSecretName } from "../machine/secret-names";
import { textViews, type TextView } from "./text-views";

/**
 * Shorter texts are not looked for: they would blot out words that are no secret (as the engine's
 * own filter does).
 */
const shortestText = 3;
/** The same for single lines of a secret of several lines, such as a key. */
const shortestLine = 8;
/** The same for numbers: fewer digits are a port or a count. */
const shortestNumber = 6;
/** The same for a part of a value, which makes the whole a secret. */
const shortestPart = 8;
/** How deep parts of a part are looked for: a header in an argument has a token in it. */
const deepestPart = 3;
/** The same for what a text may have lost at its end, where it was cut off. */
const shortestStart = 4;

/** Placeholder for a secret. */
const blot = "[secret]";

/** Part of a text: from `start` to before `end`. */
interface Range {
  start: number;
  end: number;
}

/**
 * The secret values that this process was given, to blot them out of what goes back as text: the
 * message of an error or a rule can quote an input, and the output of a command can print one, in
 * another encoding too.
 */
export class SecretTexts {
  private readonly texts = new Set<string>();
  /** Forms of the texts, made when they are needed first: most runs print nothing. */
  private known: SecretForm[] | undefined;

  /** Takes note of every text and long number in a secret value. */
  addValue(value: unknown): void {
    if (Array.isArray(value)) value.forEach((item) => this.addValue(item));
    else if (typeof value === "object" && value !== null) this.addValue(Object.values(value));
    else if (typeof value === "string") this.addText(value);
    else if (typeof value === "number" && String(value).length >= shortestNumber) this.addText(String(value));
  }

  /** Takes note of a secret text, and of its parts that are secrets alone. */
  addText(text: string, depth = 0): void {
    if (text.length < shortestText || this.texts.has(text)) return;
    this.note(text);
    if (text.trim().length >= shortestText) this.note(text.trim());
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    if (lines.length > 1) {
      for (const line of lines) if (line.length >= shortestLine) this.note(line);
    }
    if (depth < deepestPart) {
      for (const part of lines.flatMap((line) => secretParts(line, lines.length === 1)))
        this.addText(part, depth + 1);
    }
    if (text.startsWith("{") || text.startsWith("[")) this.addNamed(parsed(text));
  }

  get isEmpty(): boolean {
    return this.texts.size === 0;
  }

  /**
   * Returns whether a value is one of the secrets, or has one in it that is too long to be there by
   * chance.
   */
  isRepeatedIn(value: string): boolean {
    if (this.texts.has(value)) return true;
    for (const text of this.texts) if (text.length >= shortestPart && value.includes(text)) return true;
    return false;
  }

  /** Returns whether a text has one of the secrets in it, in any form. */
  isIn(text: string): boolean {
    return this.rangesIn(text).length > 0;
  }

  /** A text without the secrets. */
  blot(text: string): string {
    const ranges = this.rangesIn(text);
    if (ranges.length === 0) return text;
    const parts: string[] = [];
    let position = 0;
    for (const { start, end } of ranges) {
      parts.push(text.slice(position, start), blot);
      position = end;
    }
    return parts.concat(text.slice(position)).join("");
  }

  /** Returns whether a text ends within one of the secrets, so that the rest may follow. */
  mayContinue(text: string): boolean {
    const view = textViews(text).find(({ joined }) => joined)?.text ?? text;
    return this.forms().some((form) => lengthOfStart(form.text, view, view.length, 1) > 0);
  }

  private rangesIn(text: string): Range[] {
    const forms = this.forms();
    if (forms.length === 0 || text.length < shortestText) return [];
    const found = textViews(text).flatMap((view) => [...occurrences(view, forms), ...cutOff(view, forms)]);
    return merged(found);
  }

  private forms(): readonly SecretForm[] {
    this.known ??= [...this.texts].flatMap(secretForms);
    return this.known;
  }

  private note(text: string): void {
    this.texts.add(text);
    this.known = undefined;
  }

  /**
   * What is called a password, token or key in a secret that is JSON: it can be used, and printed,
   * alone.
   */
  private addNamed(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === "string" && isSecretName(key)) this.addText(item);
      // As in Docker's configuration.
      else if (typeof item === "string" && key === "auth")
        [item, passwordOf(item) ?? ""].forEach((part) => this.addText(part));
      else this.addNamed(item);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function occurrences(view: TextView, forms: readonly SecretForm[]): Range[] {
  const { text, joined } = view;
  const found: Range[] = [];
  for (const { text: secret, shared, wraps } of forms) {
    if (joined && !wraps) continue;
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length)) {
      const start = shared.before === 1 && isBase64(text[at - 1]) ? at - 1 : at;
      const end = at + secret.length;
      found.push(inOriginal(view, start, shared.after === 1 && isBase64(text[end]) ? end + 1 : end));
    }
  }
  return found;
}

/** Starts of secrets before the mark that something was cut off. */
function cutOff(view: TextView, forms: readonly SecretForm[]): Range[] {
  const found: Range[] = [];
  for (let at = view.text.indexOf("…"); at >= 0; at = view.text.indexOf("…", at + 1)) {
    const length = Math.max(...forms.map((form) => lengthOfStart(form.text, view.text, at, shortestStart)));
    if (length > 0) found.push(inOriginal(view, at - length, at));
  }
  return found;
}

/**
 * Returns how much of a secret's start, at least `least` characters and never all, stands before a
 * place in a text.
 */
function lengthOfStart(secret: string, text: string, end: number, least: number): number {
  const head = secret.slice(0, least);
  let at = text.indexOf(head, Math.max(0, end - secret.length + 1));
  for (; at >= 0 && at <= end - least; at = text.indexOf(head, at + 1)) {
    if (secret.startsWith(text.slice(at, end))) return end - at;
  }
  return 0;
}

function inOriginal({ starts }: TextView, start: number, end: number): Range {
  return starts ? { start: starts[start] ?? 0, end: starts[end] ?? 0 } : { start, end };
}

function isBase64(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9+/_-]/.test(character);
}

/** Ranges in order, those that overlap as one. */
function merged(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last && range.start < last.end) last.end = Math.max(last.end, range.end);
    else result.push({ ...range });
  }
  return result;
}
