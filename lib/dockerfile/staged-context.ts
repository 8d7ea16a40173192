import { constants } from "node:fs";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { canonicalJson } from "../oci/canonical-json";
import { cachedFolders, type CachedItem } from "../machine/least-used";
import { digestHex, digestOf } from "../oci/digest";
import type { ContextEntry } from "./context-tree";

/** Inputs of a build, before they are copied. */
export interface ContextContent {
  /** Name and text of the Dockerfile. */
  readonly dockerfile: { readonly name: string; readonly text: string };
  /** Entries of the main context under `""`, and of each other local context under its name. */
  readonly trees: ReadonlyMap<string, readonly ContextEntry[]>;
  /** Digests of the files, by their path on this machine. */
  readonly digests: ReadonlyMap<string, string>;
}

/** A context as it is copied. */
export interface StagedContext {
  /** Digest of everything in it. */
  readonly digest: string;
  /** Folder of the copy, below the cache. */
  readonly folder: string;
}

/** Copies that no run has asked for in this time are removed. */
const keptMilliseconds = 14 * 24 * 3_600_000;

/** How the name of a folder begins that is not whole yet, or is no more. */
const workPrefix = ".staging-";

/**
 * Digest of a context: names, contents, links, and whether a file is executable. Not owners, times
 * and other bits of the mode, which differ between two checkouts of one commit and would make every
 * machine build everything again.
 */
export function contextDigest({ dockerfile, trees, digests }: ContextContent): string {
  const tree = (entries: readonly ContextEntry[]) =>
    entries.map(({ path, kind, executable, target, source }) => [
      path,
      kind,
      kind === "file" ? (digests.get(source) ?? "") : (target ?? ""),
      kind === "file" && executable,
    ]);
  return digestOf(
    canonicalJson({
      dockerfile: [dockerfile.name, dockerfile.text],
      trees: Object.fromEntries([...trees].map(([name, entries]) => [name, tree(entries)])),
    }),
  );
}

/** Folder of the main context, or of another one by name, in a copy. */
export function treeFolder(folder: string, name = ""): string {
  return name === "" ? join(folder, "context") : join(folder, "named", name);
}

/**
 * Copies a context into a folder that is named by its digest, unless it is there. The builder reads
 * the copy: it is what the preview has shown, whatever is edited meanwhile, and the official
 * provider's hash over modes and paths is the same on every machine (pulumi-docker-build#222).
 *
 * @param cache absolute folder of the copies
 */
export async function stageContext(cache: string, content: ContextContent): Promise<StagedContext> {
  const digest = contextDigest(content);
  const folder = join(cache, digestHex(digest).slice(0, 32));
  const now = new Date();
  if (await stat(folder).catch(() => undefined)) {
    await utimes(folder, now, now);
    return { digest, folder };
  }
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, workPrefix));
  try {
    await copy(work, content);
    await chmod(work, 0o755);
    await rename(work, folder).catch(async (error: unknown) => {
      // Another process was faster, with the same content.
      if (!(await stat(folder).catch(() => undefined))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await removeOld(cache, basename(folder), now.getTime());
  return { digest, folder };
}

/** The copies that are kept, for whoever limits what a cache takes. */
export function stagedContexts(cache: string): Promise<CachedItem[]> {
  return cachedFolders(cache, workPrefix);
}

async function copy(work: string, { dockerfile, trees }: ContextContent): Promise<void> {
  await writeFile(join(work, dockerfile.name), dockerfile.text, { mode: 0o644 });
  for (const [name, entries] of trees) {
    const root = treeFolder(work, name);
    await mkdir(root, { recursive: true, mode: 0o755 });
    for (const { path, source, kind, executable, target } of entries) {
      const place = join(root, path);
      await mkdir(kind === "directory" ? place : dirname(place), { recursive: true, mode: 0o755 });
      if (kind === "symlink") await symlink(target ?? "", place);
      if (kind !== "file") continue;
      await copyFile(source, place, constants.COPYFILE_FICLONE);
      await chmod(place, executable ? 0o755 : 0o644);
    }
  }
}

async function removeOld(cache: string, current: string, now: number): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name === current) continue;
    const folder = join(cache, name);
    const found = await stat(folder).catch(() => undefined);
    if (found && now - found.mtimeMs > keptMilliseconds) await rm(folder, { recursive: true, force: true });
  }
}
