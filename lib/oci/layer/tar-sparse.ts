import { TarError, type TarBlocks, type TarContent } from "./tar-blocks";
import { tarNumber } from "./tar-fields";

/**
 * Sparse files of GNU tar: an archive holds the parts with content and a map of them; what is
 * between is zeros.
 *
 * Source: GNU tar manual, "Storing Sparse Files", with the decimal numbers that GNU tar writes.
 */

/** A part that is in the archive, in bytes from the start of the file. */
export interface SparsePart {
  readonly offset: number;
  readonly length: number;
}

/** The file that a sparse entry stands for. */
export interface SparseFile {
  readonly name?: string;
  readonly size: number;
  readonly parts: readonly SparsePart[];
}

/** Parts of one file, at most: the map of so many has about a megabyte. */
const maximumParts = 65_536;

const zeros = Buffer.alloc(64 * 1024);

/** The map of an entry of type `S`: in its header, and in blocks that follow that. @throws TarError */
export async function oldSparseFile(header: Buffer, blocks: TarBlocks): Promise<SparseFile> {
  const size = tarNumber(header, 483, 12);
  const parts: SparsePart[] = [];
  let [block, start, count, more] = [header, 386, 4, header[482] !== 0];
  for (;;) {
    for (let index = 0; index < count; index++) {
      const at = start + 24 * index;
      if (block[at] === 0) break;
      parts.push({ offset: tarNumber(block, at, 12), length: tarNumber(block, at + 12, 12) });
    }
    if (!more) return checked({ size, parts });
    if (parts.length > maximumParts) throw tooManyParts();
    const next = await blocks.block();
    if (!next) throw new TarError("unexpected end of the archive");
    [block, start, count, more] = [next, 0, 21, next[504] !== 0];
  }
}

/**
 * The file that extended headers say an entry to be; undefined where it is not sparse. The map of
 * version 1.0 is at the start of the content.
 *
 * @throws TarError
 */
export async function paxSparseFile(
  records: ReadonlyMap<string, string>,
  content: TarContent,
): Promise<SparseFile | undefined> {
  const version = `${records.get("GNU.sparse.major") ?? ""}.${records.get("GNU.sparse.minor") ?? ""}`;
  const map = records.get("GNU.sparse.map");
  const isOld = version === "0.0" || version === "0.1" || (version === "." && map !== undefined);
  if (!isOld && version !== "1.0") return undefined;
  const name = records.get("GNU.sparse.name");
  const size = decimal(records.get("GNU.sparse.realsize") ?? records.get("GNU.sparse.size"));
  const numbers = isOld ? (map ?? "").split(",").filter((text) => text !== "") : await mapInContent(content);
  if (numbers.length % 2 !== 0) throw damaged();
  if (numbers.length > 2 * maximumParts) throw tooManyParts();
  const parts: SparsePart[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    parts.push({ offset: decimal(numbers[index]), length: decimal(numbers[index + 1]) });
  }
  return checked({ ...(name ? { name } : {}), size, parts });
}

/** Numbers on lines of their own, the first being how many pairs follow, in whole blocks. */
async function mapInContent(content: TarContent): Promise<string[]> {
  let text = "";
  let [pairs, lines, read] = [-1, 0, 0];
  while (pairs < 0 || lines < 1 + 2 * pairs) {
    if (read > 40 * maximumParts) throw tooManyParts();
    const block = await wholeBlock(content);
    read += block.length;
    const added = block.toString("latin1");
    lines += added.split("\n").length - 1;
    text += added;
    if (pairs < 0 && lines > 0) pairs = decimal(text.slice(0, text.indexOf("\n")));
    if (pairs > maximumParts) throw tooManyParts();
  }
  return text.split("\n", 1 + 2 * pairs).slice(1);
}

async function wholeBlock(content: TarContent): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = 512; left > 0;) {
    const part = await content.some(left);
    if (!part) throw damaged();
    left -= part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The whole file, from what the archive has of it. @throws TarError */
export async function* sparseContent(
  { size, parts }: SparseFile,
  content: TarContent,
): AsyncGenerator<Buffer, void, undefined> {
  let position = 0;
  for (const { offset, length } of [...parts, { offset: size, length: 0 }]) {
    while (position < offset) {
      const hole = zeros.subarray(0, Math.min(zeros.length, offset - position));
      yield hole;
      position += hole.length;
    }
    for (const end = offset + length; position < end;) {
      const part = await content.some(end - position);
      if (!part) throw damaged();
      yield part;
      position += part.length;
    }
  }
}

function checked(file: SparseFile): SparseFile {
  let end = 0;
  for (const { offset, length } of file.parts) {
    if (offset < end || offset + length > file.size) throw damaged();
    end = offset + length;
  }
  if (file.parts.length > maximumParts) throw tooManyParts();
  return file;
}

function decimal(text: string | undefined): number {
  const value = /^\d{1,15}$/.test(text ?? "") ? Number(text) : NaN;
  if (Number.isNaN(value)) throw damaged();
  return value;
}

function damaged(): TarError {
  return new TarError("invalid map of a sparse file");
}

function tooManyParts(): TarError {
  return new TarError(`a sparse file of more than ${maximumParts} parts`);
}
