import { findTarget } from "../../target/target";
import { ChannelError } from "../artifact";

/** Systems, as `process.platform` of Node has them. */
const systems: Readonly<Record<string, string>> = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  openbsd: "openbsd",
  solaris: "sunos",
  windows: "win32",
};

/** Processors, as `process.arch` of Node has them. */
const processors: Readonly<Record<string, string>> = {
  "386": "ia32",
  amd64: "x64",
  arm: "arm",
  arm64: "arm64",
  loong64: "loong64",
  ppc64: "ppc64",
  ppc64le: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
};

/** A platform, as `os` and `cpu` of a package say it. */
export interface NpmPlatform {
  readonly os: string;
  readonly cpu: string;
}

/**
 * A platform as npm knows it.
 *
 * @throws ChannelError for one that Node does not run on
 */
export function npmPlatform(platform: string): NpmPlatform {
  const { os = "", architecture = "" } = findTarget(platform) ?? {};
  const [system, cpu] = [systems[os], processors[architecture]];
  if (system !== undefined && cpu !== undefined) return { os: system, cpu };
  throw new ChannelError(
    "platforms",
    `${JSON.stringify(platform)} is none that Node runs on: ${Object.keys(systems).join(", ")} with ` +
      `${Object.keys(processors).join(", ")} are expected (a valid example: "linux/amd64")`,
  );
}
