import { createReadStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import {
  isMissingFile,
  isTemporaryName,
  temporaryName,
  writeFileAtomically,
} from "../../machine/atomic-file";
import { removeLeastUsed, type CachedItem } from "../../machine/least-used";
import { SetupError } from "../../machine/setup-error";
import { digestFileName, isDigest } from "../digest";
import { failingWhenRead } from "../transport/failing-when-read";
import type { Descriptor } from "../types";
import { layerMediaTypes, type Compression } from "./compression";
import type { LayerEntry, LayerFile } from "./entry";
import { hashFile, readSize } from "./file-content";
import { HashCache } from "./hash-cache";
import { writeLayer, type WriteLayerOptions, type WrittenLayer } from "./layer-blob";
import { layerRecipe } from "./recipe";
import { resolveLayer, type ResolveLayerOptions } from "./resolve";

/** A layer that is ready to be uploaded. */
export interface AssembledLayer extends WrittenLayer {
  readonly mediaType: string;
  /** Recipe of the layer, see {@link layerRecipe}. */
  readonly recipe: string;
  /** The file that holds it. */
  readonly path: string;
}

/** Record of a layer, as JSON. */
interface LayerRecord extends WrittenLayer {
  readonly version: typeof recordVersion;
  readonly compression: Compression;
}

const recordVersion = 1;

/** Bytes that a cache may take unless told otherwise. */
const defaultLimit = 20 * 1024 ** 3;

/**
 * The limit of the cache in bytes, as SLIPWAY_CACHE_LIMIT says in GiB.
 *
 * @throws SetupError where it says something else
 */
export function cacheLimit(env: NodeJS.ProcessEnv): number {
  const text = env.SLIPWAY_CACHE_LIMIT ?? "";
  if (text === "") return defaultLimit;
  const gibibytes = Number(text);
  if (Number.isFinite(gibibytes) && gibibytes >= 0) return gibibytes * 1024 ** 3;
  throw new SetupError(
    `SLIPWAY_CACHE_LIMIT is ${JSON.stringify(text)}, which is no number of GiB.`,
    "Say how many GiB may be kept in .slipway/cache, e.g. 5.",
  );
}

/** Time after which leftovers of a dead process are removed. */
const abandonedMilliseconds = 24 * 3_600_000;

/** Options of {@link LayerCache.build}. */
export interface BuildLayerOptions extends WriteLayerOptions, Omit<ResolveLayerOptions, "hashes"> {}

/**
 * Layers on disk, by what they are made of: a layer whose content did not change is neither read
 * nor compressed again.
 *
 * In the directory: `layers/<recipe>.json` says which blob a recipe became, `blobs/sha256/<digest>`
 * are the blobs, `hashes.json` the digests of source files. Blobs are written beside their place
 * and moved there when complete, so several processes may use one directory. It holds nothing that
 * cannot be made again, and may be deleted.
 */
export class LayerCache {
  private readonly building = new Map<string, Promise<AssembledLayer>>();

  /** @param hashes digests of source files; by default remembered in the same directory. */
  constructor(
    private readonly directory: string,
    private readonly hashes: HashCache = new HashCache(directory),
  ) {}

  /** Entries of declared content, see {@link resolveLayer}; digests of files are remembered. */
  async resolve(
    root: string,
    files: readonly LayerFile[],
    options: Omit<ResolveLayerOptions, "hashes"> = {},
  ): Promise<LayerEntry[]> {
    const entries = await resolveLayer(root, files, { ...options, hashes: this.hashes });
    await this.hashes.save();
    return entries;
  }

  /**
   * The layer of declared content: from the cache, or made now.
   *
   * @throws LayerContentError for content that cannot be in a layer
   * @throws DigestMismatchError where a source changed meanwhile.
   */
  async build(
    root: string,
    files: readonly LayerFile[],
    options: BuildLayerOptions,
  ): Promise<AssembledLayer> {
    return this.buildEntries(await this.resolve(root, files, options), options);
  }

  /** The layer of entries: from the cache, or made now. */
  async buildEntries(entries: readonly LayerEntry[], options: WriteLayerOptions): Promise<AssembledLayer> {
    const recipe = layerRecipe(entries, options.compression, options.mtimeSeconds);
    const running = this.building.get(recipe);
    if (running) return running;
    const building = this.lookup(recipe).then((found) => found ?? this.make(recipe, entries, options));
    this.building.set(recipe, building);
    try {
      return await building;
    } finally {
      this.building.delete(recipe);
    }
  }

  /**
   * The layer of a recipe; undefined where it is not in the cache, or its blob has not the size
   * that it should have. What the blob holds is checked by whoever uploads it; see {@link discard}.
   */
  async lookup(recipe: string): Promise<AssembledLayer | undefined> {
    const record = await this.readRecord(this.recordPath(recipe));
    if (!record) return undefined;
    const path = this.blobPath(record.digest);
    try {
      if ((await stat(path)).size !== record.size) return undefined;
      const now = new Date();
      // The time of modification says when it was last used: access times are often switched off.
      await Promise.all([utimes(path, now, now), utimes(this.recordPath(recipe), now, now)]);
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
    const { digest, size, diffId, compression } = record;
    return { mediaType: layerMediaTypes[compression], digest, size, diffId, recipe, path };
  }

  /**
   * Opens a layer by its digest: its bytes are checked before. Undefined where the cache does not have
   * it, or has other bytes in its place.
   */
  async open({ digest, size }: Pick<Descriptor, "digest" | "size">): Promise<Readable | undefined> {
    const path = this.blobPath(digest);
    try {
      if ((await stat(path)).size !== size) return undefined;
      if ((await hashFile(path)).digest !== digest) return undefined;
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
    return failingWhenRead(createReadStream(path, { highWaterMark: readSize }));
  }

  /** Forgets a layer whose blob turned out to be damaged; the next build makes it again. */
  async discard(layer: Pick<AssembledLayer, "recipe" | "digest">): Promise<void> {
    await rm(this.recordPath(layer.recipe), { force: true });
    await rm(this.blobPath(layer.digest), { force: true });
  }

  /**
   * Removes the layers that were not used for longest until the rest takes no more than a limit,
   * and what processes that died left behind. Returns the number of bytes freed.
   *
   * @param limit in bytes; default 20 GiB
   * @param inUseSince layers that were used since then stay, in milliseconds since 1970; default:
   * none
   * @param others what is kept beside them, under the same limit
   */
  async prune(
    limit: number = defaultLimit,
    inUseSince = Infinity,
    others: readonly CachedItem[] = [],
  ): Promise<number> {
    const items = [...others];
    let freed = 0;
    const isAbandoned = (used: number) => used < Date.now() - abandonedMilliseconds;
    for (const { path, size, used } of await this.list(this.blobDirectory())) {
      const isTemporary = isTemporaryName(path);
      const remove = () => rm(path, { force: true });
      if (isTemporary && isAbandoned(used)) {
        await remove();
        freed += size;
      } else items.push({ size, used: isTemporary ? Infinity : used, remove });
    }
    freed += await removeLeastUsed(items, limit, inUseSince);
    for (const { path, used } of await this.list(join(this.directory, "layers"))) {
      // Somebody is writing it, and it is no record before that is done.
      if (isTemporaryName(path) && !isAbandoned(used)) continue;
      const record = await this.readRecord(path);
      if (!record || !(await exists(this.blobPath(record.digest)))) await rm(path, { force: true });
    }
    return freed;
  }

  private async make(
    recipe: string,
    entries: readonly LayerEntry[],
    options: WriteLayerOptions,
  ): Promise<AssembledLayer> {
    await mkdir(this.blobDirectory(), { recursive: true });
    const temporary = temporaryName(join(this.blobDirectory(), digestFileName(recipe)));
    let written: WrittenLayer;
    try {
      written = await writeLayer(temporary, entries, options);
      await rename(temporary, this.blobPath(written.digest));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    const record: LayerRecord = { version: recordVersion, compression: options.compression, ...written };
    await writeFileAtomically(this.recordPath(recipe), JSON.stringify(record));
    const mediaType = layerMediaTypes[options.compression];
    return { mediaType, ...written, recipe, path: this.blobPath(written.digest) };
  }

  private async readRecord(path: string): Promise<LayerRecord | undefined> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
    try {
      const record = JSON.parse(text) as Partial<LayerRecord>;
      return isRecord(record) ? record : undefined;
    } catch {
      return undefined;
    }
  }

  private async list(directory: string): Promise<{ path: string; size: number; used: number }[]> {
    const found: { path: string; size: number; used: number }[] = [];
    for (const name of await readdir(directory).catch(emptyIfMissing)) {
      const path = join(directory, name);
      // Another process may be pruning too.
      const stats = await lstat(path).catch(undefinedIfMissing);
      if (stats?.isFile()) found.push({ path, size: stats.size, used: stats.mtimeMs });
    }
    return found;
  }

  private blobDirectory(): string {
    return join(this.directory, "blobs", "sha256");
  }

  private blobPath(digest: string): string {
    return join(this.blobDirectory(), digestFileName(digest));
  }

  private recordPath(recipe: string): string {
    return join(this.directory, "layers", `${digestFileName(recipe)}.json`);
  }
}

function isRecord(record: Partial<LayerRecord>): record is LayerRecord {
  return (
    record.version === recordVersion &&
    typeof record.size === "number" &&
    isDigest(record.digest ?? "") &&
    isDigest(record.diffId ?? "") &&
    record.compression !== undefined &&
    record.compression in layerMediaTypes
  );
}

function emptyIfMissing(error: unknown): string[] {
  if (isMissingFile(error)) return [];
  throw error;
}

function undefinedIfMissing(error: unknown): undefined {
  if (isMissingFile(error)) return undefined;
  throw error;
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(undefinedIfMissing)) !== undefined;
}
