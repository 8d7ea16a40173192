import { mkdir, readFile, rename, stat } from "node:fs/promises";
import * as path from "node:path";
import { writeFileAtomically } from "../../lib/machine/atomic-file";
import { digestFileName, digestHex, digestOf, isDigest } from "../../lib/oci/digest";
import type { OnWait } from "../../lib/oci/transport/wait-budget";
import { downloadFile, downloadLimits } from "../../lib/release/download";
import { wrongSum } from "../../lib/release/file-sums";
import { extractFiles } from "../../lib/release/extract";

/** A file of a release, once it is known what it has to be. */
export interface KnownAsset {
  readonly location: string;
  readonly name: string;
  /**
   * Digests that it has to have, all of them: of SHA-256, SHA-384 or SHA-512, at least one, and one
   * of each at most.
   */
  readonly digests: readonly string[];
}

/** A file on this machine, by its path relative to the project's folder. */
export interface StoredFile {
  path: string;
  digest: string;
  /** Size in bytes. */
  size: number;
}

/** Refuses the file at an absolute path by throwing. */
export type Accept = (file: string) => Promise<void>;

const cacheFolder = ".slipway/cache/downloads";

/**
 * Form of what is extracted; files of another one are extracted again. Since 2 with their modes, since
 * 3 behind links, and the last of a name.
 */
const extractedForm = 3;

/** What was extracted, by path in the archive. */
interface ExtractedFiles {
  readonly form: number;
  readonly files: Record<string, StoredFile>;
}

/**
 * Fetched files of other releases, and what was taken out of them. Where a file is follows from its
 * digest alone: its name is the text of another project.
 */
export class AssetStore {
  private readonly fetching = new Map<string, Promise<StoredFile>>();
  private readonly known = new Map<string, () => Promise<unknown>>();

  /** @param project absolute folder that the paths in results are relative to */
  constructor(
    private readonly project: string,
    private readonly fileDigest: (absolutePath: string) => Promise<string>,
    private readonly onWait?: OnWait,
  ) {}

  /**
   * The file of an asset: from the cache, or downloaded now. Downloads of the same file are one.
   *
   * @param accept refuses a file that it throws for; one that is downloaded for it is not kept then
   * @throws DigestMismatchError, DownloadError
   */
  async fetch(
    asset: KnownAsset,
    onProgress: (bytes: number) => void,
    signal?: AbortSignal,
    accept?: Accept,
  ): Promise<StoredFile> {
    const key = [...asset.digests].sort().join();
    const running = this.fetching.get(key);
    if (running) {
      const file = await running;
      await accept?.(this.absolute(file.path));
      return file;
    }
    const fetching = this.fetchNow(asset, onProgress, signal, accept);
    this.fetching.set(key, fetching);
    try {
      return await fetching;
    } finally {
      this.fetching.delete(key);
    }
  }

  /**
   * Takes files out of an asset that was fetched.
   *
   * @param digest of the asset as it is stored
   * @throws ExtractError
   */
  async extract(
    { name: assetName }: KnownAsset,
    digest: string,
    wanted: readonly string[],
  ): Promise<Record<string, StoredFile>> {
    const selection = digestHex(digestOf(JSON.stringify([...wanted].sort()))).slice(0, 12);
    const folder = `${cacheFolder}/${digestFileName(digest)}/files-${selection}`;
    const record = this.absolute(`${folder}.json`);
    const remembered = await readFile(record, "utf8").catch(() => undefined);
    if (remembered !== undefined) {
      const { form, files } = JSON.parse(remembered) as ExtractedFiles;
      const all = form === extractedForm ? Object.values(files) : [];
      const digests = await Promise.all(all.map((file) => this.digestAt(file.path)));
      if (all.length > 0 && all.every((file, index) => file.digest === digests[index])) return files;
    }
    const archive = this.absolute(this.pathOf(digest));
    await extractFiles(archive, assetName, wanted, this.absolute(folder));
    const files: Record<string, StoredFile> = {};
    for (const name of wanted) files[name] = await this.stored(`${folder}/${name}`);
    const extracted: ExtractedFiles = { form: extractedForm, files };
    await writeFileAtomically(record, JSON.stringify(extracted));
    return files;
  }

