/** The operating system that an ELF program is for, by what its header and its segments say. */

/** e_ident[EI_OSABI], where it says more than System V does. */
const abiSystems: Readonly<Record<number, readonly string[]>> = {
  2: ["netbsd"],
  6: ["solaris", "illumos"],
  9: ["freebsd"],
  12: ["openbsd"],
};

/** Path of the dynamic linker. */
const linkers: readonly (readonly [path: RegExp, systems: readonly string[]])[] = [
  [/^\/(usr\/)?lib\/(amd64|64|sparcv9)\/ld\.so\.1$|^\/usr\/lib\/ld\.so\.1$/, ["solaris", "illumos"]],
  [/^\/usr\/libexec\/ld\.so$/, ["openbsd"]],
  [/\/ld\.elf_so$/, ["netbsd"]],
  [/\/ld-elf\.so\.1$/, ["freebsd"]],
  [/\/ld-elf\.so\.2$/, ["dragonfly"]],
  [/^\/system\/bin\/linker/, ["android"]],
  [/\/ld-(linux|musl)|\/ld64\.so\.|^\/lib\/ld\.so\.1$/, ["linux"]],
];

/** Owners of notes. */
const noteSystems: Readonly<Record<string, readonly string[]>> = {
  Android: ["android"],
  DragonFly: ["dragonfly"],
  FreeBSD: ["freebsd"],
  NetBSD: ["netbsd"],
  OpenBSD: ["openbsd"],
};

/** Type of a segment that names the dynamic linker, and of one with notes. */
const interpreter = 3;
const note = 4;

/** Segments that are looked at: programs have some ten. */
const mostSegments = 64;

/** Systems that a program is marked for; none where it has no mark, as static ones for Linux. */
export function elfSystems(header: Buffer, bits: 32 | 64, little: boolean): readonly string[] {
  const marked = abiSystems[header[7] ?? 0];
  if (marked) return marked;
  for (const { type, content } of segments(header, bits, little)) {
    const systems = type === interpreter ? ofLinker(content) : type === note ? ofNotes(content, little) : [];
    if (systems.length > 0) return systems;
  }
  return [];
}

function ofLinker(content: Buffer): readonly string[] {
  const path = content.toString("latin1").replace(/\0.*$/s, "");
  return linkers.find(([pattern]) => pattern.test(path))?.[1] ?? [];
}

/** Notes are a name, a type and a text, each filled to four bytes. */
function ofNotes(content: Buffer, little: boolean): readonly string[] {
  for (let at = 0; at + 12 <= content.length;) {
    const [nameSize, size] = [uint32(content, at, little), uint32(content, at + 4, little)];
    const name = content.toString("latin1", at + 12, at + 12 + nameSize).replace(/\0.*$/s, "");
    const systems = Object.hasOwn(noteSystems, name) ? noteSystems[name] : undefined;
    if (systems) return systems;
    // The ABI tag of GNU has the system as its first number, 0 for Linux; its other notes say nothing.
    const text = at + 12 + filled(nameSize);
    const isTag = name === "GNU" && uint32(content, at + 8, little) === 1 && text + 4 <= content.length;
    if (isTag && uint32(content, text, little) === 0) return ["linux"];
    at = text + filled(size);
  }
  return [];
}

function* segments(
  header: Buffer,
  bits: 32 | 64,
  little: boolean,
): Generator<{ type: number; content: Buffer }, void, undefined> {
  const is64 = bits === 64;
  if (header.length < (is64 ? 64 : 52)) return;
  const word = (at: number) => (is64 ? uint64(header, at, little) : uint32(header, at, little));
  const start = word(is64 ? 32 : 28);
  const entrySize = uint16(header, is64 ? 54 : 42, little);
  const count = Math.min(uint16(header, is64 ? 56 : 44, little), mostSegments);
  if (entrySize < (is64 ? 56 : 32)) return;
  for (let index = 0; index < count; index++) {
    const at = start + index * entrySize;
    if (at + entrySize > header.length) return;
    const offset = word(at + (is64 ? 8 : 4));
    const size = word(at + (is64 ? 32 : 16));
    yield { type: uint32(header, at, little), content: header.subarray(offset, offset + size) };
  }
}

function filled(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function uint16(bytes: Buffer, at: number, little: boolean): number {
  return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function uint32(bytes: Buffer, at: number, little: boolean): number {
  return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

function uint64(bytes: Buffer, at: number, little: boolean): number {
  return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}
