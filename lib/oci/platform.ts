import { findTarget, meantTarget } from "../target/target";
import type { Descriptor, Platform } from "./types";

/**
 * Platforms that a registry client or container engine can be expected to know: every pair of
 * `GOOS` and `GOARCH` for which images are published, with its variants.
 */
const knownPlatforms: ReadonlySet<string> = new Set([
  "linux/386",
  "linux/amd64",
  "linux/amd64/v2",
  "linux/amd64/v3",
  "linux/amd64/v4",
  "linux/arm/v5",
  "linux/arm/v6",
  "linux/arm/v7",
  "linux/arm64",
  "linux/arm64/v8",
  "linux/loong64",
  "linux/mips64le",
  "linux/ppc64le",
  "linux/riscv64",
  "linux/s390x",
  "windows/amd64",
  "windows/arm64",
  "darwin/amd64",
  "darwin/arm64",
  "freebsd/amd64",
  "freebsd/arm64",
]);

/** A platform that Slipway does not know, or that is not `os/architecture[/variant]`. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
}

/**
 * Reads `os/architecture[/variant]`, e.g. `linux/arm64`.
 *
 * @throws PlatformError naming the value, a near match where there is one, and a valid example.
 */
export function parsePlatform(text: string): Platform {
  if (!knownPlatforms.has(text)) {
    const near = nearestPlatform(text);
    const target = near === undefined ? findTarget(text) : undefined;
    throw new PlatformError(
      target === undefined
        ? `unknown platform ${JSON.stringify(text)}${near ? `; did you mean "${near}"?` : ""} ` +
            `(a valid example: "linux/amd64")`
        : `unknown platform ${JSON.stringify(text)}: programs can be for it, images cannot` +
            `${imageHint(text, target)} (a valid example: "linux/amd64")`,
    );
  }
  const [os = "", architecture = "", variant] = text.split("/");
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** Writes a platform as `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant ? `${base}/${platform.variant}` : base;
}

/**
 * Returns whether an image for `offered` is the one that `wanted` asks for, however others have
 * written it. `linux/arm64` and `linux/arm64/v8` are the same machine, and an unset variant of the
 * wanted platform accepts any.
 */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  const [asked, found] = [normalizePlatform(wanted), normalizePlatform(offered)];
  if (asked.os !== found.os || asked.architecture !== found.architecture) return false;
  return asked.variant === found.variant || !wanted.variant;
}

/**
 * Returns whether a machine of a platform runs what is made for another one: that of an older
 * variant of its architecture, as `arm/v7` runs `arm/v6`.
 */
export function runsOn(machine: Platform, offered: Platform): boolean {
  const [own, other] = [normalizePlatform(machine), normalizePlatform(offered)];
  if (own.os !== other.os || own.architecture !== other.architecture) return false;
  return own.variant === other.variant || variantNumber(other) < variantNumber(own);
}

/** Number of a variant; that of another form is none. */
export function variantNumber({ architecture, variant }: Platform): number {
  if (variant === undefined) return architecture === "amd64" ? 1 : NaN;
  return architecture === "amd64" || architecture === "arm" ? Number(variant.replace(/^v/, "")) : NaN;
}

/**
 * A platform as containerd normalizes it, and with it every engine and builder: what others write
 * into configurations and indexes is `x86_64`, `aarch64` or `armhf` as well.
 *
 * Source: containerd/platforms, database.go.
 */
export function normalizePlatform({ os, architecture, variant = "", ...rest }: Platform): Platform {
  const system = os.toLowerCase();
  const [name, version] = normalArchitecture(architecture.toLowerCase(), variant.toLowerCase());
  return {
    os: system === "macos" ? "darwin" : system,
    architecture: name,
    ...(version === "" ? {} : { variant: version }),
    ...rest,
  };
}

function normalArchitecture(name: string, variant: string): [name: string, variant: string] {
  switch (name) {
    case "i386":
      return ["386", ""];
    case "x86_64":
    case "x86-64":
    case "amd64":
      return ["amd64", variant === "v1" ? "" : variant];
    case "aarch64":
    case "arm64":
      return ["arm64", ["8", "v8", "v8.0"].includes(variant) ? "" : variant.replace(/^(v?9(\.0)?)$/, "v9")];
    case "armhf":
      return ["arm", "v7"];
    case "armel":
      return ["arm", "v6"];
    case "arm":
      return ["arm", variant === "" ? "v7" : variant.replace(/^([5-8])$/, "v$1")];
    default:
      return [name, variant];
  }
}

/**
 * The platform that a descriptor states. None where it has none, or empty fields, and where it is
 * `unknown`, as BuildKit writes for what is for no platform.
 */
export function statedPlatform({ platform }: Pick<Descriptor, "platform">): Platform | undefined {
  if (!platform?.os || !platform.architecture) return undefined;
  return platform.os === "unknown" || platform.architecture === "unknown"
    ? undefined
    : normalizePlatform(platform);
}

/** The platform of images that a triple is, where it is one. */
function imageHint(text: string, target: Platform): string {
  const platform = formatPlatform(target);
  if (knownPlatforms.has(platform) && platform !== text) return `; did you mean "${platform}"?`;
  return "; declare it in `platforms` of a binary, download or archive";
}

function nearestPlatform(text: string): string | undefined {
  const meant = text === "linux/arm" ? "linux/arm/v7" : (meantTarget(text) ?? "");
  return knownPlatforms.has(meant) ? meant : undefined;
}
