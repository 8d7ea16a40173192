import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Unmounts what is mounted below a folder: container engines that were killed leave it so. Linux
 * only.
 */
export function unmountBelow(folder: string): void {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    // Blanks in paths are octal there (proc(5), fstab(5)).
    .map((path) =>
      path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8))),
    )
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) execFileSync("umount", ["--lazy", path], { stdio: "pipe" });
}

/**
 * Returns whether root is allowed here to mount, as on a machine of its own (capabilities(7), bit
 * 21). Linux only.
 */
export function mayMount(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (BigInt(`0x${effective ?? "0"}`) & (1n << 21n)) !== 0n;
}
