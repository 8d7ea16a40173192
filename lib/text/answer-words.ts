import { cleanLine } from "./terminal";

/** Characters of an answer that are repeated. */
const longestWords = 400;

/** What the body of an error says: hosts of packages answer HTML with the words in it, JSON, or a line of text. */
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
