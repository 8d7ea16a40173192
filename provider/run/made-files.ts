import * as path from "node:path";
import type { Run } from "./run";

/** How a file in the project comes to be what is declared. */
export interface MadeFile {
  /** Relative to the project's folder. */
  readonly path: string;
  /** Digest that it has then. */
  readonly digest: string;
  /** Puts it in its place; one that is right is left alone. */
  place(): Promise<void>;
}

/**
 * Files in the project that follow from what is declared. They are made when they are declared anew,
 * and after that when somebody needs them: that one is not on this machine is no difference.
 */
export class MadeFiles {
  private readonly known = new Map<string, MadeFile & { readonly owner: string }>();

  /** @param project absolute folder that paths are relative to */
  constructor(
    private readonly project: string,
    private readonly run: Run,
  ) {}

  /** Makes known how the files of a resource are made; what it said before counts no more. */
  declare(owner: string, files: readonly MadeFile[]): void {
    for (const [key, made] of this.known) if (made.owner === owner) this.known.delete(key);
    for (const made of files) this.known.set(this.key(made.path), { ...made, owner });
  }

  /** What was made known of the file at a path in this run. */
  find(file: string): MadeFile | undefined {
    return this.known.get(this.key(file));
  }

  /** Makes sure that a file that was made known is in its place. Other paths are left alone. */
  async ensure(file: string): Promise<void> {
    // How it is made may have been said anew when its turn comes.
    await this.inTurn(file, async () => this.find(file)?.place());
  }

  /** Makes sure of every file that was made known so far, for a program that may look at any. */
  async ensureAll(): Promise<void> {
    for (const { path: file } of [...this.known.values()]) await this.ensure(file);
  }

  /**
   * Places a file, one after another for each path: who looks whether it is right must not meet who
   * puts it there.
   */
  async inTurn(file: string, work: () => Promise<void>): Promise<void> {
    await this.run.inTurn(`made: ${this.key(file)}`, work);
  }

  private key(file: string): string {
    return path.resolve(this.project, file);
  }
}
