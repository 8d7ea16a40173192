import type { FileHandle } from "node:fs/promises";
import { loadDeflate } from "../oci/layer/deflate";
import { readSize } from "../oci/layer/file-content";
import { entryContent } from "../oci/layer/tar";
import type { ArchiveEntry } from "./entries";
import { MetadataWriter } from "./squashfs-metadata";
import { squashfsTree, type SquashfsDirectory, type SquashfsNode } from "./squashfs-tree";
import { zlibStream } from "./zlib-stream";

/**
 * Squashfs 4.0, the file system that a snap is: blocks of files, then inodes, directories and owners.
 * Files have no fragments, nothing has a time, and root owns everything, so that the bytes follow
 * from the entries alone. zlib compresses, which every kernel that mounts squashfs knows.
 *
 * Source: the kernel's fs/squashfs/squashfs_fs.h; https://dr-emann.github.io/squashfs/.
 */

const superblockSize = 96;
const blockLog = 17;
/** Bytes of a file that are compressed at once. */
const blockSize = 2 ** blockLog;
/** What follows the last table, so that a loop device takes the file (mksquashfs, `-nopad`). */
const paddedTo = 4096;

const none32 = 0xffffffff;
const none64 = 0xffffffffffffffffn;
/** In the size of a block: it is stored as it is. */
const storedBlock = 2 ** 24;

/** Fragments are not used, and neither are extended attributes. */
const flags = 0x0010 | 0x0200;

const types = { directory: 1, file: 2, symlink: 3 } as const;
const extendedDirectory = 8;
const extendedFile = 9;

/** Most entries after one header of a directory, and how far their numbers are from its own. */
const longestRun = 256;
const furthestNumber = 32_767;

/** A file's blocks: where the first is, and the size of each. */
interface FileBlocks {
  readonly start: number;
  readonly sizes: readonly number[];
}

/** Where an inode is: of its metadata block, and in that. */
interface InodePlace {
  readonly block: number;
  readonly offset: number;
}

/**
 * Writes a file system to an empty file.
 *
 * @param entries files and symbolic links; folders come with what is in them
 * @throws DigestMismatchError where a source changed after it was hashed
 */
export async function writeSquashfs(
  file: FileHandle,
  entries: readonly ArchiveEntry[],
  signal?: AbortSignal,
): Promise<void> {
  const deflate = await loadDeflate();
  const compressed = (bytes: Uint8Array) => zlibStream(bytes, deflate);
  const root = squashfsTree(entries);
  const { blocks, end } = await writeBlocks(file, entries, compressed, signal);

  const inodes = new MetadataWriter(compressed);
  const directories = new MetadataWriter(compressed);
  const rootPlace = writeDirectory(root, root.number, blocks, inodes, directories);
  const owners = new MetadataWriter(compressed);
  owners.write(Buffer.alloc(4));

  const inodeTable = inodes.finish();
  const directoryTable = directories.finish();
  const ownerTable = owners.finish();
  const inodesAt = end;
  const directoriesAt = inodesAt + inodeTable.length;
  const ownersAt = directoriesAt + directoryTable.length;
  const ownerIndexAt = ownersAt + ownerTable.length;
  const ownerIndex = Buffer.alloc(8);
  ownerIndex.writeBigUInt64LE(BigInt(ownersAt));
  const used = ownerIndexAt + ownerIndex.length;
  const padding = Buffer.alloc((paddedTo - (used % paddedTo)) % paddedTo);
  const tables = Buffer.concat([inodeTable, directoryTable, ownerTable, ownerIndex, padding]);
  await file.write(tables, 0, tables.length, end);

  const superblock = Buffer.alloc(superblockSize);
  superblock.write("hsqs", 0, "latin1");
  superblock.writeUInt32LE(root.count, 4);
  superblock.writeUInt32LE(blockSize, 12);
  superblock.writeUInt16LE(1, 20);
  superblock.writeUInt16LE(blockLog, 22);
  superblock.writeUInt16LE(flags, 24);
  superblock.writeUInt16LE(1, 26);
  superblock.writeUInt16LE(4, 28);
  superblock.writeBigUInt64LE((BigInt(rootPlace.block) << 16n) | BigInt(rootPlace.offset), 32);
  superblock.writeBigUInt64LE(BigInt(used), 40);
  superblock.writeBigUInt64LE(BigInt(ownerIndexAt), 48);
  superblock.writeBigUInt64LE(none64, 56);
  superblock.writeBigUInt64LE(BigInt(inodesAt), 64);
  superblock.writeBigUInt64LE(BigInt(directoriesAt), 72);
  superblock.writeBigUInt64LE(none64, 80);
  superblock.writeBigUInt64LE(none64, 88);
  await file.write(superblock, 0, superblock.length, 0);
}

async function writeBlocks(
  file: FileHandle,
  entries: readonly ArchiveEntry[],
  compressed: (bytes: Uint8Array) => Uint8Array,
  signal: AbortSignal | undefined,
): Promise<{ blocks: ReadonlyMap<string, FileBlocks>; end: number }> {
  const blocks = new Map<string, FileBlocks>();
  const buffer = Buffer.allocUnsafeSlow(readSize);
  let end = superblockSize;
  for (const entry of entries) {
    if (entry.type !== "file" || !entry.content) continue;
    const start = end;
    const sizes: number[] = [];
    for await (const block of blocksOf(entryContent(entry, entry.content, buffer))) {
      signal?.throwIfAborted();
      const small = compressed(block);
      const isSmaller = small.length < block.length;
      const written = isSmaller ? small : block;
      await file.write(written, 0, written.length, end);
      end += written.length;
      sizes.push(isSmaller ? small.length : storedBlock + block.length);
    }
    blocks.set(entry.path, { start, sizes });
  }
  return { blocks, end };
}

