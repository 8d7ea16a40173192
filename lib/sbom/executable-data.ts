/**
 * Where a program keeps its writable data: there, and nowhere else, is what its linker says about
 * it.
 */

/** Bytes of a file: from `start`, not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes at the start of a program in which its headers are. */
export const executableHeaderSize = 64 * 1024;

/**
 * Segments or sections that are looked at; linkers write less than fifty, and a header can claim
 * four billion.
 */
const maximumSegments = 1024;

/**
 * The writable data of a program, from the first {@link executableHeaderSize} bytes of its file;
 * undefined for a file that is not a program of a known format (ELF, PE, Mach-O).
 */
export function writableData(header: Buffer): ByteRange[] | undefined {
  try {
    if (header.length < 64) return undefined;
    if (header.readUInt32BE() === 0x7f454c46) return elfData(header);
    if (header.toString("latin1", 0, 2) === "MZ") return peData(header);
    const magic = header.readUInt32LE();
    if (magic === 0xfeedface || magic === 0xfeedfacf) return machOData(header, magic === 0xfeedfacf);
    return undefined;
  } catch (error) {
    // Headers that point out of the file belong to no program that could run.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** System V ABI, "Object Files": loadable segments that are writable and not executable. */
function elfData(header: Buffer): ByteRange[] {
  const wide = header[4] === 2;
  const little = header[5] !== 2;
  const u16 = (at: number) => (little ? header.readUInt16LE(at) : header.readUInt16BE(at));
  const u32 = (at: number) => (little ? header.readUInt32LE(at) : header.readUInt32BE(at));
  const word = (at: number) =>
    wide ? Number(little ? header.readBigUInt64LE(at) : header.readBigUInt64BE(at)) : u32(at);
  const table = word(wide ? 32 : 28);
  const entrySize = u16(wide ? 54 : 42);
  const count = Math.min(u16(wide ? 56 : 44), maximumSegments);
  const found: ByteRange[] = [];
  for (let index = 0; index < count; index++) {
    const entry = table + index * entrySize;
    const flags = u32(entry + (wide ? 4 : 24));
    if (u32(entry) !== 1 || (flags & 3) !== 2) continue;
    const start = word(entry + (wide ? 8 : 4));
    found.push({ start, end: start + word(entry + (wide ? 32 : 16)) });
  }
  return found;
}

/** Microsoft PE format: sections of initialized data that can be read and written. */
function peData(header: Buffer): ByteRange[] {
  const wanted = 0x40 | 0x4000_0000 | 0x8000_0000;
  const signature = header.readUInt32LE(0x3c);
  if (header.readUInt32LE(signature) !== 0x4550) return [];
  const count = Math.min(header.readUInt16LE(signature + 6), maximumSegments);
  const table = signature + 24 + header.readUInt16LE(signature + 20);
  const found: ByteRange[] = [];
  for (let index = 0; index < count; index++) {
    const section = table + index * 40;
    const start = header.readUInt32LE(section + 20);
    const characteristics = header.readUInt32LE(section + 36);
    if ((characteristics & wanted) >>> 0 === wanted >>> 0) {
      found.push({ start, end: start + header.readUInt32LE(section + 16) });
    }
  }
  return found;
}

/** Mach-O: segments that can be read and written, and not executed. */
function machOData(header: Buffer, wide: boolean): ByteRange[] {
  const count = Math.min(header.readUInt32LE(16), maximumSegments);
  const found: ByteRange[] = [];
  for (let index = 0, at = wide ? 32 : 28; index < count; index++, at += header.readUInt32LE(at + 4)) {
    if (header.readUInt32LE(at) !== (wide ? 0x19 : 0x01)) continue;
    const protection = header.readUInt32LE(at + (wide ? 60 : 44));
    const start = wide ? Number(header.readBigUInt64LE(at + 40)) : header.readUInt32LE(at + 32);
    const size = wide ? Number(header.readBigUInt64LE(at + 48)) : header.readUInt32LE(at + 36);
    if (protection === 3) found.push({ start, end: start + size });
  }
  return found;
}
