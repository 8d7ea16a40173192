import { open } from "node:fs/promises";
import { formatPlatform } from "../oci/platform";
import type { Platform } from "../oci/types";

/** Header facts of an executable file. */
export interface ExecutableFormat {
  readonly format: "ELF" | "Mach-O" | "PE";
  /** Operating systems that run the format as it is; ELF names one only where its ABI does. */
  readonly systems: readonly string[];
  /**
   * Architectures in the file: one, or several of a universal Mach-O. `unknown (…)` where the
   * number is not known.
   */
  readonly architectures: readonly string[];
}

/** Bytes from the start of a file that {@link readExecutableFormat} needs at most. */
export const headerSize = 4096;

/**
 * e_machine, with class and byte order where several architectures share the number (System V ABI,
 * "ELF Header").
 */
const elfMachines: readonly { machine: number; bits: 32 | 64; little: boolean; architecture: string }[] = [
  { machine: 3, bits: 32, little: true, architecture: "386" },
  { machine: 62, bits: 64, little: true, architecture: "amd64" },
  { machine: 40, bits: 32, little: true, architecture: "arm" },
  { machine: 183, bits: 64, little: true, architecture: "arm64" },
  { machine: 243, bits: 64, little: true, architecture: "riscv64" },
  { machine: 258, bits: 64, little: true, architecture: "loong64" },
  { machine: 21, bits: 64, little: true, architecture: "ppc64le" },
  { machine: 21, bits: 64, little: false, architecture: "ppc64" },
  { machine: 22, bits: 64, little: false, architecture: "s390x" },
  { machine: 8, bits: 64, little: true, architecture: "mips64le" },
];

/** e_ident[EI_OSABI]; System V is what Linux programs have most often. */
const elfSystems: Readonly<Record<number, string>> = { 0: "linux", 3: "linux", 9: "freebsd" };

/** cputype of a Mach-O header (mach/machine.h). */
const machoProcessors: Readonly<Record<number, string>> = {
  0x0000_0007: "386",
  0x0100_0007: "amd64",
  0x0000_000c: "arm",
  0x0100_000c: "arm64",
};

/** Machine of a COFF header (Microsoft PE format, "Machine Types"). */
const peMachines: Readonly<Record<number, string>> = {
  0x014c: "386",
  0x8664: "amd64",
  0x01c4: "arm",
  0xaa64: "arm64",
};

/**
 * More slices than any universal file has; a Java class file has the same magic, and a larger
 * number there.
 */
const mostSlices = 20;

/** Reads what kind of executable a file is from its first bytes; undefined where it is none. */
export function readExecutableFormat(header: Buffer): ExecutableFormat | undefined {
  return readElf(header) ?? readMachO(header) ?? readPe(header);
}

function readElf(header: Buffer): ExecutableFormat | undefined {
  if (header.length < 20 || header.toString("latin1", 0, 4) !== "\x7fELF") return undefined;
  const bits = header[4] === 2 ? 64 : 32;
  const little = header[5] === 1;
  const machine = little ? header.readUInt16LE(18) : header.readUInt16BE(18);
  const known = elfMachines.find(
    (entry) => entry.machine === machine && entry.bits === bits && entry.little === little,
  );
  const abi = header[7] ?? 0;
  return {
    format: "ELF",
    systems: [elfSystems[abi] ?? `unknown (ABI ${abi})`],
    architectures: [known?.architecture ?? unknownMachine(machine)],
  };
}

function readMachO(header: Buffer): ExecutableFormat | undefined {
  if (header.length < 8) return undefined;
  const magic = header.readUInt32BE(0);
  const thin = magic === 0xcffaedfe || magic === 0xcefaedfe;
  if (thin) return machO([header.readUInt32LE(4)]);
  const slices = header.readUInt32BE(4);
  if (magic !== 0xcafebabe || slices === 0 || slices > mostSlices || header.length < 8 + 20 * slices) {
    return undefined;
  }
  return machO(Array.from({ length: slices }, (_, index) => header.readUInt32BE(8 + 20 * index)));
}

function machO(processors: readonly number[]): ExecutableFormat {
  const architectures = processors.map(
    (processor) => machoProcessors[processor] ?? unknownMachine(processor),
  );
  return { format: "Mach-O", systems: ["darwin"], architectures };
}

function readPe(header: Buffer): ExecutableFormat | undefined {
  if (header.length < 64 || header.toString("latin1", 0, 2) !== "MZ") return undefined;
  const offset = header.readUInt32LE(0x3c);
  if (offset + 6 > header.length || header.toString("latin1", offset, offset + 4) !== "PE\0\0")
    return undefined;
  const machine = header.readUInt16LE(offset + 4);
  return {
    format: "PE",
    systems: ["windows"],
    architectures: [peMachines[machine] ?? unknownMachine(machine)],
  };
}

function unknownMachine(machine: number): string {
  return `unknown (machine 0x${machine.toString(16)})`;
}

/**
 * Returns why a file is not an executable for a platform; undefined where it is one. Variants are
 * not written in every format.
 */
export function executableMismatch(header: Buffer, platform: Platform): string | undefined {
  const wanted = `${formatPlatform(platform)} was declared`;
  const found = readExecutableFormat(header);
  if (!found) return `it is neither an ELF, a Mach-O nor a PE file, and ${wanted}`;
  const fits = found.systems.includes(platform.os) && found.architectures.includes(platform.architecture);
  return fits ? undefined : `${describeExecutable(found)}, and ${wanted}`;
}

/** A format in words, e.g. `it is an ELF file for linux/arm64`. */
export function describeExecutable({ format, systems, architectures }: ExecutableFormat): string {
  const platforms = systems.flatMap((os) => architectures.map((architecture) => `${os}/${architecture}`));
  return `it is ${format === "ELF" ? "an" : "a"} ${format} file for ${platforms.join(" and ")}`;
}

/** The first bytes of a file. */
export async function readHeader(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(headerSize);
    const { bytesRead } = await file.read(header, 0, headerSize, 0);
    return header.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const nodeSystems: Readonly<Record<string, string>> = { win32: "windows" };
const nodeArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** Platform of this machine, as `os/architecture`. */
export function machinePlatform(os: string = process.platform, architecture: string = process.arch): string {
  return `${nodeSystems[os] ?? os}/${nodeArchitectures[architecture] ?? architecture}`;
}
