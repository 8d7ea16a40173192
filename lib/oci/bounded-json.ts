/**
 * Values that JSON of other people may have. Each takes some 60 bytes of memory, however short it
 * is in the text: a few megabytes of `{},` would take hundreds. A manifest of a thousand layers has
 * some thousand values, the longest list of tags half a million.
 */
const maximumValues = 1_000_000;

/**
 * Values inside of values. Programs that walk through them by recursion end at some thousands;
 * SBOMs have twenty.
 */
const maximumDepth = 128;

/** JSON with more in it than is read. */
export class JsonLimitError extends SyntaxError {
  override readonly name = "JsonLimitError";
}

/**
 * Reads JSON of other people.
 *
 * @throws SyntaxError for what is none; JsonLimitError, before memory is taken, for one with too
 * many values or levels
 */
export function parseBoundedJson(bytes: Uint8Array, values = maximumValues): unknown {
  measureJson(bytes, values);
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
/** `[` and `{`, and their closing ones, with one bit set that they do not share. */
const opening = 0x7b;
const closing = 0x7d;

/** Looks whether text that may be JSON has more in it than is read. @throws JsonLimitError */
export function measureJson(bytes: Uint8Array, values = maximumValues): void {
  let count = 0;
  let depth = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === quote) {
      for (index++; index < bytes.length && bytes[index] !== quote; index++) {
        if (bytes[index] === backslash) index++;
      }
      continue;
    }
    const bracket = byte | 0x20;
    if (bracket === opening && ++depth > maximumDepth) {
      throw new JsonLimitError(`JSON of more than ${maximumDepth} levels`);
    }
    if (bracket === closing) depth--;
    if ((bracket === opening || byte === comma) && ++count > values) {
      throw new JsonLimitError(`JSON of more than ${values} values`);
    }
  }
}
