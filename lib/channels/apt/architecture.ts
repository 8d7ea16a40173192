import { architectureName, type ArchitectureNames } from "../linux/platforms";

/** Architecture of packages that run on any. */
export const anyArchitecture = "all";

/** Debian's architectures (dpkg, data/cputable and data/tupletable; policy 11.1). */
const architectures: ArchitectureNames = {
  family: "Debian",
  byArchitecture: {
    "386": "i386",
    amd64: "amd64",
    arm: "armhf",
    "arm/v5": "armel",
    "arm/v6": "armhf",
    "arm/v7": "armhf",
    arm64: "arm64",
    "arm64/v8": "arm64",
    loong64: "loong64",
    mips64le: "mips64el",
    ppc64le: "ppc64el",
    riscv64: "riscv64",
    s390x: "s390x",
  },
};

/** Every architecture that packages are made for. */
export const debianArchitectures: readonly string[] = [
  anyArchitecture,
  ...[...new Set(Object.values(architectures.byArchitecture))].sort(),
];

/**
 * Debian's name of a platform: `linux/arm/v7` is `armhf`.
 *
 * @throws ChannelError for a platform that Debian has no name for
 */
export function debianArchitecture(platform: string, field = "platform"): string {
  return architectureName(architectures, platform, field);
}
