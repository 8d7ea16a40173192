/** Names of targets as compilers other than Go's write them, and the platforms that they are. */

/** What a program is for, in the words of `GOOS` and `GOARCH`. */
export interface TargetPlatform {
  os: string;
  architecture: string;
  variant?: string;
}

/** Architecture of a triple, and what `GOARCH` and the variant are; the first pattern that matches. */
const architectures: readonly (readonly [pattern: RegExp, architecture: string, variant?: string])[] = [
  [/^x86_64h$/, "amd64", "v3"],
  [/^(x86_64|amd64)$/, "amd64"],
  [/^(i[3-6]86|x86)$/, "386"],
  [/^aarch64_be$/, "arm64be"],
  [/^(aarch64|arm64|arm64e|arm64ec|arm64_32|aarch64v8r)$/, "arm64"],
  [/^(armeb|armebv7r)$/, "armbe"],
  [/^(arm|thumb)v5(te)?$/, "arm", "v5"],
  [/^(arm|armv6k?|thumbv6m?)$/, "arm", "v6"],
  [/^((arm|thumb)v7[a-z]*|thumb|(arm|thumb)v8[a-z]*(\.[a-z]+)?)$/, "arm", "v7"],
  [/^(arm|thumb)v4t$/, "arm", "v4"],
  [/^riscv64[a-z0-9]*$/, "riscv64"],
  [/^riscv32[a-z0-9]*$/, "riscv"],
  [/^loongarch64$/, "loong64"],
  [/^mips64(el|r6el)?$/, "mips64"],
  [/^mips(el)?$/, "mips"],
  [/^powerpc64le$/, "ppc64le"],
  [/^powerpc64$/, "ppc64"],
  [/^powerpc(le)?$/, "ppc"],
  [/^s390x$/, "s390x"],
  [/^sparc(64|v9)$/, "sparc64"],
  [/^sparc$/, "sparc"],
  [/^wasm(32(v1)?|64)$/, "wasm"],
  [/^(avr|bpfe[bl]|csky|hexagon|loongarch32|m68k|mipsisa(32|64)r6(el)?|msp430|nvptx64|xtensa)$/, ""],
];

/** Operating system of a triple, and what `GOOS` is; "" for the same word. */
const systems: Readonly<Record<string, string>> = {
  linux: "",
  darwin: "",
  macos: "darwin",
  macosx: "darwin",
  ios: "",
  tvos: "",
  watchos: "",
  visionos: "",
  windows: "",
  cygwin: "windows",
  freebsd: "",
  netbsd: "",
  openbsd: "",
  dragonfly: "",
  solaris: "",
  illumos: "",
  aix: "",
  plan9: "",
  wasi: "wasip1",
  wasip1: "",
  wasip2: "",
  wasip3: "",
  emscripten: "js",
  android: "",
  espidf: "",
  fuchsia: "",
  haiku: "",
  helenos: "",
  hermit: "",
  hurd: "",
  nto: "",
  nuttx: "",
  redox: "",
  uefi: "",
  vxworks: "",
  freestanding: "none",
  none: "",
};

/** Rust's names of architectures, by `GOARCH` and variant. */
const rustArchitectures: Readonly<Record<string, string>> = {
  "386": "i686",
  amd64: "x86_64",
  arm64: "aarch64",
  loong64: "loongarch64",
  mips: "mips",
  mips64: "mips64",
  mips64le: "mips64el",
  mipsle: "mipsel",
  ppc64: "powerpc64",
  ppc64le: "powerpc64le",
  riscv64: "riscv64gc",
  s390x: "s390x",
};

/** What follows the architecture in a triple, by `GOOS`. Linux has a C library beside it. */
const rustSystems: Readonly<Record<string, string>> = {
  android: "linux-android",
  darwin: "apple-darwin",
  dragonfly: "unknown-dragonfly",
  freebsd: "unknown-freebsd",
  illumos: "unknown-illumos",
  ios: "apple-ios",
  linux: "unknown-linux-musl",
  netbsd: "unknown-netbsd",
  openbsd: "unknown-openbsd",
  windows: "pc-windows-msvc",
};

/** Triples that do not follow from the tables. */
const irregular: Readonly<Record<string, string>> = {
  "aix/ppc64": "powerpc64-ibm-aix",
  "android/arm": "armv7-linux-androideabi",
  "darwin/amd64/v3": "x86_64h-apple-darwin",
  "freebsd/arm/v6": "armv6-unknown-freebsd",
  "freebsd/arm/v7": "armv7-unknown-freebsd",
  "js/wasm": "wasm32-unknown-unknown",
  "linux/arm/v5": "armv5te-unknown-linux-musleabi",
  "linux/arm/v6": "arm-unknown-linux-musleabihf",
  "linux/arm/v7": "armv7-unknown-linux-musleabihf",
  "linux/mips64": "mips64-unknown-linux-muslabi64",
  "linux/mips64le": "mips64el-unknown-linux-muslabi64",
  "netbsd/arm/v6": "armv6-unknown-netbsd-eabihf",
  "netbsd/arm/v7": "armv7-unknown-netbsd-eabihf",
  "solaris/amd64": "x86_64-pc-solaris",
  "wasip1/wasm": "wasm32-wasip1",
  "windows/arm": "thumbv7a-pc-windows-msvc",
};

/**
 * The platform of a Rust triple (`x86_64-unknown-linux-musl`) or a Zig target (`x86_64-linux-musl`),
 * with or without the version of a C library (`…-gnu.2.17`); undefined where a text is neither.
 */
export function platformOfTriple(text: string): TargetPlatform | undefined {
  if (!/^[a-z0-9_]+(\.[a-z]+)?(-[a-z][a-z0-9_]*(\.\d+)*){1,3}$/.test(text)) return undefined;
  const [processor = "", ...rest] = text.split("-");
  const known = architectures.find(([pattern]) => pattern.test(processor));
  if (!known) return undefined;
  const words = rest.map((word) => word.replace(/(\.\d+)+$/, ""));
  const name = systemOf(words);
  if (name === undefined) return undefined;
  const os = systems[name] === "" ? name : (systems[name] ?? name);
  const [, base, variant] = known;
  const architecture = `${base || processor}${/^mips.*el$/.test(processor) && base ? "le" : ""}`;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** The word of a triple that is its operating system: after the maker, where there is one. */
function systemOf(words: readonly string[]): string | undefined {
  if (words.some((word) => /^android(eabi)?$/.test(word))) return "android";
  const found = words.slice(0, 2).find((word) => Object.hasOwn(systems, word));
  return found ?? (words.every((word) => word === "unknown") ? "none" : undefined);
}

/**
 * The Rust triple of a platform: with musl on Linux, whose programs run on every distribution, and
 * MSVC on Windows. Undefined where Rust has no such target.
 */
export function tripleOfPlatform({ os, architecture, variant }: TargetPlatform): string | undefined {
  const base = `${os}/${architecture}`;
  const own = irregular[`${base}/${variant ?? ""}`] ?? irregular[base];
  if (own !== undefined) return own;
  const [processor, system] = [rustArchitectures[architecture], rustSystems[os]];
  return processor === undefined || system === undefined ? undefined : `${processor}-${system}`;
}
