import type { BigIntStats } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../machine/atomic-file";
import { isDigest } from "../digest";
import { fileStamp, hashFile, sameStamp, type FileStamp } from "./file-content";

/** Version of the file format; another version is ignored. */
const formatVersion = 1;

/** Most files remembered; the ones not used for longest are forgotten first. */
const maximumFiles = 50_000;

/**
 * A file that was written to so shortly before it was hashed may be written to again within the
 * same tick of the file system's clock, with nothing to show for it: its hash is used, but not
 * remembered (as git does for its index).
 */
const racyMilliseconds = 2_000;

interface RememberedFile extends FileStamp {
  readonly digest: string;
  /** When it was last used, in milliseconds since 1970. */
  used: number;
}

interface HashFile {
  version: number;
  files: Record<string, RememberedFile>;
}

/**
 * SHA-256 digests of files, remembered by path, size, inode, modification and change time: a file
 * that did not change costs one stat, however large it is.
 *
 * Several processes may use one file: each writes it whole and atomically, with what the others
 * wrote before it; of two at the very same time the last one wins, and what the other knew is
 * hashed again next time.
 */
export class HashCache {
  private files: Promise<Map<string, RememberedFile>> | undefined;
  private saving: Promise<void> = Promise.resolve();
  private readonly changed = new Map<string, RememberedFile>();

  private readonly path: string | undefined;

  /** @param directory folder to remember in, in `hashes.json`; undefined remembers nothing. */
  constructor(directory?: string) {
    this.path = directory === undefined ? undefined : join(directory, "hashes.json");
  }

  /**
   * The digest of a regular file, by its absolute path.
   *
   * @throws the error of the file system, or where the file changes while it is read.
   */
  async digest(path: string): Promise<string> {
    return (await this.file(path, await lstat(path, { bigint: true }))).digest;
  }

  /**
   * Digest and size of a regular file.
   *
   * @param path absolute path
   * @param stat of that path, with `bigint: true`
   * @throws the error of the file system, or where the file changes while it is read.
   */
  async file(path: string, stat: BigIntStats): Promise<{ digest: string; size: number }> {
    const files = await this.load();
    const remember = (file: RememberedFile): void => {
      files.set(path, file);
      this.changed.set(path, file);
    };
    const remembered = files.get(path);
    if (remembered && sameStamp(remembered, fileStamp(stat))) {
      // Rewriting the file at every run only to note a use is not worth it; a day is exact enough
      // to forget by.
      if (Date.now() - remembered.used > 86_400_000) remember({ ...remembered, used: Date.now() });
      return { digest: remembered.digest, size: remembered.size };
    }
    const started = Date.now();
    const { digest, stamp } = await hashFile(path);
    const written = Math.max(nsToMs(stamp.mtimeNs), nsToMs(stamp.ctimeNs));
    if (written + racyMilliseconds < started) remember({ ...stamp, digest, used: started });
    return { digest, size: stamp.size };
  }

  /** Writes what is new to disk. Does nothing where nothing is. */
  save(): Promise<void> {
    // One after another: of two that read at the same time, the second would write without what the
    // first adds.
    this.saving = this.saving.catch(() => undefined).then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    if (this.path === undefined || this.changed.size === 0) return;
    const merged = await this.read(this.path);
    for (const [path, file] of this.changed) merged.set(path, file);
    this.changed.clear();
    const kept = [...merged].sort(([, a], [, b]) => b.used - a.used).slice(0, maximumFiles);
    const content: HashFile = { version: formatVersion, files: Object.fromEntries(kept) };
    await writeFileAtomically(this.path, JSON.stringify(content));
  }

  private load(): Promise<Map<string, RememberedFile>> {
    this.files ??= this.path === undefined ? Promise.resolve(new Map()) : this.read(this.path);
    return this.files;
  }

  /**
   * Returns what is on disk. A file that is damaged or of another version is as good as none: all
   * is hashed again.
   */
  private async read(path: string): Promise<Map<string, RememberedFile>> {
    let content: string;
    try {
      content = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
      throw error;
    }
    try {
      const parsed = JSON.parse(content) as Partial<HashFile>;
      if (parsed.version !== formatVersion || !parsed.files) return new Map();
      return new Map(Object.entries(parsed.files).filter(([, file]) => isDigest(file.digest)));
    } catch {
      return new Map();
    }
  }
}

function nsToMs(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000n);
}