  /**
   * Makes known how the files at some paths are made, for when they are asked for and not on this
   * machine.
   */
  register(paths: readonly string[], make: () => Promise<unknown>): void {
    for (const file of paths) this.known.set(file, make);
  }

  /** Makes sure that a file that was made known is on this machine. Other paths are left alone. */
  async ensure(file: string): Promise<void> {
    const make = this.known.get(file);
    if (make && !(await stat(this.absolute(file)).catch(() => undefined))) await make();
  }

  /** Returns where the file with a digest is kept, relative to the project's folder. */
  pathOf(digest: string): string {
    return `${cacheFolder}/${digestFileName(digest)}/content`;
  }

  private async fetchNow(
    asset: KnownAsset,
    onProgress: (bytes: number) => void,
    signal: AbortSignal | undefined,
    accept: Accept | undefined,
  ): Promise<StoredFile> {
    const { digests } = asset;
    const [sha256] = digests.filter(isDigest);
    const [other = ""] = digests;
    const known = sha256 ?? (await this.rememberedDigest(other));
    if (known !== undefined && (await this.has(known, digests))) {
      await accept?.(this.absolute(this.pathOf(known)));
      return this.stored(this.pathOf(known));
    }
    if (sha256 !== undefined) {
      const file = this.pathOf(sha256);
      await this.download(asset, this.absolute(file), onProgress, signal, accept);
      return this.stored(file);
    }
    const fetched = this.absolute(`${this.placeBySum(other)}/content`);
    await this.download(asset, fetched, onProgress, signal, accept);
    const digest = await this.fileDigest(fetched);
    const file = this.pathOf(digest);
    await mkdir(path.dirname(this.absolute(file)), { recursive: true });
    await rename(fetched, this.absolute(file));
    await writeFileAtomically(this.absolute(`${this.placeBySum(other)}/digest`), digest);
    return this.stored(file);
  }

  private download(
    { location, digests }: KnownAsset,
    target: string,
    onProgress: (bytes: number) => void,
    signal: AbortSignal | undefined,
    accept: Accept | undefined,
  ): Promise<void> {
    return downloadFile(location, target, digests, onProgress, signal, accept, downloadLimits, this.onWait);
  }

  /** Returns whether the file with a digest is here, and has all of some others too. */
  private async has(digest: string, digests: readonly string[]): Promise<boolean> {
    const file = this.pathOf(digest);
    if ((await this.digestAt(file)) !== digest) return false;
    const others = digests.filter((item) => item !== digest);
    return others.length === 0 || (await wrongSum(this.absolute(file), others)) === undefined;
  }

  /** The digest that a file had whose sum is of another algorithm; it is compared with both again. */
  private async rememberedDigest(sum: string): Promise<string | undefined> {
    const text = await readFile(this.absolute(`${this.placeBySum(sum)}/digest`), "utf8").catch(() => "");
    return isDigest(text) ? text : undefined;
  }

  /** Folder of what is known about a file by a sum that is not its digest. */
  private placeBySum(sum: string): string {
    return `${cacheFolder}/by-sum-${digestFileName(digestOf(sum))}`;
  }

  private async stored(file: string): Promise<StoredFile> {
    const { size } = await stat(this.absolute(file));
    return { path: file, digest: await this.fileDigest(this.absolute(file)), size };
  }

  private async digestAt(file: string): Promise<string | undefined> {
    return this.fileDigest(this.absolute(file)).catch(() => undefined);
  }

  private absolute(file: string): string {
    return path.resolve(this.project, file);
  }
}
