const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * Returns a key that one object of a JSON text has twice; undefined where none has. One parser takes
 * the first value, another the last, a third refuses the text (RFC 8259, section 4): what was
 * checked by one is not what another reads.
 *
 * @param bytes valid JSON
 */
export function repeatedKey(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Keys of the objects around the place; undefined for a list. */
  const levels: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let index = 0; index < text.length; index++) {
    switch (text[index] ?? 0) {
      case quote: {
        const end = endOfString(text, index);
        if (isKey) {
          const key = JSON.parse(text.toString("utf8", index, end + 1)) as string;
          const keys = levels.at(-1);
          if (keys?.has(key)) return key;
          keys?.add(key);
          isKey = false;
        }
        index = end;
        break;
      }
      case openBrace:
        levels.push(new Set());
        isKey = true;
        break;
      case openBracket:
        levels.push(undefined);
        break;
      case closeBrace:
      case closeBracket:
        levels.pop();
        isKey = false;
        break;
      case comma:
        isKey = levels.at(-1) !== undefined;
        break;
      default:
    }
  }
  return undefined;
}

/** Place of the quote that ends the string which begins at `start`. */
function endOfString(text: Buffer, start: number): number {
  for (let end = text.indexOf(quote, start + 1); end > 0; end = text.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
