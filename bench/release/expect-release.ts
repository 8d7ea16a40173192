import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { executableMismatch, readHeader } from "../../lib/command/executable-format";
import { parsePlatform } from "../../lib/oci/platform";
import { runClient } from "../../test/support/clients";
import { archiveName, program, targets } from "./fixture";

/**
 * Requires the release in a folder, whoever made it: an archive for each target, in it the license
 * and a binary for that target, and sums over all archives that `sha256sum` confirms.
 *
 * @throws Error naming what is not as it has to be
 */
export async function expectRelease(folder: string): Promise<void> {
  const names = targets.map(archiveName);
  const present = (await readdir(folder)).filter((name) => /\.(tar\.gz|zip)$/.test(name));
  if (present.sort().join() !== [...names].sort().join()) {
    throw new Error(`${folder} has the archives ${present.join(", ")}, and ${names.join(", ")} are expected`);
  }
  const sums = (await readFile(path.join(folder, "SHA256SUMS"), "utf8")).trim().split("\n");
  const summed = sums.map((line) => line.slice(line.lastIndexOf(" ") + 1));
  if (summed.sort().join() !== [...names].sort().join()) {
    throw new Error(`SHA256SUMS is of ${summed.join(", ")}, and ${names.join(", ")} are expected`);
  }
  await runClient("sh", ["-c", 'cd "$0" && sha256sum --check --strict --quiet SHA256SUMS', folder]);
  for (const target of targets) await expectArchive(path.join(folder, archiveName(target)), target);
}

async function expectArchive(archive: string, target: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-release-"));
  try {
    if (archive.endsWith(".zip")) await runClient("unzip", ["-q", archive, "-d", folder]);
    else await runClient("tar", ["-xzf", archive, "-C", folder]);
    const binary = target.startsWith("windows/") ? `${program}.exe` : program;
    const found = (await readdir(folder)).sort().join();
    if (found !== ["LICENSE", binary].sort().join()) throw new Error(`${archive} holds ${found}`);
    const mismatch = executableMismatch(await readHeader(path.join(folder, binary)), parsePlatform(target));
    if (mismatch !== undefined) throw new Error(`${archive}: ${binary}: ${mismatch}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
