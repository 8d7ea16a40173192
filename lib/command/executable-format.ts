import { open } from "node:fs/promises";
import { formatTarget } from "../target/target";
import type { TargetPlatform } from "../target/triple";
import { elfSystems } from "./elf-systems";

/** Header facts of an executable file. */
export interface ExecutableFormat {
  readonly format: "ELF" | "Mach-O" | "PE" | "WebAssembly" | "Plan 9" | "XCOFF";
  /** Operating systems that run the format as it is. */
  readonly systems: readonly string[];
  /** Further ones, whose programs look the same. */
  readonly alsoSystems?: readonly string[];
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
  { machine: 8, bits: 64, little: false, architecture: "mips64" },
  { machine: 8, bits: 32, little: true, architecture: "mipsle" },
  { machine: 8, bits: 32, little: false, architecture: "mips" },
  { machine: 40, bits: 32, little: false, architecture: "armbe" },
  { machine: 183, bits: 64, little: false, architecture: "arm64be" },
  { machine: 243, bits: 32, little: true, architecture: "riscv" },
  { machine: 20, bits: 32, little: false, architecture: "ppc" },
  { machine: 43, bits: 64, little: false, architecture: "sparc64" },
];

/** Systems whose programs need no mark in an ELF file, beside Linux. */
const unmarkedSystems = ["android", "dragonfly", "fuchsia", "haiku", "hermit", "hurd", "none", "redox"];

/** e_ident[EI_OSABI] of System V and of GNU: what is not marked otherwise is for Linux. */
const linuxAbis = { systemV: 0, gnu: 3 } as const;

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

/** First word of an a.out of Plan 9 (a.out(6)). */
const plan9Magics: Readonly<Record<number, string>> = {
  0x0000_01eb: "386",
  0x0000_8a97: "amd64",
  0x0000_0647: "arm",
  0x0000_8c47: "arm64",
};

/** Systems of Apple, by the platform of a Mach-O file (mach-o/loader.h, LC_BUILD_VERSION). */
const applePlatforms: Readonly<Record<number, string>> = {
  1: "darwin",
  2: "ios",
  3: "tvos",
  4: "watchos",
  6: "ios",
  7: "ios",
  8: "tvos",
  9: "watchos",
  11: "visionos",
  12: "visionos",
};
const appleSystems = ["darwin", "ios", "tvos", "watchos", "visionos"];
const buildVersionCommand = 0x32;
const mostCommands = 200;

/**
 * More slices than any universal file has; a Java class file has the same magic, and a larger
 * number there.
 */
const mostSlices = 20;

/** Reads what kind of executable a file is from its first bytes; undefined where it is none. */
export function readExecutableFormat(header: Buffer): ExecutableFormat | undefined {
  return readElf(header) ?? readMachO(header) ?? readPe(header) ?? readOther(header);
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
  const architectures = [known?.architecture ?? unknownMachine(machine)];
  const marked = elfSystems(header, bits, little);
  if (marked.length > 0) return { format: "ELF", systems: marked, architectures };
  if (abi === linuxAbis.systemV) {
    return { format: "ELF", systems: ["linux"], alsoSystems: unmarkedSystems, architectures };
  }
  const system = abi === linuxAbis.gnu ? "linux" : `unknown (ABI ${abi})`;
  return { format: "ELF", systems: [system], architectures };
}

function readMachO(header: Buffer): ExecutableFormat | undefined {
  if (header.length < 8) return undefined;
  const magic = header.readUInt32BE(0);
  const thin = magic === 0xcffaedfe || magic === 0xcefaedfe;
  if (thin) return machO([header.readUInt32LE(4)], appleSystem(header, magic === 0xcffaedfe ? 32 : 28));
  const slices = header.readUInt32BE(4);
  if (magic !== 0xcafebabe || slices === 0 || slices > mostSlices || header.length < 8 + 20 * slices) {
    return undefined;
  }
  return machO(Array.from({ length: slices }, (_, index) => header.readUInt32BE(8 + 20 * index)));
}

