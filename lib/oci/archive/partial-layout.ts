import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { withLock } from "../../machine/lock.cjs";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../../machine/process-identity.cjs";
import {
  isMissingFile,
  isTemporaryName,
  temporaryName,
  writeFileAtomically,
} from "../../machine/atomic-file";
import { isNotFound } from "../errors";
import { OciLayout } from "../layout";
import { manifestContent } from "../manifest-content";
import { isIndexMediaType, isManifestMediaType } from "../media-types";
import type { Descriptor } from "../types";
import { ArchiveError } from "./archive-error";
import type { ArchiveFile } from "./archive-file";
import { blobPath, childrenOf, LayoutReader, type LayoutFiles } from "./layout-reader";

/**
 * The archive that a partial layout was begun from. Identities are those of `ArchiveFile.identity`.
 */
interface Ground {
  base: string | null;
  /**
   * Identity of what is being made of it; where the archive has it, only the cleaning up is
   * missing.
   */
  sealing?: string;
}

/**
 * Directories that this process writes in; another one finds the writer's file in them. Of the
 * whole process, for that file tells processes apart, and not two objects of one.
 */
const claimed = new Set<string>();

/**
 * The layout in which the new content of an archive is collected: a directory `<archive>.partial`
 * next to it. It has the archive's manifests and tags and the new blobs; the blobs of the archive
 * stay where they are. It outlives its process, for the next one to go on. One writer at a time has
 * it.
 */
export class PartialLayout {
  /** For what is written. */
  readonly layout: OciLayout;
  /** For what is read: says the archive's name in messages. */
  readonly reader: LayoutReader;

  private constructor(
    private readonly directory: string,
    private readonly archive: ArchiveFile,
    private readonly name: string,
  ) {
    this.layout = new OciLayout(directory);
    this.reader = new LayoutReader(layoutFiles(directory), name);
  }

  /**
   * Opens the partial layout of an archive, begins it, or goes on with one that was left.
   *
   * @param name of the archive, for messages
   * @throws ArchiveError where another writer has it, or the archive is not the one that it was
   * begun from
   */
  static async open(archive: ArchiveFile, name: string): Promise<PartialLayout> {
    const directory = resolve(`${archive.path}.partial`);
    await claim(directory, name);
    try {
      await removeLeftOvers(archive.path);
      const partial = new PartialLayout(directory, archive, name);
      await partial.prepare();
      return partial;
    } catch (error) {
      await disclaim(directory);
      throw error;
    }
  }

  /**
   * Says what is about to become of it.
   * @throws ArchiveError where somebody replaced the archive meanwhile
   */
  async announce(sealing: string): Promise<void> {
    const { base } = await this.checkGround();
    await this.writeGround({ base, sealing });
  }

  /** @throws ArchiveError where the archive is not the one that this was begun from */
  async checkGround(): Promise<Ground> {
    const identity = await this.archive.identity();
    const ground = (await this.readGround()) ?? { base: identity };
    if (ground.base === identity) return ground;
    if (ground.sealing !== undefined && ground.sealing === identity) return { base: identity };
    throw new ArchiveError(
      `${this.name} ${identity === null ? "was removed" : "was replaced"} since ${this.directory} was begun from it: ` +
        `remove ${this.directory} to start again from what is there now, or put the former file back`,
    );
  }

  /** Removes a blob, so that it is sent again. Returns whether it was here. */
  async removeBlob(digest: string): Promise<boolean> {
    const present = (await this.layout.blobSize(digest)) !== undefined;
    await rm(join(this.directory, blobPath(digest)), { force: true });
    return present;
  }

  /** Lets the next writer in; what was collected stays. */
  async release(): Promise<void> {
    await disclaim(this.directory);
  }

  /** Removes everything, and lets the next writer in. */
  async remove(): Promise<void> {
    const temporary = temporaryName(this.directory);
    try {
      await rename(this.directory, temporary);
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    } finally {
      claimed.delete(this.directory);
    }
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }

