import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/**
 * Longest line of a program that is kept, in characters: some print whole documents in one, and one
 * can go on for ever.
 */
const longestLine = 64 * 1024;

/**
 * The lines that a program prints, one by one; what a line has beyond {@link longestLine} is cut
 * off.
 */
export async function eachOutputLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let line = "";
  const take = (text: string) => {
    const parts = text.split("\n");
    for (const [index, part] of parts.entries()) {
      if (line.length < longestLine) line += part.slice(0, longestLine - line.length);
      if (index === parts.length - 1) continue;
      onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
      line = "";
    }
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) take(decoder.write(chunk));
  take(decoder.end());
  if (line !== "") onLine(line);
}
