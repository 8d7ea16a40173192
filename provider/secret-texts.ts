import type { DecodedProperties } from "./properties";

/** Shorter texts are not looked for: they would blot out words that are no secret (as the engine's own filter does). */
const shortestText = 3;
/** The same for single lines of a secret of several lines, such as a key. */
const shortestLine = 8;

/**
 * The secret values that came through the protocol, to blot them out of what goes back as text: the message of an error
 * can quote an input, and the output of a command can print one.
 */
export class SecretTexts {
  private readonly texts = new Set<string>();

  /** Takes note of the secret values among properties. */
  add({ values, secrets }: DecodedProperties): void {
    for (const path of secrets) {
      const keys = JSON.parse(path) as string[];
      this.addValue(keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], values));
    }
  }

  /** A text without the secrets. */
  blot(text: string): string {
    return [...this.texts]
      .sort((a, b) => b.length - a.length)
      .reduce((blotted, secret) => blotted.replaceAll(secret, "[secret]"), text);
  }

  private addValue(value: unknown): void {
    if (Array.isArray(value)) value.forEach((item) => this.addValue(item));
    else if (typeof value === "object" && value !== null) this.addValue(Object.values(value));
    else if (typeof value === "string") this.addText(value);
  }

  /** Takes note of a secret text. */
  addText(text: string): void {
    if (text.length < shortestText) return;
    // Messages quote values as JSON does.
    for (const form of [text, JSON.stringify(text).slice(1, -1)]) this.texts.add(form);
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    if (lines.length > 1)
      lines.filter((line) => line.length >= shortestLine).forEach((line) => this.texts.add(line));
  }
}
