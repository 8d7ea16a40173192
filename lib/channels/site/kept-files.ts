import { readdir } from "node:fs/promises";
import { isMissingFile } from "../../machine/atomic-file";

/** Name of a file that is named after its digest, in hexadecimal digits. */
export const digestName = /^([0-9a-f]{64}|[0-9a-f]{128})$/;

/** Names of a folder's files that are like a pattern, sorted; none without a folder. */
export async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  return names.filter((name) => pattern.test(name)).sort();
}

/**
 * What becomes of files that were replaced: they are kept for a while, for clients that have just
 * read what named them.
 *
 * @param since when those that are known were replaced, in ISO 8601, by path
 * @param keepMs how long they are kept, in milliseconds
 */
export function keptFiles(
  replaced: readonly string[],
  since: Readonly<Record<string, string>>,
  keepMs: number,
  now: Date,
): { superseded: Record<string, string>; outdated: string[] } {
  const superseded: Record<string, string> = {};
  const outdated: string[] = [];
  for (const file of replaced) {
    const at = since[file] ?? now.toISOString();
    if (now.getTime() - new Date(at).getTime() > keepMs) outdated.push(file);
    else superseded[file] = at;
  }
  return { superseded, outdated };
}
