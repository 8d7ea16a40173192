import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cachedFolders, type CachedItem } from "../machine/least-used";
import { Semaphore } from "../machine/semaphore";
import { digestHex } from "../oci/digest";
import { BuildError, type BuiltFile, type CommandSpec, type ProgramObserver } from "./command-spec";
import type { FileDigest } from "./source-files";
import { runCommand } from "./run-command";

/** Names the results of a folder; written last, so a folder with it is whole. */
const recordName = ".record.json";

/** Where a command works until its result is whole. */
const workPrefix = ".building-";

/** No command runs for longer; what is older belongs to a run that was killed. */
const abandonedMilliseconds = 48 * 3_600_000;

/**
 * A program declares its commands one after another; once none has come for so long, there are no
 * more.
 */
const quietMilliseconds = 2_000;

const pollMilliseconds = 50;

/** Compilers use several processors by themselves, but spend much of their time on the disk. */
const defaultParallel = Math.max(2, availableParallelism());

/**
 * The results of commands, kept by the digest of their inputs. A result that is not on this
 * machine, because another one built it, is made again when its content is asked for.
 */
export class BuildStore {
  private readonly slots: Semaphore;
  /** When a command was last made known, or ended, in milliseconds since 1970. */
  private lastActivity = 0;
  private readonly known = new Map<string, CommandSpec>();
  private readonly running = new Map<string, Promise<Record<string, BuiltFile>>>();

  /**
   * @param project absolute folder that the paths in results are relative to
   * @param directory folder of the store, inside the project's
   * @param parallel most commands at once
   */
  constructor(
    private readonly project: string,
    private readonly directory: string,
    private readonly fileDigest: FileDigest,
    parallel: number = defaultParallel,
  ) {
    this.slots = new Semaphore(parallel);
  }

  /** Makes a command known, so that its files can be made when they are asked for. */
  register(inputsDigest: string, spec: CommandSpec): void {
    this.known.set(digestHex(inputsDigest), spec);
    this.lastActivity = Date.now();
  }

  /** Files of an earlier run with the same inputs, or undefined. */
  async lookup(inputsDigest: string): Promise<Record<string, BuiltFile> | undefined> {
    const folder = this.folder(digestHex(inputsDigest));
    const text = await readFile(path.join(folder, recordName), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const files = JSON.parse(text) as Record<string, BuiltFile>;
    for (const [name, file] of Object.entries(files)) {
      const absolute = path.join(folder, name);
      const intact = await this.fileDigest(absolute).catch(() => undefined);
      // A result changed by hand is no result of the command: it is made again.
      if (intact !== file.digest) return undefined;
    }
    await noteUse(folder);
    return files;
  }

  /** The results that are kept, for whoever limits what a cache takes. */
  async kept(): Promise<CachedItem[]> {
    return cachedFolders(this.directory, workPrefix);
  }

  /**
   * Files of a command: those of an earlier run, or those of a run now. Runs of the same inputs are
   * one.
   *
   * @throws BuildError
   */
  async build(
    inputsDigest: string,
    spec: CommandSpec,
    observer: ProgramObserver,
  ): Promise<Record<string, BuiltFile>> {
    const key = digestHex(inputsDigest);
    const running = this.running.get(key);
    if (running) return running;
    const build = this.lookup(inputsDigest).then(
      (found) => found ?? this.slots.use(() => this.run(key, spec, observer), observer.signal),
    );
    this.running.set(key, build);
    try {
      return await build;
    } finally {
      this.running.delete(key);
      this.lastActivity = Date.now();
    }
  }

  /**
   * Waits until the other commands of the program have ended. The engine starts nothing more once a
   * resource has failed, so a command that fails waits for the others before it says so: what can
   * be built is built, and kept.
   */
  async settled(signal?: AbortSignal): Promise<void> {
    while (this.running.size > 0 || Date.now() - this.lastActivity < quietMilliseconds) {
      if (signal?.aborted) return;
      await sleep(pollMilliseconds);
    }
  }

  /**
   * Makes sure that a file at a path of this store is on this machine. Other paths are left alone.
   *
   * @throws BuildError where it has to be made and its command is not declared any more
   */
  async ensure(projectPath: string, observer: ProgramObserver): Promise<void> {
    const relative = path.relative(this.directory, path.resolve(this.project, projectPath));
    const [key = "", name] = relative.split(path.sep);
    if (relative.startsWith("..") || name === undefined) return;
    if (await stat(path.join(this.directory, relative)).catch(() => undefined))
      return noteUse(this.folder(key));
    const spec = this.known.get(key);
    if (!spec) {
      throw new BuildError(
        `${projectPath} is the output of a command that is no longer declared, and is not on this machine`,
      );
    }
    await this.build(`sha256:${key}`, spec, observer);
  }

  private async run(
    key: string,
    spec: CommandSpec,
    observer: ProgramObserver,
  ): Promise<Record<string, BuiltFile>> {
    await mkdir(this.directory, { recursive: true });
    await this.removeAbandoned();
    const work = await mkdtemp(path.join(this.directory, workPrefix));
    try {
      await runCommand(spec, work, observer);
      const files = await this.collect(key, spec, work);
      await writeFile(path.join(work, recordName), JSON.stringify(files));
      await this.publish(work, this.folder(key));
      return files;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /** Removes what runs that were killed left behind. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      if (!name.startsWith(workPrefix)) continue;
      const folder = path.join(this.directory, name);
      const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
      if (age > abandonedMilliseconds) await rm(folder, { recursive: true, force: true });
    }
  }

  private async collect(key: string, spec: CommandSpec, work: string): Promise<Record<string, BuiltFile>> {
    const files: Record<string, BuiltFile> = {};
    for (const name of spec.outputs) {
      const found = await stat(path.join(work, name)).catch(() => undefined);
      if (!found?.isFile()) {
        throw new BuildError(
          `command left no file ${JSON.stringify(name)} in its output folder; ` +
            `it has to write there: {output}/${name} or $SLIPWAY_OUTPUT/${name}`,
        );
      }
      const relative = path.relative(this.project, path.join(this.folder(key), name));
      files[name] = {
        path: relative.split(path.sep).join("/"),
        digest: await this.fileDigest(path.join(work, name)),
        size: found.size,
      };
    }
    return files;
  }

  /**
   * Moves a finished folder to its place. One that is there already is damaged, or another run's
   * that was faster.
   */
  private async publish(work: string, folder: string): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await rename(work, folder);
        return;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
        const discarded = `${work}-old`;
        await rename(folder, discarded).catch(() => undefined);
        await rm(discarded, { recursive: true, force: true });
      }
    }
    throw new BuildError(`${folder} is being written by other runs again and again; try again`);
  }

  private folder(key: string): string {
    return path.join(this.directory, key);
  }
}

/** The time of modification says when it was last used: access times are often switched off. */
async function noteUse(folder: string): Promise<void> {
  const now = new Date();
  // Another process may have found it damaged, and be making it again.
  await utimes(folder, now, now).catch(() => undefined);
}
