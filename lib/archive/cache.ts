import { mkdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile, temporaryName, writeFileAtomically } from "../machine/atomic-file";
import { digestFileName, isDigest } from "../oci/digest";
import { layerRecipe } from "../oci/layer/recipe";
import { digestOf } from "../oci/digest";
import { tarCompression, type WrittenFormat } from "./format";
import type { ArchiveEntry } from "./entries";
import { writeArchive, type WrittenArchive } from "./write";

/** An archive that is on this machine. */
export interface CachedArchive extends WrittenArchive {
  /** The file that holds it. It belongs to the cache: copy it. */
  readonly path: string;
}

/**
 * Raised whenever another release makes other bytes of the same entries. The test of fixed digests
 * notices.
 */
const archiveFormatVersion = 3;

/**
 * Archives on disk, by what they are made of: one whose content did not change is neither read nor
 * compressed again.
 *
 * In the directory: `archives/<recipe>.json` says what a recipe became; the archives are
 * `blobs/sha256/<digest>`, beside the layers, so that the layer cache's limit is theirs too. It
 * holds nothing that cannot be made again.
 */
export class ArchiveCache {
  private readonly making = new Map<string, Promise<CachedArchive>>();

  constructor(private readonly directory: string) {}

  /**
   * The archive of entries: from the cache, or made now. @throws what {@link writeArchive} throws
   */
  async build(
    entries: readonly ArchiveEntry[],
    format: WrittenFormat,
    signal?: AbortSignal,
  ): Promise<CachedArchive> {
    return this.obtain(archiveRecipe(entries, format), (path) => writeArchive(path, entries, format, signal));
  }

  /**
   * A file of another format that follows from a recipe: from the cache, or written now.
   *
   * @param recipe digest of everything that decides the bytes, the format's name and version included
   * @param write writes a new file at a path
   */
  async obtain(recipe: string, write: (path: string) => Promise<WrittenArchive>): Promise<CachedArchive> {
    const running = this.making.get(recipe);
    if (running) return running;
    const making = this.lookup(recipe).then((found) => found ?? this.make(recipe, write));
    this.making.set(recipe, making);
    try {
      return await making;
    } finally {
      this.making.delete(recipe);
    }
  }

  /** The file of an archive by digest; undefined where the cache does not have it in its size. */
  async find(archive: WrittenArchive): Promise<CachedArchive | undefined> {
    const path = this.blobPath(archive.digest);
    try {
      if ((await stat(path)).size !== archive.size) return undefined;
      const now = new Date();
      // The time of modification says when it was last used: access times are often switched off.
      await utimes(path, now, now);
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
    return { digest: archive.digest, size: archive.size, path };
  }

  /** Where an archive of a digest would be, which need not be there. */
  pathOf(digest: string): string {
    return this.blobPath(digest);
  }

  /** Forgets an archive whose file turned out to be damaged; the next build makes it again. */
  async discard(archive: WrittenArchive): Promise<void> {
    await rm(this.blobPath(archive.digest), { force: true });
  }

  private async lookup(recipe: string): Promise<CachedArchive | undefined> {
    const text = await readFile(this.recordPath(recipe), "utf8").catch((error: unknown) => {
      if (isMissingFile(error)) return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const record = parseRecord(text);
    return record && this.find(record);
  }

  private async make(
    recipe: string,
    write: (path: string) => Promise<WrittenArchive>,
  ): Promise<CachedArchive> {
    await mkdir(join(this.directory, "blobs", "sha256"), { recursive: true });
    const temporary = temporaryName(this.blobPath(recipe));
    try {
      const written = await write(temporary);
      await rename(temporary, this.blobPath(written.digest));
      await writeFileAtomically(this.recordPath(recipe), JSON.stringify(written));
      return { ...written, path: this.blobPath(written.digest) };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  private blobPath(digest: string): string {
    return join(this.directory, "blobs", "sha256", digestFileName(digest));
  }

  private recordPath(recipe: string): string {
    return join(this.directory, "archives", `${digestFileName(recipe)}.json`);
  }
}

/**
 * A digest of everything that decides the bytes of an archive: equal recipes mean equal archives.
 */
function archiveRecipe(entries: readonly ArchiveEntry[], format: WrittenFormat): string {
  const content = layerRecipe(entries, tarCompression(format) ?? "none");
  return digestOf(JSON.stringify({ version: archiveFormatVersion, format, content }));
}

function parseRecord(text: string): WrittenArchive | undefined {
  try {
    const record = JSON.parse(text) as Partial<WrittenArchive>;
    if (!isDigest(record.digest ?? "") || typeof record.size !== "number") return undefined;
    return { digest: record.digest ?? "", size: record.size };
  } catch {
    return undefined;
  }
}
