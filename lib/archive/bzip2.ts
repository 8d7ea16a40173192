/**
 * Reads bzip2 as a stream. Packages that read it keep all that comes out in memory, or never end for
 * a damaged block, so that a small file could stop a run.
 *
 * Source: Joe Tsai, "BZIP2: Format Specification" (2016).
 */

/** Content that is not bzip2, damaged, or cut off. */
export class Bzip2Error extends Error {
  override readonly name = "Bzip2Error";
}

/** More than any block has: 900,001 symbols of 20 bits, and its tables. In bytes. */
const largestBlock = 3 * 1024 * 1024;

const outputSize = 64 * 1024;
const longestCode = 20;
const symbolsByTable = 50;
const mostSelectors = 18_002;

/** The two halves of what begins a block, pi, and of what ends a stream, its root. */
const blockMagic = [0x314159, 0x265359] as const;
const endMagic = [0x177245, 0x385090] as const;

/**
 * The content of one bzip2 stream or several in a row; what comes after the last one is not looked
 * at. Memory holds one block and its compressed form.
 *
 * @throws Bzip2Error
 */
export async function* unbzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const input = new BitReader(source);
  for (let first = true; ; first = false) {
    await input.fill(largestBlock);
    const level = streamLevel(input);
    if (level === undefined) {
      if (first) throw new Bzip2Error("bzip2: this is no bzip2 stream");
      return;
    }
    const block = new Uint32Array(level * 100_000);
    let combined = 0;
    for (;;) {
      await input.fill(largestBlock);
      const magic = [input.bits(24), input.bits(24)] as const;
      const expected = checksum(input);
      if (magic[0] === endMagic[0] && magic[1] === endMagic[1]) {
        if (combined !== expected) throw damaged();
        break;
      }
      if (magic[0] !== blockMagic[0] || magic[1] !== blockMagic[1]) throw damaged();
      const { start, length } = readBlock(input, block);
      let crc = -1;
      for (const bytes of runs(block, start, length)) {
        for (const byte of bytes) crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] ?? 0);
        yield Buffer.from(bytes);
      }
      if (~crc >>> 0 !== expected) throw damaged();
      combined = (((combined << 1) | (combined >>> 31)) ^ expected) >>> 0;
    }
    input.align();
  }
}

/** Size of the blocks in hundreds of thousands of bytes; undefined where no stream begins. */
function streamLevel(input: BitReader): number | undefined {
  const header = input.peekBytes(4);
  const level = (header[3] ?? 0) - 0x30;
  if (header.toString("latin1", 0, 3) !== "BZh" || level < 1 || level > 9) return undefined;
  input.bits(16);
  input.bits(16);
  return level;
}

function checksum(input: BitReader): number {
  return ((input.bits(16) << 16) | input.bits(16)) >>> 0;
}

/**
 * Reads a block up to the inverse of the Burrows-Wheeler transform: each place has its byte in the
 * lowest eight bits, and the place that follows above them.
 */
function readBlock(input: BitReader, block: Uint32Array): { start: number; length: number } {
  if (input.bits(1) === 1) throw new Bzip2Error("bzip2: blocks of bzip2 0.9.0 and before are not read");
  const start = input.bits(24);
  const bytes = usedBytes(input);
  const tableCount = input.bits(3);
  const selectorCount = input.bits(15);
  if (bytes.length === 0 || tableCount < 2 || tableCount > 6 || selectorCount === 0) throw damaged();
  const selectors = readSelectors(input, selectorCount, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(input, bytes.length + 2));
  const counts = new Uint32Array(256);
  const endOfBlock = bytes.length + 1;
  let length = 0;
  let runLength = 0;
  let runBit = 1;
  let left = 0;
  let group = 0;
  let table: CodeTable | undefined;
  for (;;) {
    if (left === 0) {
      table = tables[selectors[group++] ?? tableCount];
      left = symbolsByTable;
    }
    left--;
    if (!table) throw damaged();
    const symbol = readSymbol(input, table);
    if (symbol <= 1) {
      // A run of the foremost byte: its length in digits of 1 and 2, the lowest first.
      runLength += runBit << symbol;
      runBit <<= 1;
      if (runLength > block.length) throw damaged();
      continue;
    }
    if (runLength > 0) {
      const byte = bytes[0] ?? 0;
      if (length + runLength > block.length) throw damaged();
      block.fill(byte, length, length + runLength);
      counts[byte] = (counts[byte] ?? 0) + runLength;
      length += runLength;
      runLength = 0;
      runBit = 1;
    }
    if (symbol === endOfBlock) break;
    if (length >= block.length) throw damaged();
    const byte = bytes[symbol - 1] ?? 0;
    bytes.copyWithin(1, 0, symbol - 1);
    bytes[0] = byte;
    block[length++] = byte;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  if (length === 0 ? start !== 0 : start >= length) throw damaged();
  linkPlaces(block, length, counts);
  return { start, length };
}

function usedBytes(input: BitReader): Uint8Array {
  const ranges = input.bits(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if (((ranges >> (15 - range)) & 1) === 0) continue;
    const bits = input.bits(16);
    for (let bit = 0; bit < 16; bit++) if (((bits >> (15 - bit)) & 1) === 1) used.push(range * 16 + bit);
  }
  return Uint8Array.from(used);
}

function readSelectors(input: BitReader, count: number, tableCount: number): Uint8Array {
  const recent = Array.from({ length: tableCount }, (_, index) => index);
  const selectors = new Uint8Array(Math.min(count, mostSelectors));
  for (let index = 0; index < count; index++) {
    let place = 0;
    while (input.bits(1) === 1) if (++place >= tableCount) throw damaged();
    const [table = 0] = recent.splice(place, 1);
    recent.unshift(table);
    // Some compressors write more than any block can use.
    if (index < selectors.length) selectors[index] = table;
  }
  return selectors;
}

/** A canonical Huffman code. */
interface CodeTable {
  /** Symbols in the order of their codes. */
  readonly symbols: Uint16Array;
  /** By length of a code: the last code of that length, or -1 where no code is so short. */
  readonly last: Int32Array;
  /** By length of a code: what is added to a code for its place among the symbols. */
  readonly offset: Int32Array;
}

function readTable(input: BitReader, symbolCount: number): CodeTable {
  const lengths = new Uint8Array(symbolCount);
  let length = input.bits(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) throw damaged();
      if (input.bits(1) === 0) break;
      length += input.bits(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const symbols = new Uint16Array(symbolCount);
  const last = new Int32Array(longestCode + 1).fill(-1);
  const offset = new Int32Array(longestCode + 1);
  let code = 0;
  let place = 0;
  for (let bits = 1; bits <= longestCode; bits++) {
    offset[bits] = place - code;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== bits) continue;
      symbols[place++] = symbol;
      last[bits] = code++;
    }
    code *= 2;
  }
  return { symbols, last, offset };
}

