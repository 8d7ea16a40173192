import { architectureName, type ArchitectureNames } from "../linux/platforms";

/** Alpine's architectures (apk-tools, src/apk_arch.h; Alpine's wiki, "Architecture"). */
const architectures: ArchitectureNames = {
  family: "Alpine",
  byArchitecture: {
    "386": "x86",
    amd64: "x86_64",
    arm: "armv7",
    "arm/v6": "armhf",
    "arm/v7": "armv7",
    arm64: "aarch64",
    "arm64/v8": "aarch64",
    loong64: "loongarch64",
    ppc64le: "ppc64le",
    riscv64: "riscv64",
    s390x: "s390x",
  },
};

/**
 * Alpine's name of a platform: `linux/arm64` is `aarch64`.
 *
 * @throws ChannelError for a platform that Alpine has no name for
 */
export function apkArchitecture(platform: string, field = "platform"): string {
  return architectureName(architectures, platform, field);
}
