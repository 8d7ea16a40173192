import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = "/proc/sys/fs/binfmt_misc";

/**
 * Makes the kernel run programs for arm64 by QEMU, as Debian's qemu-user-static does where systemd
 * runs. BuildKit asks the kernel when it starts, so this comes before. Needs root.
 * @returns why it does not, or undefined where it does or is an arm64 machine itself
 */
export function emulateArm64(): string | undefined {
  if (process.arch === "arm64") return undefined;
  const rule = "/usr/lib/binfmt.d/qemu-aarch64.conf";
  try {
    if (!existsSync(join(FOLDER, "register"))) {
      execFileSync("mount", ["-t", "binfmt_misc", "binfmt_misc", FOLDER], { stdio: "pipe" });
    }
    if (existsSync(join(FOLDER, "qemu-aarch64"))) return undefined;
    if (!existsSync(rule)) return "QEMU's user emulation is not installed (apt-get install qemu-user-static)";
    writeFileSync(join(FOLDER, "register"), readFileSync(rule, "utf8").trim());
    return undefined;
  } catch (error) {
    return `programs for arm64 cannot be run: ${(error as Error).message}`;
  }
}
