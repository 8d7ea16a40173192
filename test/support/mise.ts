import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { toolPath } from "./tools";

/** A user's mise, which knows of nothing outside a folder. */
export class Mise {
  private constructor(
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * @param parent folder that it is in
   * @param platform as mise calls it, e.g. `macos/arm64`. Default: this machine's
   */
  static async in(parent: string, platform?: string): Promise<Mise> {
    const folder = await mkdtemp(path.join(parent, "mise-"));
    const [os, architecture] = platform?.split("/") ?? [];
    const places = ["DATA", "CACHE", "CONFIG", "STATE"].map(
      (name) => [`MISE_${name}_DIR`, path.join(folder, name)] as const,
    );
    return new Mise(folder, {
      PATH: process.env.PATH,
      HOME: folder,
      ...Object.fromEntries(places),
      MISE_YES: "1",
      ...(os !== undefined && { MISE_OS: os }),
      ...(architecture !== undefined && { MISE_ARCH: architecture }),
    });
  }

  /** Runs it and returns what it prints. @throws Error with what it says, where it fails */
  async run(...args: string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.env, timeout: 30_000 };
    return (await promisify(execFile)(toolPath("mise"), args, options)).stdout;
  }

  /** Folder of what it has installed. */
  async installed(tool: string): Promise<string> {
    return (await this.run("where", tool)).trim();
  }
}
