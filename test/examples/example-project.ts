import { cp } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { EXAMPLES } from "../../tools/examples";
import { requireBuildKit } from "../support/buildkit";
import { PulumiProject } from "../support/engine";
import { requirement } from "../support/requirement";
import { findTool, requireTools } from "../support/tools";
import type { ExampleWorkspace } from "./example-workspace";

/** Platform of images that run on this machine without emulation. */
export const ownPlatform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";

/** Options of {@link ExampleProject.copyOf}. */
export interface ExampleProjectOptions {
  /** Stack, whose configuration file is used as it is. Default: `dev`. */
  stack?: string;
  /**
   * Configuration over that of the stack, e.g. where prod's endpoints are redirected; without the
   * project's name.
   */
  config?: Readonly<Record<string, string>>;
  /** The same for secrets. */
  secrets?: Readonly<Record<string, string>>;
  /** Examples of one workspace share a registry and a builder. It ends them all. */
  workspace: ExampleWorkspace;
  /** Folder of the example. Default: that of the repository's examples. */
  source?: string;
  /** Variables of the CLI's environment. */
  env?: Readonly<Record<string, string>>;
  /** Name of the folder, where an example is used twice. Default: the example's name. */
  folder?: string;
}

/**
 * Goes on where examples with Dockerfiles and base images can run; else the suite is not executed,
 * and says why.
 */
export function requireExamples(context: Context): void {
  requireTools(context, "pulumi", "registry", "crane");
  requireBuildKit(context);
  requirement(context, findTool("apt-get"), "apt-get makes the base images (Debian, Ubuntu)");
}

/** A copy of a real example, run by the real CLI against a real registry and builder. */
export class ExampleProject extends PulumiProject {
  private constructor(
    directory: string,
    env: NodeJS.ProcessEnv,
    stack: string,
    readonly workspace: ExampleWorkspace,
  ) {
    super(directory, workspace.root, env, stack);
  }

  static async copyOf(name: string, options: ExampleProjectOptions): Promise<ExampleProject> {
    const { workspace } = options;
    const directory = path.join(workspace.examples, options.folder ?? name);
    await cp(options.source ?? path.join(EXAMPLES, name), directory, {
      recursive: true,
      filter: (file) => path.basename(file) !== ".slipway",
    });
    const env = { ...workspace.env, ...options.env };
    const project = new ExampleProject(directory, env, options.stack ?? "dev", workspace);
    await project.succeed(["stack", "init", project.stack]);
    await project.configure(options.config ?? {}, options.secrets);
    return project;
  }

  /**
   * Sets values of the stack's configuration, by one run of the CLI for what is set; undefined
   * takes one away.
   */
  async configure(
    config: Readonly<Record<string, string | undefined>>,
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const set: string[] = [];
    for (const [key, value] of Object.entries(config)) {
      if (value === undefined) await this.succeed(["config", "rm", key, "--stack", this.stack]);
      else set.push("--plaintext", `${key}=${value}`);
    }
    for (const [key, value] of Object.entries(secrets)) set.push("--secret", `${key}=${value}`);
    if (set.length > 0) await this.succeed(["config", "set-all", ...set, "--stack", this.stack]);
  }

  /** Sets a value of the stack's configuration. */
  set(key: string, value: string): Promise<void> {
    return this.configure({ [key]: value });
  }

  /** Writes a file of the example, or changes the text that it has. */
  async edit(file: string, change: string | ((text: string) => string)): Promise<void> {
    await this.write({ [file]: typeof change === "string" ? change : change(await this.read(file)) });
  }

  /**
   * Declares images for this machine's own platform alone. That an image is there for each platform
   * is shown once, by the first release of an example; what comes later is the same for one as for
   * several, in half the time.
   */
  async onePlatform(): Promise<void> {
    await this.edit("index.ts", (text) => {
      const declared = `["linux/amd64", "linux/arm64"]`;
      if (!text.includes(declared)) throw new Error(`${this.directory}/index.ts has no ${declared}`);
      return text.replace(declared, JSON.stringify([ownPlatform]));
    });
  }

  /** A plain update that has to fail. Returns what the CLI printed. */
  failingUp(): Promise<string> {
    return this.fail(["up", "--yes", "--skip-preview", "--stack", this.stack]);
  }
}
