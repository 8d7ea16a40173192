import * as fs from "node:fs";
import * as path from "node:path";
import { digestHex, digestOf } from "../../lib/oci/digest";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../../lib/machine/process-identity.cjs";

/**
 * Which run of the engine a provider works for: its process, and the address that all its plugins
 * are given.
 */
export interface EngineRun {
  readonly pid: number;
  readonly address: string;
}

/**
 * Lines that the providers of one run of the engine share. A program with several providers, e.g.
 * with credentials of their own, has a process for each. They share a file of the project that only
 * its owner can read: it outlives the run only until the next one begins.
 */
export class RunRecord {
  private readonly file: string;
  private descriptor: number | undefined;
  /** Bytes that were read, all up to the last whole line. */
  private position = 0;
  private failure: string | undefined;

  /** @param folder folder of the records, which is made when the first line is written */
  constructor(
    private readonly folder: string,
    private readonly run: EngineRun,
  ) {
    const { pid, started } = identityOf(run.pid);
    const name = digestHex(digestOf(`${pid} ${started ?? ""} ${run.address}`)).slice(0, 16);
    this.file = path.join(folder, `${pid}-${name}.jsonl`);
  }

  /** Why lines of this process did not reach the others; undefined where they did. */
  get notShared(): string | undefined {
    return this.failure;
  }

  /**
   * Writes a line for the others. A folder that cannot be written leaves each process with what it
   * knows itself.
   */
  append(value: unknown): void {
    try {
      this.descriptor ??= this.open();
      // One call for each line: what several processes append to a file does not mix.
      fs.writeSync(this.descriptor, `${JSON.stringify(value)}\n`);
    } catch (error) {
      this.failure = (error as Error).message;
    }
  }

  /** The lines that were added since the last call, this process's own among them. */
  readNew(): unknown[] {
    let descriptor: number;
    try {
      descriptor = fs.openSync(this.file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    } catch {
      return [];
    }
    try {
      const stat = fs.fstatSync(descriptor);
      if (stat.size <= this.position || !isOwnersAlone(stat)) return [];
      const bytes = Buffer.alloc(stat.size - this.position);
      const length = fs.readSync(descriptor, bytes, 0, bytes.length, this.position);
      const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1;
      this.position += end;
      return bytes
        .subarray(0, end)
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  private open(): number {
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = fs.constants;
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.removeOthers();
    const descriptor = fs.openSync(this.file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    if (isOwnersAlone(fs.fstatSync(descriptor))) {
      const identity: ProcessIdentity = identityOf(this.run.pid);
      fs.writeSync(descriptor, `${JSON.stringify({ engine: identity })}\n`);
      return descriptor;
    }
    fs.closeSync(descriptor);
    throw new Error(`${this.file} can be written by others`);
  }

  /** Removes the records of runs that have ended. */
  private removeOthers(): void {
    for (const name of fs.readdirSync(this.folder)) {
      const file = path.join(this.folder, name);
      if (file !== this.file && hasEnded(file)) fs.rmSync(file, { force: true });
    }
  }
}

/**
 * Returns whether the engine that a record's first line names has ended. What cannot be told is
 * left alone.
 */
function hasEnded(file: string): boolean {
  try {
    const [line = ""] = fs.readFileSync(file, "utf8").split("\n", 1);
    return !isSameProcessAlive((JSON.parse(line) as { engine: ProcessIdentity }).engine);
  } catch {
    return false;
  }
}

/** Nobody else can have written what is in it. */
function isOwnersAlone({ uid, mode }: fs.Stats): boolean {
  return (process.getuid === undefined || uid === process.getuid()) && (mode & 0o022) === 0;
}