function machO(processors: readonly number[], system?: string): ExecutableFormat {
  const architectures = processors.map(
    (processor) => machoProcessors[processor] ?? unknownMachine(processor),
  );
  if (system !== undefined) return { format: "Mach-O", systems: [system], architectures };
  return { format: "Mach-O", systems: ["darwin"], alsoSystems: appleSystems, architectures };
}

/** The system that a load command of a Mach-O file names; old files have none. */
function appleSystem(header: Buffer, start: number): string | undefined {
  if (header.length < start) return undefined;
  const count = Math.min(header.readUInt32LE(16), mostCommands);
  for (let index = 0, at = start; index < count && at + 12 <= header.length; index++) {
    if (header.readUInt32LE(at) === buildVersionCommand) return applePlatforms[header.readUInt32LE(at + 8)];
    const size = header.readUInt32LE(at + 4);
    if (size < 8) return undefined;
    at += size;
  }
  return undefined;
}

function readOther(header: Buffer): ExecutableFormat | undefined {
  if (header.length < 8) return undefined;
  const magic = header.readUInt32BE(0);
  if (magic === 0x0061736d) return { format: "WebAssembly", systems: ["any"], architectures: ["wasm"] };
  const plan9 = plan9Magics[magic];
  if (plan9 !== undefined) return { format: "Plan 9", systems: ["plan9"], architectures: [plan9] };
  // XCOFF of 64 bits, and of 32.
  if (header.readUInt16BE(0) === 0x01f7)
    return { format: "XCOFF", systems: ["aix"], architectures: ["ppc64"] };
  if (header.readUInt16BE(0) === 0x01df) return { format: "XCOFF", systems: ["aix"], architectures: ["ppc"] };
  return undefined;
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
    alsoSystems: ["uefi"],
    architectures: [peMachines[machine] ?? unknownMachine(machine)],
  };
}

function unknownMachine(machine: number): string {
  return `unknown (machine 0x${machine.toString(16)})`;
}

const checkedArchitectures: ReadonlySet<string> = new Set([
  ...elfMachines.map(({ architecture }) => architecture),
  "wasm",
]);

/** Returns whether there is a way to tell a program of a target: a format, and a number in it. */
export function canTellExecutable({ architecture }: TargetPlatform): boolean {
  return checkedArchitectures.has(architecture);
}

/**
 * Returns why a file is not an executable for a target; undefined where it is one. Variants are not
 * written in every format.
 */
export function executableMismatch(header: Buffer, target: TargetPlatform): string | undefined {
  const wanted = `${formatTarget(target)} was declared`;
  const found = readExecutableFormat(header);
  if (!found) return `it is ${noneOf(formatFor(target))}, and ${wanted}`;
  const { systems, alsoSystems = [], architectures } = found;
  const isForSystem = [...systems, ...alsoSystems, ...(systems.includes("any") ? [target.os] : [])].includes(
    target.os,
  );
  const fits = isForSystem && architectures.includes(target.architecture);
  return fits ? undefined : `${describeExecutable(found)}, and ${wanted}`;
}

function formatFor({ os, architecture }: TargetPlatform): ExecutableFormat["format"] {
  if (architecture === "wasm") return "WebAssembly";
  if (appleSystems.includes(os)) return "Mach-O";
  return os === "windows" || os === "uefi"
    ? "PE"
    : os === "plan9"
      ? "Plan 9"
      : os === "aix"
        ? "XCOFF"
        : "ELF";
}

function noneOf(format: ExecutableFormat["format"]): string {
  return ["ELF", "Mach-O", "PE"].includes(format)
    ? "neither an ELF, a Mach-O nor a PE file"
    : `no ${format} file`;
}

/** A format in words, e.g. `it is an ELF file for linux/arm64`. */
export function describeExecutable({ format, systems, architectures }: ExecutableFormat): string {
  const platforms = systems.flatMap((os) => architectures.map((architecture) => `${os}/${architecture}`));
  const article = format === "ELF" || format === "XCOFF" ? "an" : "a";
  return format === "WebAssembly"
    ? "it is a WebAssembly file"
    : `it is ${article} ${format} file for ${platforms.join(" and ")}`;
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
