import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { temporaryName } from "../machine/atomic-file";
import { digestOf } from "../oci/digest";
import { DigestMismatchError } from "../oci/errors";
import { hashFile } from "../oci/layer/file-content";

/**
 * Places content at an absolute path: whoever looks there sees the old file or the new one, never a
 * part.
 *
 * @param content a file to be copied, or the bytes themselves
 * @param mode permission bits, whatever the umask. Default: 0644, which a web server can read.
 * @throws DigestMismatchError where the content is not what its digest says; what was there stays
 */
export async function placeFile(
  absolute: string,
  content: { readonly path: string } | { readonly bytes: Uint8Array },
  digest: string,
  mode = 0o644,
): Promise<void> {
  await mkdir(path.dirname(absolute), { recursive: true });
  const temporary = temporaryName(absolute);
  try {
    if ("bytes" in content) await writeFile(temporary, content.bytes, { flag: "wx" });
    // A copy, not a link: a file that somebody edits in place must not change the cache, or another
    // release.
    else await copyFile(content.path, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const actual = "bytes" in content ? digestOf(content.bytes) : (await hashFile(temporary)).digest;
    if (actual !== digest) throw new DigestMismatchError(absolute, digest, actual);
    await chmod(temporary, mode);
    await rename(temporary, absolute);
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code === "EISDIR") {
      throw new Error(`${absolute} is a folder, but a file has to be placed there: move it away`, {
        cause: error,
      });
    }
    throw error;
  }
}
