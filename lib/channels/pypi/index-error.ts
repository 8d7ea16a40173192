import { cleanLine } from "../../text/terminal";

/** Characters of an index's words that are repeated. */
const longestWords = 400;

/** A request to an index that failed for good: what, where, what it said, and what to do. */
export class PackageIndexError extends Error {
  override readonly name = "PackageIndexError";
  constructor(
    message: string,
    /** Status of the answer, where there was one. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the credentials are missing, wrong or not enough. */
  get isAccessRefused(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** What the body of an error says: indexes answer HTML with the words in it, JSON, or a line of text. */
export function wordsOf(body: Buffer): string {
  const text = body.toString("utf8").trim();
  const json = jsonWords(text);
  if (json !== undefined) return shortened(json);
  if (!text.startsWith("<")) return shortened(text);
  const [, found = ""] = /<pre>([^<]*)<\/pre>/i.exec(text) ?? /<title>([^<]*)<\/title>/i.exec(text) ?? [];
  const plain = found
    .replaceAll("&#039;", "'")
    .replaceAll("&#x27;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
  return shortened(plain);
}

function jsonWords(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const { message, detail, error } = JSON.parse(text) as Record<string, unknown>;
    const words = [message, detail, error].find((value) => typeof value === "string" && value !== "");
    return typeof words === "string" ? words : "";
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  const line = cleanLine(text.replace(/\s+/g, " ")).trim();
  return line.length > longestWords ? `${line.slice(0, longestWords)}…` : line;
}