/** Content in blocks of one size, the last one smaller; a block is valid until the next is asked for. */
async function* blocksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const block = Buffer.alloc(blockSize);
  let length = 0;
  for await (const piece of source) {
    for (let offset = 0; offset < piece.length;) {
      const taken = Math.min(piece.length - offset, blockSize - length);
      block.set(piece.subarray(offset, offset + taken), length);
      length += taken;
      offset += taken;
      if (length < blockSize) continue;
      yield block;
      length = 0;
    }
  }
  if (length > 0) yield block.subarray(0, length);
}

/** Writes what is in a folder, then the folder, which says where that is. */
function writeDirectory(
  directory: SquashfsDirectory,
  parent: number,
  blocks: ReadonlyMap<string, FileBlocks>,
  inodes: MetadataWriter,
  directories: MetadataWriter,
): InodePlace {
  const listed = directory.children.map((child) => ({
    child,
    place:
      child.type === "directory"
        ? writeDirectory(child, directory.number, blocks, inodes, directories)
        : writeInode(child, blocks, inodes),
  }));
  const place = directories.place();
  let size = 3;
  for (const run of runsOf(listed)) {
    const bytes = directoryRun(run);
    directories.write(bytes);
    size += bytes.length;
  }
  const at = inodes.place();
  const links = 2 + directory.children.filter(({ type }) => type === "directory").length;
  if (size < 2 ** 16) {
    const inode = inodeStart(types.directory, directory, 32);
    inode.writeUInt32LE(place.block, 16);
    inode.writeUInt32LE(links, 20);
    inode.writeUInt16LE(size, 24);
    inode.writeUInt16LE(place.offset, 26);
    inode.writeUInt32LE(parent, 28);
    inodes.write(inode);
  } else {
    const inode = inodeStart(extendedDirectory, directory, 40);
    inode.writeUInt32LE(links, 16);
    inode.writeUInt32LE(size, 20);
    inode.writeUInt32LE(place.block, 24);
    inode.writeUInt32LE(parent, 28);
    inode.writeUInt16LE(place.offset, 34);
    inode.writeUInt32LE(none32, 36);
    inodes.write(inode);
  }
  return at;
}

interface Listed {
  readonly child: SquashfsNode;
  readonly place: InodePlace;
}

/** Entries that share a header: their inodes are in one block, with numbers that are close. */
function runsOf(listed: readonly Listed[]): Listed[][] {
  const runs: Listed[][] = [];
  for (const one of listed) {
    const run = runs.at(-1);
    const first = run?.[0];
    const isSame =
      run !== undefined &&
      first !== undefined &&
      run.length < longestRun &&
      first.place.block === one.place.block &&
      Math.abs(one.child.number - first.child.number) <= furthestNumber;
    if (isSame) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

function directoryRun(run: readonly Listed[]): Buffer {
  const [first] = run;
  if (!first) return Buffer.alloc(0);
  const header = Buffer.alloc(12);
  header.writeUInt32LE(run.length - 1, 0);
  header.writeUInt32LE(first.place.block, 4);
  header.writeUInt32LE(first.child.number, 8);
  const entries = run.map(({ child, place }) => {
    const name = Buffer.from(child.name, "utf8");
    const entry = Buffer.alloc(8);
    entry.writeUInt16LE(place.offset, 0);
    entry.writeInt16LE(child.number - first.child.number, 2);
    entry.writeUInt16LE(types[child.type], 4);
    entry.writeUInt16LE(name.length - 1, 6);
    return Buffer.concat([entry, name]);
  });
  return Buffer.concat([header, ...entries]);
}

function writeInode(
  node: Exclude<SquashfsNode, SquashfsDirectory>,
  blocks: ReadonlyMap<string, FileBlocks>,
  inodes: MetadataWriter,
): InodePlace {
  const at = inodes.place();
  if (node.type === "symlink") {
    const target = Buffer.from(node.target, "utf8");
    const inode = inodeStart(types.symlink, node, 24);
    inode.writeUInt32LE(1, 16);
    inode.writeUInt32LE(target.length, 20);
    inodes.write(Buffer.concat([inode, target]));
    return at;
  }
  const { start, sizes } = blocks.get(node.path) ?? { start: superblockSize, sizes: [] };
  const list = Buffer.alloc(4 * sizes.length);
  for (const [index, size] of sizes.entries()) list.writeUInt32LE(size, 4 * index);
  inodes.write(Buffer.concat([fileInode(node, start), list]));
  return at;
}

function fileInode(node: SquashfsNode & { readonly size: number }, start: number): Buffer {
  if (start < 2 ** 32 && node.size < 2 ** 32) {
    const inode = inodeStart(types.file, node, 32);
    inode.writeUInt32LE(start, 16);
    inode.writeUInt32LE(none32, 20);
    inode.writeUInt32LE(node.size, 28);
    return inode;
  }
  const inode = inodeStart(extendedFile, node, 56);
  inode.writeBigUInt64LE(BigInt(start), 16);
  inode.writeBigUInt64LE(BigInt(node.size), 24);
  inode.writeUInt32LE(1, 40);
  inode.writeUInt32LE(none32, 44);
  inode.writeUInt32LE(none32, 52);
  return inode;
}

function inodeStart(type: number, { mode, number }: SquashfsNode, size: number): Buffer {
  const inode = Buffer.alloc(size);
  inode.writeUInt16LE(type, 0);
  inode.writeUInt16LE(mode, 2);
  inode.writeUInt32LE(number, 12);
  return inode;
}