  private async prepare(): Promise<void> {
    if (await this.readGround()) {
      const { base } = await this.checkGround();
      await this.writeGround({ base });
      return;
    }
    const base = await this.archive.identity();
    if (base !== null) await this.takeOver();
    // Last, for it says that the rest is complete.
    await this.writeGround({ base });
  }

  /** Takes over the archive's manifests and tags. */
  private async takeOver(): Promise<void> {
    const reader = new LayoutReader(this.archive, this.name);
    const index = await reader.index();
    const seen = new Set<string>();
    const take = async ({ digest, mediaType }: Descriptor): Promise<void> => {
      if (seen.has(digest) || !(isIndexMediaType(mediaType) || isManifestMediaType(mediaType))) return;
      seen.add(digest);
      let bytes: Buffer;
      try {
        ({ bytes } = await reader.getManifest(digest));
      } catch (error) {
        // An index may list what was not copied with it.
        if (isNotFound(error)) return;
        throw error;
      }
      await writeFileAtomically(join(this.directory, blobPath(digest)), bytes);
      if (!isIndexMediaType(mediaType)) return;
      for (const child of childrenOf(manifestContent(bytes))) await take(child);
    };
    for (const listed of index.manifests) await take(listed);
    await writeFileAtomically(join(this.directory, "index.json"), JSON.stringify(index));
    const version = (await this.archive.readAll("oci-layout")) ?? "";
    await writeFileAtomically(join(this.directory, "oci-layout"), version);
  }

  private async readGround(): Promise<Ground | undefined> {
    return readJson<Ground>(join(this.directory, "ground.json"));
  }

  private async writeGround(ground: Ground): Promise<void> {
    await writeFileAtomically(join(this.directory, "ground.json"), JSON.stringify(ground));
  }
}

async function claim(directory: string, name: string): Promise<void> {
  if (claimed.has(directory)) {
    throw new ArchiveError(
      `${name} is being written in this process already: seal or close that writer first`,
    );
  }
  claimed.add(directory);
  try {
    await withLock(`${directory}.lock`, {}, async () => {
      const writer = await readJson<ProcessIdentity>(join(directory, "writer.json"));
      if (writer && !isThisProcess(writer) && isSameProcessAlive(writer)) {
        throw new ArchiveError(
          `${name} is being written by process ${writer.pid} on ${writer.host}: wait until it ends` +
            (writer.host === identityOf(process.pid).host ? "" : `, or remove ${directory} if it has ended`),
        );
      }
      await mkdir(directory, { recursive: true });
      await writeFileAtomically(join(directory, "writer.json"), JSON.stringify(identityOf(process.pid)));
    });
  } catch (error) {
    claimed.delete(directory);
    throw error;
  }
}

/** A writer of this process that is not in `claimed` has let go. */
function isThisProcess(writer: ProcessIdentity): boolean {
  return JSON.stringify(writer) === JSON.stringify(identityOf(process.pid));
}

async function disclaim(directory: string): Promise<void> {
  await rm(join(directory, "writer.json"), { force: true });
  claimed.delete(directory);
}

/**
 * Removes what interrupted writers of the archive left under temporary names. For the one writer
 * that there is.
 */
async function removeLeftOvers(path: string): Promise<void> {
  const start = basename(path);
  for (const name of await readdir(dirname(path))) {
    if (!isTemporaryName(name)) continue;
    const of = name.replace(/\.\d+-[0-9a-f]{12}\.tmp$/, "");
    if (of !== start && of !== `${start}.partial`) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function layoutFiles(directory: string): LayoutFiles {
  const optional = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  };
  return {
    exists: async () => (await optional(stat(join(directory, "oci-layout")))) !== undefined,
    size: async (path) => (await optional(stat(join(directory, path))))?.size,
    readAll: (path) => optional(readFile(join(directory, path))),
  };
}

async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new ArchiveError(`${path} is damaged: remove ${dirname(path)} to start again`, { cause: error });
  }
}
