import { open } from "node:fs/promises";

/**
 * Largest file that is signed, or whose signature is verified, with an identity, in bytes.
 * Sigstore's library takes the content as a whole; what is larger is proven by a signed sums file.
 */
export const wholeFileLimitBytes = 512 * 1024 * 1024;

/**
 * Reads a file whole.
 *
 * @throws Error naming the file, its size and what to do where it is larger than
 * `wholeFileLimitBytes`
 */
export async function readWholeFile(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > wholeFileLimitBytes) {
      throw new Error(
        `${path} has ${size} bytes, and at most ${wholeFileLimitBytes} are signed or verified with an identity: ` +
          `sign the sums file, which covers it (a valid example: signFiles: "sums"), or use a key`,
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
