import { nearest } from "../text/nearest";
import type { Platform } from "./types";

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
    throw new PlatformError(
      `unknown platform ${JSON.stringify(text)}${near ? `; did you mean "${near}"?` : ""} ` +
        `(a valid example: "linux/amd64")`,
    );
  }
  const [os = "", architecture = "", variant] = text.split("/");
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/**
 * Checks the name of an operating system, as platforms have it.
 *
 * @throws PlatformError naming the value, the one that was meant where that shows, and the known
 * ones
 */
export function checkOperatingSystem(name: string): string {
  const known = [...new Set([...knownPlatforms].map((platform) => platform.split("/")[0] ?? ""))];
  if (known.includes(name)) return name;
  const near = nearest(name, known);
  throw new PlatformError(
    `unknown operating system ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean "${near}"?`} ` +
      `(known are ${known.join(", ")}, as in "windows/amd64")`,
  );
}

/** Writes a platform as `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant ? `${base}/${platform.variant}` : base;
}

/**
 * Returns whether an image for `offered` is the one that `wanted` asks for. `linux/arm64` and
 * `linux/arm64/v8` are the same machine, and an unset variant of the wanted platform accepts any.
 */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return false;
  return defaultVariant(wanted) === defaultVariant(offered) || wanted.variant === undefined;
}

function defaultVariant(platform: Platform): string {
  if (platform.variant) return platform.variant;
  return platform.architecture === "arm64" ? "v8" : platform.architecture === "amd64" ? "v1" : "";
}

const aliases: Readonly<Record<string, string>> = {
  "linux/x86_64": "linux/amd64",
  "linux/x64": "linux/amd64",
  "linux/aarch64": "linux/arm64",
  "linux/arm": "linux/arm/v7",
  "linux/armv7": "linux/arm/v7",
  "linux/armhf": "linux/arm/v7",
  "linux/i386": "linux/386",
  amd64: "linux/amd64",
  arm64: "linux/arm64",
};

function nearestPlatform(text: string): string | undefined {
  const lower = text.trim().toLowerCase();
  return knownPlatforms.has(lower) ? lower : aliases[lower];
}
