import { lstat, readdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { checkPath } from "../../archive/entries";
import { ArchiveError } from "../../archive/format";
import { isMissingFile } from "../../machine/atomic-file";
import { ChannelError } from "../artifact";
import { HelmIgnore } from "./ignore";

/** Helm reads no larger file of a chart (pkg/chart/loader/archive, in versions before 4). */
const maximumFileBytes = 5 * 1024 * 1024;

/** Helm unpacks no larger chart (pkg/chart/loader/archive). */
const maximumChartBytes = 100 * 1024 * 1024;

/** A chart's files, by their paths in it. */
export type ChartFiles = ReadonlyMap<string, Buffer>;

/**
 * Reads the files that Helm would pack: without what `.helmignore` leaves out.
 *
 * @throws ChannelError for what is no chart, or cannot be packed
 */
export async function readChartFolder(directory: string, shown: string): Promise<ChartFiles> {
  const ignored = await ignoreRules(directory, shown);
  const files = new Map<string, Buffer>();
  let size = 0;
  const read = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(directory, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (ignored.ignores(name, entry.isDirectory())) continue;
      checkName(name, shown);
      if (entry.isDirectory()) {
        await read(name);
        continue;
      }
      if (!entry.isFile()) {
        const what = entry.isSymbolicLink() ? "a symbolic link" : "neither a file nor a folder";
        throw refused(
          `${shown}/${name} is ${what}, which an unpacked chart would not have: put the file itself there, or leave it out in .helmignore`,
        );
      }
      const file = path.join(directory, name);
      const { size: bytes } = await lstat(file);
      size += bytes;
      if (bytes > maximumFileBytes || size > maximumChartBytes) {
        throw refused(
          bytes > maximumFileBytes
            ? `${shown}/${name} has ${bytes} bytes, and Helm reads files of a chart up to ${maximumFileBytes}: leave it out in .helmignore`
            : `${shown} has more than ${maximumChartBytes} bytes, and Helm unpacks no more: leave files out in .helmignore`,
        );
      }
      files.set(name, await readFile(file));
    }
  };
  await read("");
  return files;
}

async function ignoreRules(directory: string, shown: string): Promise<HelmIgnore> {
  try {
    const entry = await lstat(directory);
    if (!entry.isDirectory()) throw refused(`${shown} is not a folder`);
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    throw refused(`there is no folder ${shown} (a valid example: "charts/hello", with a Chart.yaml in it)`);
  }
  try {
    return new HelmIgnore(await readFile(path.join(directory, ".helmignore"), "utf8"));
  } catch (error) {
    if (isMissingFile(error)) return new HelmIgnore("");
    throw refused(`${shown}/.helmignore, ${(error as Error).message}`);
  }
}

function checkName(name: string, shown: string): void {
  try {
    checkPath(name, "directory");
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw refused(`a file of ${shown}: ${error.message}`);
  }
}

function refused(reason: string): ChannelError {
  return new ChannelError("directory", reason);
}
