import { TarBlocks, TarContent, TarError } from "./tar-blocks";
import { hasTarChecksum, paxRecords, tarNumber, tarText } from "./tar-fields";
import { oldSparseFile, paxSparseFile, sparseContent, type SparseFile } from "./tar-sparse";

/**
 * Reads archives as container engines do, with Go's `archive/tar`: V7, ustar, pax, GNU and star
 * headers, sparse files, and no more than the first end mark.
 */

/** What an entry of a layer is. */
export type TarEntryType = "file" | "directory" | "link" | "symlink" | "other";

/** An entry of an archive, and its content, which can be read until the next entry is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly type: TarEntryType;
  readonly mode: number;
  /** Target of a hard or symbolic link; empty for others. */
  readonly linkname: string;
  /** Bytes of the content. */
  readonly size: number;
  readonly sparse: boolean;
  /** How many records its extended header has. */
  readonly fields: number;
  readonly content: AsyncIterable<Buffer>;
}

/** Bytes of an extended header or a long name, at most: as Go's `archive/tar` has it. */
const maximumHeader = 1024 * 1024;

const types: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "link",
  "2": "symlink",
  "3": "other",
  "4": "other",
  "5": "directory",
  "6": "other",
  "7": "file",
  S: "file",
};

/**
 * The entries of an archive, one after the other.
 *
 * @param source unpacked
 * @throws TarError
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, undefined> {
  const blocks = new TarBlocks(source);
  try {
    for (;;) {
      const found = await nextEntry(blocks);
      if (!found) break;
      yield found.entry;
      await found.content.finish();
    }
    await blocks.drain();
  } finally {
    await blocks.close();
  }
}

/** What headers before an entry say of it. */
interface Preceding {
  records: ReadonlyMap<string, string>;
  name?: string;
  linkname?: string;
}

async function nextEntry(blocks: TarBlocks): Promise<{ entry: TarEntry; content: TarContent } | undefined> {
  const preceding: Preceding = { records: new Map() };
  for (let header = await nextHeader(blocks); header; header = await nextHeader(blocks)) {
    const flag = String.fromCharCode(header[156] ?? 0);
    if (!"xgLK".includes(flag)) return entryOf(header, flag, preceding, blocks);
    const size = sizeOf(header);
    if (size > maximumHeader) throw new TarError(`an extended header of more than ${maximumHeader} bytes`);
    const content = new TarContent(blocks, size);
    const bytes = await content.all();
    await content.finish();
    if (flag === "x") preceding.records = paxRecords(bytes);
    if (flag === "L") preceding.name = tarText(bytes, 0, size);
    if (flag === "K") preceding.linkname = tarText(bytes, 0, size);
  }
  return undefined;
}

/** The next header; undefined at the end mark, two blocks of zeros, or where the archive just ends. */
async function nextHeader(blocks: TarBlocks): Promise<Buffer | undefined> {
  const block = await blocks.block();
  if (!block) return undefined;
  if (isZero(block)) {
    const second = await blocks.block();
    if (!second || isZero(second)) return undefined;
    throw new TarError("invalid tar header: a block of zeros between entries");
  }
  if (!hasTarChecksum(block)) throw new TarError("invalid tar header: its checksum is wrong");
  return block;
}

async function entryOf(
  header: Buffer,
  flag: string,
  { records, name: longName, linkname: longLink }: Preceding,
  blocks: TarBlocks,
): Promise<{ entry: TarEntry; content: TarContent }> {
  const written = longName ?? textRecord(records, "path") ?? nameOf(header);
  const isOldDirectory = (flag === "\0" || flag === "0") && written.endsWith("/");
  const type = isOldDirectory ? "directory" : (types[flag] ?? "other");
  const hasContent = type === "file" || types[flag] === undefined;
  const old = flag === "S" ? await oldSparseFile(header, blocks) : undefined;
  const declared = textRecord(records, "size");
  const stored = declared === undefined ? sizeOf(header) : Number(declared);
  if (!Number.isSafeInteger(stored) || stored < 0) throw new TarError("invalid tar header: no valid size");
  const content = new TarContent(blocks, hasContent ? stored : 0);
  const sparse = old ?? (type === "file" ? await paxSparseFile(records, content) : undefined);
  const entry = {
    name: sparse?.name ?? written,
    type,
    mode: tarNumber(header, 100, 8),
    linkname: longLink ?? textRecord(records, "linkpath") ?? tarText(header, 157, 100),
    size: sparse?.size ?? (hasContent ? stored : 0),
    sparse: sparse !== undefined,
    fields: records.size,
    content: contentOf(content, sparse),
  };
  return { entry, content };
}

function contentOf(content: TarContent, sparse: SparseFile | undefined): AsyncIterable<Buffer> {
  return sparse ? sparseContent(sparse, content) : plainContent(content);
}

async function* plainContent(content: TarContent): AsyncGenerator<Buffer, void, undefined> {
  for (let part = await content.some(Infinity); part; part = await content.some(Infinity)) yield part;
}

/** An empty record stands for the header's own value (POSIX pax). */
function textRecord(records: ReadonlyMap<string, string>, key: string): string | undefined {
  const value = records.get(key);
  return value === "" ? undefined : value;
}

/** Name of a header, after the prefix that ustar and star have; GNU has times in its place. */
function nameOf(header: Buffer): string {
  const name = tarText(header, 0, 100);
  if (header.toString("latin1", 257, 263) !== "ustar\0") return name;
  const isStar = header.toString("latin1", 508, 512) === "tar\0";
  const prefix = tarText(header, 345, isStar ? 131 : 155);
  return prefix === "" ? name : `${prefix}/${name}`;
}

function sizeOf(header: Buffer): number {
  const size = tarNumber(header, 124, 12);
  if (size < 0) throw new TarError("invalid tar header: no valid size");
  return size;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
