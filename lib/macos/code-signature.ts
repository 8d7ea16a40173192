import { open, type FileHandle } from "node:fs/promises";

/** What a program for macOS says of its signature. Whose it is, and whether Apple knows it, is not looked at. */
export interface CodeSignature {
  /**
   * `developer`: it has a signature by a certificate (CMS); `ad-hoc`: sums of itself and no signer, as linkers
   * make them for Apple's processors; `none`: neither, or it is no Mach-O file of 64 bits, which has its signature in it.
   */
  readonly kind: "developer" | "ad-hoc" | "none";
  /** Whether it asks for the hardened runtime, without which Apple notarizes nothing. */
  readonly hardened: boolean;
  /** Identifier of the signer's team, where the signature names one. */
  readonly team?: string;
}

/** A damaged program. */
export class CodeSignatureError extends Error {
  override readonly name = "CodeSignatureError";
}

/** Magic numbers (mach-o/loader.h, mach-o/fat.h, and cs_blobs.h of XNU). */
const magic = {
  thin64: 0xfeedfacf,
  fat: 0xcafebabe,
  fat64: 0xcafebabf,
  signature: 0xfade0cc0,
  directory: 0xfade0c02,
  cms: 0xfade0b01,
};

/** LC_CODE_SIGNATURE. */
const codeSignatureCommand = 0x1d;
/** Slots of a signature: the code directory, and what signs it. */
const [directorySlot, cmsSlot] = [0, 0x10000];
/** Flags of a code directory. */
const [adHoc, hardenedRuntime] = [0x2, 0x10000];
/** Version of code directories from which they name a team. */
const withTeam = 0x20200;

/** Most bytes of load commands that are read: those of large programs have some kilobytes. */
const mostCommandBytes = 1024 * 1024;
/** Most bytes of a signature: sums of each page, so some megabytes of a large program. */
const mostSignatureBytes = 64 * 1024 * 1024;
const mostProcessors = 16;

/**
 * Reads what a Mach-O file says of its signature; of a universal one, the least that any of its programs has.
 *
 * @throws CodeSignatureError for one that ends before what it announces
 */
export async function readCodeSignature(path: string): Promise<CodeSignature> {
  const file = await open(path, "r");
  try {
    const programs = await programsOf(file);
    if (programs.length === 0) return { kind: "none", hardened: false };
    const found: CodeSignature[] = [];
    for (const offset of programs) found.push(await signatureAt(file, offset));
    const order = ["none", "ad-hoc", "developer"];
    const [least] = found.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
    if (!least) throw damaged();
    return { ...least, hardened: found.every(({ hardened }) => hardened) };
  } finally {
    await file.close();
  }
}

/** Where the programs of a file begin; nothing for a file of another kind, such as a script. */
async function programsOf(file: FileHandle): Promise<number[]> {
  if ((await file.stat()).size < 8) return [];
  const head = await read(file, 0, 8);
  const kind = head.readUInt32BE(0);
  if (head.readUInt32LE(0) === magic.thin64) return [0];
  if (kind !== magic.fat && kind !== magic.fat64) return [];
  const count = head.readUInt32BE(4);
  if (count === 0 || count > mostProcessors) throw damaged();
  const size = kind === magic.fat ? 20 : 32;
  const list = await read(file, 8, count * size);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size + 8;
    return kind === magic.fat ? list.readUInt32BE(at) : Number(list.readBigUInt64BE(at));
  });
}

async function signatureAt(file: FileHandle, start: number): Promise<CodeSignature> {
  const header = await read(file, start, 32);
  if (header.readUInt32LE(0) !== magic.thin64) throw damaged();
  const [count, bytes] = [header.readUInt32LE(16), header.readUInt32LE(20)];
  if (bytes > mostCommandBytes) throw damaged();
  const commands = await read(file, start + 32, bytes);
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 8 > commands.length) throw damaged();
    const [command, size] = [commands.readUInt32LE(at), commands.readUInt32LE(at + 4)];
    if (size < 8 || at + size > commands.length) throw damaged();
    if (command === codeSignatureCommand && size >= 16) {
      const [offset, length] = [commands.readUInt32LE(at + 8), commands.readUInt32LE(at + 12)];
      if (length > mostSignatureBytes) throw damaged();
      return signatureOf(await read(file, start + offset, length));
    }
    at += size;
  }
  return { kind: "none", hardened: false };
}

function signatureOf(blob: Buffer): CodeSignature {
  const part = (offset: number, length: number): Buffer => {
    if (offset + length > blob.length) throw damaged();
    return blob.subarray(offset, offset + length);
  };
  const number = (offset: number) => part(offset, 4).readUInt32BE();
  if (number(0) !== magic.signature) throw damaged();
  const slots = new Map<number, number>();
  for (let index = 0; index < number(8); index++) slots.set(number(12 + index * 8), number(16 + index * 8));
  const directory = slots.get(directorySlot);
  if (directory === undefined || number(directory) !== magic.directory) throw damaged();
  const [version, flags] = [number(directory + 8), number(directory + 12)];
  const hardened = (flags & hardenedRuntime) !== 0;
  const cms = slots.get(cmsSlot);
  // A signer's blob without content is what ad-hoc signatures may have too.
  const isSigned = cms !== undefined && number(cms) === magic.cms && number(cms + 4) > 8;
  if (!isSigned || (flags & adHoc) !== 0) return { kind: "ad-hoc", hardened };
  const teamOffset = version >= withTeam ? number(directory + 48) : 0;
  if (teamOffset === 0) return { kind: "developer", hardened };
  const from = directory + teamOffset;
  const end = blob.indexOf(0, from);
  const team = end < 0 ? "" : blob.toString("latin1", from, end);
  return /^[A-Z0-9]{1,32}$/.test(team)
    ? { kind: "developer", hardened, team }
    : { kind: "developer", hardened };
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw damaged();
  return buffer;
}

function damaged(): CodeSignatureError {
  return new CodeSignatureError(
    "is no whole program for macOS (Mach-O): it ends before what it announces, or says what none says",
  );
}
