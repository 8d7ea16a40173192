import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { writeLayer } from "../oci/layer/layer-blob";
import type { ArchiveEntry } from "./entries";
import { isFileFormat, tarCompression, type WrittenFormat } from "./format";
import { writeSizedZip } from "./sized-zip";
import { fileStream } from "./single-file";
import { writeSquashfs } from "./squashfs";
import { zipStream } from "./zip";

/** The archive that was made. */
export interface WrittenArchive {
  readonly digest: string;
  /** Size in bytes. */
  readonly size: number;
}

/**
 * Writes an archive to a new file, in one pass. The bytes follow from entries and format alone: no
 * times, no owners, and compressors that do not depend on the machine. Memory holds a few pieces,
 * however large the content is.
 *
 * @throws ArchiveError where the format cannot hold the content
 * @throws DigestMismatchError where a source changed after it was hashed; the file is left as it
 * then is.
 */
export async function writeArchive(
  path: string,
  entries: readonly ArchiveEntry[],
  format: WrittenFormat,
  signal?: AbortSignal,
): Promise<WrittenArchive> {
  const compression = tarCompression(format);
  if (compression) {
    const { digest, size } = await writeLayer(path, entries, { compression, signal });
    return { digest, size };
  }
  const file = await open(path, "wx+");
  try {
    const hash = createHash("sha256");
    let size = 0;
    if (format === "wheel" || format === "nupkg" || format === "snap") {
      await (format === "snap" ? writeSquashfs : writeSizedZip)(file, entries, signal);
      // Headers were filled in behind the content: it is read once more.
      for await (const bytes of file.createReadStream({ start: 0, autoClose: false })) {
        hash.update(bytes as Buffer);
        size += (bytes as Buffer).length;
      }
      return { digest: `sha256:${hash.digest("hex")}`, size };
    }
    const content = isFileFormat(format) ? fileStream(entries, format, signal) : zipStream(entries, signal);
    for await (const bytes of content) {
      signal?.throwIfAborted();
      hash.update(bytes);
      size += bytes.length;
      await file.writeFile(bytes);
    }
    return { digest: `sha256:${hash.digest("hex")}`, size };
  } finally {
    await file.close();
  }
}
