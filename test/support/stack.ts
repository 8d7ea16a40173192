import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { PUBLIC_PASSPHRASE } from "../../tools/public-stack";
import { encrypted, encryptionKey, encryptionSalt } from "./encryption";

/** Passphrase of the stacks of tests; copies of this repository's stack files have its salt. */
export const passphrase = PUBLIC_PASSPHRASE;

/**
 * One key for all stacks of a process: the CLI makes a new one for each, in a quarter of a second.
 */
const salt = randomBytes(8);
const key = encryptionKey(passphrase, salt);

/**
 * A stack that nothing was deployed to yet, and its configuration, in the files that `pulumi stack
 * init` and `pulumi config set` write. The CLI reads them; it is not started to write them.
 */
export class StackFiles {
  private readonly values = new Map<string, unknown>();

  /**
   * @param project folder of the project
   * @param projectName its name, which is the namespace of keys without one
   */
  constructor(
    private readonly project: string,
    private readonly projectName: string,
    private readonly stack: string,
  ) {}

  /** Writes the stack into the folder of a file backend. */
  async create(state: string): Promise<void> {
    const folder = path.join(state, ".pulumi", "stacks", this.projectName);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(state, ".pulumi", "meta.yaml"), "version: 1\n");
    const checkpoint = { stack: `organization/${this.projectName}/${this.stack}`, latest: {} };
    await writeFile(path.join(folder, `${this.stack}.json`), JSON.stringify({ version: 3, checkpoint }));
    await this.set({});
  }

  /** Sets plain values; undefined takes one away. */
  set(values: Readonly<Record<string, string | undefined>>): Promise<void> {
    return this.change(values, (value) => value);
  }

  /** Sets secrets. */
  setSecrets(values: Readonly<Record<string, string>>): Promise<void> {
    return this.change(values, (value) => ({ secure: encrypted(value, key) }));
  }

  private async change(
    values: Readonly<Record<string, string | undefined>>,
    written: (value: string) => unknown,
  ): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const full = name.includes(":") ? name : `${this.projectName}:${name}`;
      if (value === undefined) this.values.delete(full);
      else this.values.set(full, written(value));
    }
    // JSON is YAML.
    const content = { encryptionsalt: encryptionSalt(salt, key), config: Object.fromEntries(this.values) };
    await writeFile(path.join(this.project, `Pulumi.${this.stack}.yaml`), JSON.stringify(content));
  }
}
