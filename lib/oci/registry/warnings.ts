import { cleanLine } from "../../text/terminal";

/** Characters of one warning that are passed on (distribution-spec 1.1, "Warnings"). */
const warningLimit = 4096;
/** Distinct warnings that are remembered. */
const rememberedWarnings = 1000;

const warnValue = /299 +\S+ +"((?:[^"\\]|\\.)*)"/g;

/**
 * The texts of a `Warning` header with code 299; other codes are not the registry's to use and are
 * left out.
 */
export function parseWarnings(header: string): string[] {
  return [...header.matchAll(warnValue)].map((match) => (match[1] ?? "").replace(/\\(.)/g, "$1"));
}

/** Passes each distinct warning on once. */
export class WarningRelay {
  private readonly seen = new Set<string>();

  constructor(private readonly onWarning?: (host: string, text: string) => void) {}

  /** Takes the lines of the `Warning` header of one response. */
  relay(host: string, lines: readonly string[]): void {
    if (!this.onWarning) return;
    for (const text of lines.flatMap(parseWarnings)) {
      const key = `${host} ${text}`;
      if (this.seen.has(key) || this.seen.size >= rememberedWarnings) continue;
      this.seen.add(key);
      this.onWarning(host, cleanLine(text, warningLimit));
    }
  }
}
