import * as path from "node:path";
import { SetupError } from "../lib/machine/setup-error";
import { isUrl, readText } from "../lib/release/download";
import { parseReleaseList, type ListedVersion } from "../lib/release/release-list";

/**
 * Reads a published list of releases.
 *
 * @param list file or URL of a `releases.json`
 * @returns its versions, the newest first, and the folder that it is in, or that one's URL with a slash at the end
 * @throws SetupError for what cannot be read, or is no such list
 */
export async function readReleaseList(
  list: string,
): Promise<{ readonly versions: readonly ListedVersion[]; readonly base: string }> {
  const text = await readText(list).catch((error: unknown) => {
    throw new SetupError((error as Error).message, "");
  });
  const versions = parseReleaseList(Buffer.from(text, "utf8"));
  if (versions === undefined)
    throw new SetupError(`${list} is no list of releases as Slipway writes them (releases.json).`, "");
  return { versions, base: isUrl(list) ? new URL(".", list).href : path.dirname(list) };
}
