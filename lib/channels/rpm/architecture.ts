import { anyPlatform, architectureName, type ArchitectureNames } from "../linux/platforms";

/** Architecture of packages that run on any. */
const anyArchitecture = "noarch";

/** rpm's architectures (rpm, rpmrc.in, `arch_canon`), by the names that Fedora's packages have. */
const architectures: ArchitectureNames = {
  family: "RPM",
  byArchitecture: {
    "386": "i686",
    amd64: "x86_64",
    arm: "armv7hl",
    "arm/v5": "armv5tel",
    "arm/v6": "armv6hl",
    "arm/v7": "armv7hl",
    arm64: "aarch64",
    "arm64/v8": "aarch64",
    loong64: "loongarch64",
    mips64le: "mips64el",
    ppc64le: "ppc64le",
    riscv64: "riscv64",
    s390x: "s390x",
  },
};

/**
 * rpm's name of a platform: `linux/arm64` is `aarch64`, and `all` is `noarch`.
 *
 * @throws ChannelError for a platform that rpm has no name for
 */
export function rpmArchitecture(platform: string, field = "platform"): string {
  return platform === anyPlatform ? anyArchitecture : architectureName(architectures, platform, field);
}
