import { failure, ok, warning, type Answer } from "../../../lib/doctor/finding";
import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { cacheDirectory } from "../../../lib/machine/cache-directory.cjs";
import type { DoctorCheck } from "../check";

const gigabyte = 1e9;
/** Below this a release of a few images does not get to its end, in bytes. */
const least = 0.5 * gigabyte;
/** Below this a cache or a build of a large image may not fit, in bytes. */
const little = 5 * gigabyte;

/** Space where builds, caches and temporary files go. Folders of one file system are told once. */
export const diskCheck: DoctorCheck = {
  name: "disk",
  order: 90,
  questions: ({ project, env }) => [
    {
      about: "free space",
      ask: async () => {
        const folders = [path.join(project, ".slipway"), cacheDirectory(env), tmpdir()].map(existing);
        const devices = new Map<number, string[]>();
        for (const folder of folders) {
          const { dev } = await stat(folder);
          devices.set(dev, [...(devices.get(dev) ?? []), folder]);
        }
        return Promise.all([...devices.values()].map((some) => spaceOf(some)));
      },
    },
  ],
};

/** The folder, or where it will be made. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(path.dirname(folder));
}

async function spaceOf(folders: readonly string[]): Promise<Answer & { readonly about: string }> {
  const { bavail, bsize } = await statfs(folders[0] ?? "");
  return { about: [...new Set(folders)].join(", "), ...judged(bavail * bsize) };
}

/** @param bytes that are free */
export function judged(bytes: number): Answer {
  const text = `${(bytes / gigabyte).toFixed(1)} GB are free`;
  if (bytes < least)
    return failure(text, "Make room: `npx slipway clean` removes what is kept for this project.");
  return bytes < little ? warning(text, "Builds and caches of large images may not fit.") : ok(text);
}