function readSymbol(input: BitReader, { symbols, last, offset }: CodeTable): number {
  let code = 0;
  for (let bits = 1; bits <= longestCode; bits++) {
    code = code * 2 + input.bits(1);
    if (code > (last[bits] ?? -1)) continue;
    const symbol = symbols[code + (offset[bits] ?? 0)];
    if (symbol === undefined) break;
    return symbol;
  }
  throw damaged();
}

function linkPlaces(block: Uint32Array, length: number, counts: Uint32Array): void {
  let sum = 0;
  for (let byte = 0; byte < counts.length; byte++) {
    const count = counts[byte] ?? 0;
    counts[byte] = sum;
    sum += count;
  }
  for (let place = 0; place < length; place++) {
    const byte = (block[place] ?? 0) & 0xff;
    const next = counts[byte] ?? 0;
    counts[byte] = next + 1;
    block[next] = (block[next] ?? 0) | (place << 8);
  }
}

/**
 * The bytes of a block, with runs drawn out: after four equal ones stands how many more there are.
 * What is given is valid until the next is asked for.
 */
function* runs(block: Uint32Array, start: number, length: number): Generator<Uint8Array, void, undefined> {
  const output = new Uint8Array(outputSize);
  let used = 0;
  let place = (block[start] ?? 0) >>> 8;
  let equal = 0;
  let previous = -1;
  for (let index = 0; index < length; index++) {
    const linked = block[place] ?? 0;
    const byte = linked & 0xff;
    place = linked >>> 8;
    if (used + 256 > outputSize) {
      yield output.subarray(0, used);
      used = 0;
    }
    if (equal === 4) {
      output.fill(previous, used, used + byte);
      used += byte;
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    output[used++] = byte;
  }
  if (used > 0) yield output.subarray(0, used);
}

function damaged(): Bzip2Error {
  return new Bzip2Error("bzip2: the content is damaged");
}

/** By the upper eight bits of what was read so far: CRC-32 with the highest bit first. */
const crcTable = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** Takes bits off a stream, the highest of each byte first. */
class BitReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private bytes: Buffer = Buffer.alloc(0);
  private position = 0;
  private held = 0;
  private count = 0;
  private isAtEnd = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Has so many bytes in memory, or all that are left. */
  async fill(size: number): Promise<void> {
    if (this.isAtEnd || this.bytes.length - this.position >= size) return;
    const parts: Uint8Array[] = [this.bytes.subarray(this.position)];
    let length = this.bytes.length - this.position;
    while (length < size) {
      const next = await this.source.next();
      if (next.done) {
        this.isAtEnd = true;
        break;
      }
      parts.push(next.value);
      length += next.value.length;
    }
    this.bytes = Buffer.concat(parts);
    this.position = 0;
  }

  /** The next bytes, as far as there are so many; the reader has to be at the start of a byte. */
  peekBytes(size: number): Buffer {
    return this.bytes.subarray(this.position, this.position + size);
  }

  /** Up to 24 bits. @throws Bzip2Error where fewer are in memory */
  bits(size: number): number {
    while (this.count < size) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new Bzip2Error("bzip2: the stream is cut off");
      this.held = (this.held << 8) | byte;
      this.count += 8;
    }
    this.count -= size;
    const value = this.held >>> this.count;
    this.held &= (1 << this.count) - 1;
    return value;
  }

  /** Leaves what is left of a byte. */
  align(): void {
    this.held = 0;
    this.count = 0;
  }
}
