import { nearest } from "../text/nearest";
import { platformOfTriple, tripleOfPlatform, type TargetPlatform } from "./triple";

/**
 * What a program can be built for: more than what there are images for. Targets are written as
 * `GOOS/GOARCH[/variant]`, or as a Rust triple or a Zig target.
 */

/** `go tool dist list` of Go 1.26, and the ports that Go 1.20 to 1.25 have beside them. */
const goPlatforms =
  "aix/ppc64 android/386 android/amd64 android/arm android/arm64 darwin/amd64 darwin/arm64 " +
  "dragonfly/amd64 freebsd/386 freebsd/amd64 freebsd/arm freebsd/arm64 freebsd/riscv64 illumos/amd64 " +
  "ios/amd64 ios/arm64 js/wasm linux/386 linux/amd64 linux/arm linux/arm64 linux/loong64 linux/mips " +
  "linux/mips64 linux/mips64le linux/mipsle linux/ppc64 linux/ppc64le linux/riscv64 linux/s390x " +
  "netbsd/386 netbsd/amd64 netbsd/arm netbsd/arm64 openbsd/386 openbsd/amd64 openbsd/arm openbsd/arm64 " +
  "openbsd/mips64 openbsd/ppc64 openbsd/riscv64 plan9/386 plan9/amd64 plan9/arm solaris/amd64 " +
  "wasip1/wasm windows/386 windows/amd64 windows/arm windows/arm64";

const known: ReadonlySet<string> = new Set(goPlatforms.split(" "));

/** Variable of Go that a variant is the value of, with its values by variant. */
const variants: Readonly<Record<string, { variable: string; values: Readonly<Record<string, string>> }>> = {
  "386": { variable: "GO386", values: same("sse2", "softfloat") },
  amd64: { variable: "GOAMD64", values: same("v1", "v2", "v3", "v4") },
  arm: { variable: "GOARM", values: { v5: "5", v6: "6", v7: "7" } },
  arm64: { variable: "GOARM64", values: { v8: "v8.0", v9: "v9.0" } },
  mips: { variable: "GOMIPS", values: same("hardfloat", "softfloat") },
  mips64: { variable: "GOMIPS64", values: same("hardfloat", "softfloat") },
  mips64le: { variable: "GOMIPS64", values: same("hardfloat", "softfloat") },
  mipsle: { variable: "GOMIPS", values: same("hardfloat", "softfloat") },
  ppc64: { variable: "GOPPC64", values: same("power8", "power9", "power10") },
  ppc64le: { variable: "GOPPC64", values: same("power8", "power9", "power10") },
  riscv64: { variable: "GORISCV64", values: same("rva20u64", "rva22u64", "rva23u64") },
};

/** Variant that a target without one is for. */
const defaultVariants: Readonly<Record<string, string>> = { arm: "v7" };

const aliases: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  x64: "amd64",
  aarch64: "arm64",
  armhf: "arm/v7",
  armv7: "arm/v7",
  armv6: "arm/v6",
  armel: "arm/v6",
  i386: "386",
  i686: "386",
  macos: "darwin",
  osx: "darwin",
  win: "windows",
};

/** A text that is no target. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

/**
 * Reads a target. An ARM without a variant is `v7`, as Go builds it.
 *
 * @throws TargetError naming the value, the target that was meant where that shows, and a valid
 * example
 */
export function parseTarget(text: string): TargetPlatform {
  const found = findTarget(text);
  if (found) return found;
  const near = meantTarget(text);
  throw new TargetError(
    `unknown platform ${JSON.stringify(text)}${near ? `; did you mean "${near}"?` : ""} ` +
      '(a valid example: "linux/amd64"; programs can be for all of "go tool dist list", and for ' +
      "triples of Rust and Zig)",
  );
}

/** The same; undefined where a text is no target. */
export function findTarget(text: string): TargetPlatform | undefined {
  const [os = "", architecture = "", variant, ...more] = text.split("/");
  if (architecture === "") return platformOfTriple(text);
  if (more.length > 0 || !known.has(`${os}/${architecture}`)) return undefined;
  if (variant !== undefined && !isVariant(architecture, variant)) return undefined;
  const own = variant ?? defaultVariants[architecture];
  return own === undefined ? { os, architecture } : { os, architecture, variant: own };
}

function isVariant(architecture: string, variant: string): boolean {
  return Object.hasOwn(variants[architecture]?.values ?? {}, variant);
}

/** The target that somebody most likely meant: other names of systems and architectures, upper case. */
export function meantTarget(text: string): string | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .split(/[/_](?!64)/)
    .map((word) => aliases[word] ?? word)
    .join("/");
  const meant = words.includes("/") ? words : `linux/${words}`;
  return meant !== text && findTarget(meant) && !text.includes("-") ? meant : undefined;
}

/**
 * Checks the name of an operating system, as targets have it.
 *
 * @throws TargetError naming the value, the one that was meant where that shows, and the known ones
 */
export function checkTargetSystem(name: string): string {
  const systems = [...new Set([...known].map((target) => target.split("/")[0] ?? ""))];
  if (systems.includes(name)) return name;
  const near = aliases[name.toLowerCase()] ?? nearest(name, systems);
  throw new TargetError(
    `unknown operating system ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean "${near}"?`} ` +
      `(known are ${systems.join(", ")}, as in "windows/amd64")`,
  );
}

/**
 * Checks a word of targets: an operating system, an architecture or a variant.
 *
 * @throws TargetError naming the value, and the one that was meant where that shows
 */
export function checkTargetWord(word: string): string {
  const words = new Set([
    ...[...known].flatMap((target) => target.split("/")),
    ...Object.values(variants).flatMap(({ values }) => Object.keys(values)),
  ]);
  if (words.has(word)) return word;
  const near = aliases[word.toLowerCase()] ?? nearest(word, [...words]);
  throw new TargetError(
    `${JSON.stringify(word)} is neither a system nor an architecture nor a variant of platforms` +
      `${near === undefined ? "" : `; did you mean "${near}"?`} (a valid example: { amd64: "x86_64" })`,
  );
}

/** Returns whether two targets are the same one, however they are written. */
export function isSameTarget(one: string, other: string): boolean {
  if (one === other) return true;
  const isTriple = (text: string) => !text.includes("/");
  // Two triples of a platform differ in more than a platform says, such as the C library.
  if (isTriple(one) || isTriple(other)) return false;
  return formatTarget(parseTarget(one)) === formatTarget(parseTarget(other));
}

/** Writes a target as `os/architecture[/variant]`. */
export function formatTarget({ os, architecture, variant }: TargetPlatform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/**
 * The Rust triple of a target: itself where it is written as a triple, and that of its platform
 * where not. Undefined where Rust has no such target.
 */
export function tripleOfTarget(text: string): string | undefined {
  return text.includes("/") ? tripleOfPlatform(parseTarget(text)) : text;
}

/** Variables of `go build` for a target: `GOOS`, `GOARCH`, and that of the variant. */
export function goVariables(text: string): Record<string, string> {
  const { os, architecture, variant } = parseTarget(text);
  const { variable, values } = variants[architecture] ?? {};
  const value = variant === undefined ? undefined : values?.[variant];
  return {
    GOOS: os,
    GOARCH: architecture,
    ...(variable === undefined || value === undefined ? {} : { [variable]: value }),
  };
}

function same(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
