import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { withLock } from "../lib/machine/lock.cjs";
import { newEncryptionSalt } from "./encryption-salt";
import { randomSecretIn } from "../lib/machine/random-secret";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../lib/machine/process-identity.cjs";
import { privateDirectory, type Project } from "./project";

/** The record of a stack: `.slipway/salt/STACK.json`. */
interface SaltRecord {
  /**
   * The value of `encryptionsalt`. Without it, and the passphrase, the secrets in the state cannot
   * be read.
   */
  salt: string;
  /** True if the stack file exists only to carry the salt. */
  onlySalt: boolean;
}

const SALT_LINE = /^encryptionsalt:[ \t]*["']?([^\s"']+)["']?[ \t]*\r?$/m;

/** Lines that say that another secrets provider than the passphrase encrypts this stack. */
const OTHER_PROVIDER = /^(encryptedkey:|secretsprovider:[ \t]*["']?(?!passphrase|default)[^\s"'])/m;

/**
 * Runs `work` with the encryption salt of every stack of the project in its stack file
 * (Pulumi.STACK.yaml), and takes it out again afterwards.
 *
 * A stack under a passphrase needs `encryptionsalt` in its stack file: with it and the passphrase
 * the CLI decrypts the state. The stack files are tracked, but this salt belongs to a state that
 * exists on this machine only. So it is kept in `.slipway/salt` and is in the stack file only while
 * a CLI runs; a file that holds secret values keeps it. After a run that was killed, the next one
 * cleans up. Only for the project's own throw-away backend.
 *
 * A salt that was in a stack file before, and is not one of ours, is left alone.
 * @param args the CLI's arguments: a stack that they name gets a salt even if it does not exist yet
 */
export async function withSalts<T>(
  project: Project,
  args: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const salts = new StackSalts(project);
  await salts.begin(args);
  try {
    return await work();
  } finally {
    await salts.end();
  }
}

/** Takes the salts out of the stack files where a killed run left them. */
export async function withdrawSalts(project: Project): Promise<void> {
  await new StackSalts(project).withdraw();
}

class StackSalts {
  private readonly directory: string;
  /** Stacks whose files had a salt that is not ours when this run began. */
  private readonly foreign = new Set<string>();

  constructor(private readonly project: Project) {
    this.directory = join(privateDirectory(project.directory), "salt");
  }

  /** Puts the salts in, and notes that this process needs them. */
  async begin(args: readonly string[]): Promise<void> {
    await this.locked(() => {
      mkdirSync(join(this.directory, "runs"), { recursive: true });
      writeFileSync(this.runFile(process.pid), JSON.stringify(identityOf(process.pid)));
      for (const stack of this.stacks()) this.putIn(stack, args);
    });
  }

  /** Takes them out, unless another run still needs them. */
  async end(): Promise<void> {
    await this.locked(() => {
      rmSync(this.runFile(process.pid), { force: true });
      const needed = this.otherRuns();
      for (const stack of this.stacks()) {
        if (!this.foreign.has(stack)) this.note(stack);
        if (!needed) this.takeOut(stack);
      }
    });
  }

  /** Takes out what earlier runs left in, and notes nothing. */
  async withdraw(): Promise<void> {
    if (!existsSync(this.directory)) return;
    await this.locked(() => {
      if (!this.otherRuns()) for (const stack of this.stacks()) this.takeOut(stack);
    });
  }

  private putIn(stack: string, args: readonly string[]): void {
    const file = this.stackFile(stack);
    const content = readIfPresent(file);
    const present = content === undefined ? undefined : SALT_LINE.exec(content)?.[1];
    const record = this.record(stack);
    if (present !== undefined) {
      // One of ours was left by a killed run, is in use by another one, or is kept because of
      // secret values.
      if (record === undefined) this.foreign.add(stack);
      return;
    }
    if (content !== undefined && (OTHER_PROVIDER.test(content) || /^\s*\{/.test(content))) return;
    if (record === undefined && this.stateFile(stack) === undefined && !isNamed(stack, args)) return;
    const salt = record?.salt ?? this.saltOfState(stack) ?? this.newSalt();
    // Remembered first: a salt must never be in use without being on disk.
    this.remember(stack, { salt, onlySalt: content === undefined });
    replaceFile(file, insertSalt(content ?? "", salt));
  }

  /** Remembers a salt that the CLI wrote, forgets that of a stack which is gone. */
  private note(stack: string): void {
    const content = readIfPresent(this.stackFile(stack));
    const record = this.record(stack);
    if (content === undefined) {
      if (record !== undefined && this.stateFile(stack) === undefined)
        rmSync(this.recordFile(stack), { force: true });
      return;
    }
    const salt = SALT_LINE.exec(content)?.[1];
    if (salt === undefined || salt === record?.salt) return;
    const onlySalt = removeSalt(content).trim() === "";
    this.remember(stack, { salt, onlySalt: record?.onlySalt ?? onlySalt });
  }

  private takeOut(stack: string): void {
    const file = this.stackFile(stack);
    const content = readIfPresent(file);
    const record = this.record(stack);
    if (content === undefined || record === undefined || SALT_LINE.exec(content)?.[1] !== record.salt) return;
    if (holdsSecrets(content)) return;
    const without = removeSalt(content);
    if (without.trim() === "" && record.onlySalt) rmSync(file, { force: true });
    else replaceFile(file, without);
  }

  private newSalt(): string {
    return newEncryptionSalt(randomSecretIn(join(privateDirectory(this.project.directory), "passphrase")));
  }

  /** The salt under which the stack's state was written last, if there is such a state. */
  private saltOfState(stack: string): string | undefined {
    const file = this.stateFile(stack);
    if (file === undefined) return undefined;
    const state = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint?: { latest?: { secrets_providers?: { type?: string; state?: { salt?: string } } } };
    };
    const provider = state.checkpoint?.latest?.secrets_providers;
    return provider?.type === "passphrase" ? provider.state?.salt : undefined;
  }

  private stateFile(stack: string): string | undefined {
    const stacks = join(privateDirectory(this.project.directory), "state", ".pulumi", "stacks");
    return [join(stacks, this.project.name, `${stack}.json`), join(stacks, `${stack}.json`)].find(existsSync);
  }

  /** Stacks with a stack file or a record. */
  private stacks(): Set<string> {
    const ofFile = readdirSync(this.project.directory).map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1]);
    const ofRecord = readdirSync(this.directory).map((name) => /^(.+)\.json$/.exec(name)?.[1]);
    return new Set([...ofFile, ...ofRecord].filter((stack) => stack !== undefined));
  }

  private otherRuns(): boolean {
    const runs = join(this.directory, "runs");
    if (!existsSync(runs)) return false;
    let others = false;
    for (const name of readdirSync(runs)) {
      const file = join(runs, name);
      const identity = JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
      if (isSameProcessAlive(identity)) others = true;
      else rmSync(file, { force: true });
    }
    return others;
  }

  private locked(work: () => void): Promise<void> {
    return withLock(join(this.directory, "lock"), {}, work);
  }

  private runFile(pid: number): string {
    return join(this.directory, "runs", String(pid));
  }

  private recordFile(stack: string): string {
    return join(this.directory, `${stack}.json`);
  }

  private record(stack: string): SaltRecord | undefined {
    const text = readIfPresent(this.recordFile(stack));
    return text === undefined ? undefined : (JSON.parse(text) as SaltRecord);
  }

  private remember(stack: string, record: SaltRecord): void {
    replaceFile(this.recordFile(stack), `${JSON.stringify(record)}\n`, 0o600);
  }

  private stackFile(stack: string): string {
    return join(this.project.directory, `Pulumi.${stack}.yaml`);
  }
}

/** True if the CLI's arguments name the stack: `dev`, `--stack=dev`, `organization/hello/dev`. */
function isNamed(stack: string, args: readonly string[]): boolean {
  return args.some((arg) => arg === stack || arg.endsWith(`/${stack}`) || arg.endsWith(`=${stack}`));
}

/**
 * The stack file with the salt as its last line; whether the last line ends with a line break stays
 * as it was.
 */
export function insertSalt(content: string, salt: string): string {
  const line = `encryptionsalt: ${salt}`;
  return content === "" || content.endsWith("\n") ? `${content}${line}\n` : `${content}\n${line}`;
}

/** The stack file without the line of the salt; undoes `insertSalt` to the byte. */
export function removeSalt(content: string): string {
  const match = SALT_LINE.exec(content);
  if (match === null) return content;
  const before = content.slice(0, match.index);
  const after = content.slice(match.index + match[0].length);
  return after === "" ? before.replace(/\n$/, "") : before + after.replace(/^\n/, "");
}

/** True if the stack file has an encrypted value (`secure: …`), which only its salt can decrypt. */
export function holdsSecrets(content: string): boolean {
  return content.split("\n").some((line) => /^[^#]*(^|[\s{,-])["']?secure["']?[ \t]*:/.test(line));
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function replaceFile(file: string, content: string, mode?: number): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, file);
}
