import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { passphrase, StackFiles } from "./stack";
import { toolPath } from "./tools";

/** Folder of this repository. */
export const repository = path.resolve(__dirname, "..", "..");

/** What a run of the CLI did. */
export interface CliResult {
  code: number;
  /** Standard output and standard error, as a terminal would show them, without colors. */
  text: string;
}

/** Options of {@link EngineProject.create}. */
export interface EngineProjectOptions {
  /** Name of the project. Default: `test`. */
  name?: string;
  /**
   * Program, as TypeScript. `@slipway` (and `./components`, as this repository's own program has
   * it) stands for the package of this repository.
   */
  program: string;
  /** Further files, by path relative to the project's folder. */
  files?: Record<string, string>;
  /** Stack configuration: plain values. */
  config?: Record<string, string>;
  /** Stack configuration: secrets. */
  secrets?: Record<string, string>;
  /** Variables of the CLI's environment. */
  env?: Record<string, string>;
  /** Scripts, by name, that are programs on the CLI's PATH. */
  programs?: Record<string, string>;
  /**
   * Packages whose plugin is replaced by the stand-in that accepts every resource
   * (`stand-in-provider.cjs`).
   */
  standIns?: readonly string[];
  /** Official plugins, by package: the folder that has the program. */
  plugins?: Readonly<Record<string, string>>;
}

/**
 * A Pulumi project, run by the real CLI with a file backend, the project's language host and the
 * compiled provider.
 */
export class PulumiProject {
  constructor(
    readonly directory: string,
    private readonly root: string,
    /** Environment of the CLI. */
    readonly env: NodeJS.ProcessEnv,
    /** Stack that runs are about. */
    readonly stack = "dev",
  ) {}

  /** Writes files of the project. */
  async write(files: Record<string, string | Buffer>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.directory, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }

  /** Replaces the program. */
  async program(text: string): Promise<void> {
    // The compiled modules, as in a program of a user.
    const compiled = (name: string) => JSON.stringify(path.join(repository, "dist", name));
    const source = text
      .replaceAll(/"(@slipway|slipway)\/versions"/g, compiled("versions.js"))
      .replaceAll(/"(@slipway|slipway|\.\/components)"/g, compiled("components.js"));
    await this.write({ "index.ts": source });
  }

  /** Replaces Docker's `config.json` as the CLI and the provider see it. */
  async dockerConfig(config: object): Promise<void> {
    const folder = path.join(this.root, "docker");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "config.json"), JSON.stringify(config));
  }

  async read(name: string): Promise<string> {
    return readFile(path.join(this.directory, name), "utf8");
  }

  /** Copies a file or folder of the repository into the project. */
  async copy(from: string, to: string): Promise<void> {
    await cp(path.join(repository, from), path.join(this.directory, to), { recursive: true });
  }

  /** Runs the CLI. */
  async run(args: string[], options: { stdin?: string } = {}): Promise<CliResult> {
    return new Promise((resolve, reject) => {
      const { child, text } = this.start(args, options.stdin);
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, text: text() }));
    });
  }

  /** Starts the CLI and leaves it running, for tests that interrupt it. */
  start(args: string[], stdin = ""): { child: ReturnType<typeof spawn>; text: () => string } {
    const child = spawn(toolPath("pulumi"), [...args, "--non-interactive"], {
      cwd: this.directory,
      env: this.env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    child.stdin.end(stdin);
    return { child, text: () => text };
  }

  /** Runs the CLI and requires success. */
  async succeed(args: string[]): Promise<string> {
    const { code, text } = await this.run(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${code}\n${text}`);
    return text;
  }

  /** Runs the CLI and requires failure. */
  async fail(args: string[]): Promise<string> {
    const { code, text } = await this.run(args);
    if (code === 0) throw new Error(`pulumi ${args.join(" ")} succeeded, which it should not have\n${text}`);
    return text;
  }

  /** A plain preview: no flag that would refresh or force anything. */
  preview(): Promise<string> {
    return this.succeed(["preview", "--stack", this.stack, "--diff"]);
  }

  /** A plain update. */
  up(): Promise<string> {
    return this.succeed(["up", "--yes", "--stack", this.stack]);
  }

  /**
   * An update without the preview that the CLI makes first: half the time, and the unattended way.
   */
  upWithoutPreview(): Promise<string> {
    return this.succeed(["up", "--yes", "--skip-preview", "--stack", this.stack]);
  }

  /**
   * Arguments that make a run use the policy pack of this repository.
   *
   * @param config configuration of its rules, by name, written to a file of the project
   */
  async policyPack(config?: object, pack = path.join(repository, "policies")): Promise<string[]> {
    if (config === undefined) return ["--policy-pack", pack];
    await this.write({ "policies.json": JSON.stringify(config) });
    return ["--policy-pack", pack, "--policy-pack-config", path.join(this.directory, "policies.json")];
  }

  async outputs<T>(): Promise<T> {
    return JSON.parse(
      await this.succeed(["stack", "output", "--stack", this.stack, "--json", "--show-secrets"]),
    ) as T;
  }

  /** The whole state, as `pulumi stack export` writes it. */
  async state(): Promise<string> {
    return this.succeed(["stack", "export", "--stack", this.stack]);
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A project in a folder of its own, with a program that a test gives. */
export class EngineProject extends PulumiProject {
  private constructor(
    directory: string,
    root: string,
    env: NodeJS.ProcessEnv,
    private readonly files: StackFiles,
  ) {
    super(directory, root, env);
  }

  static async create(options: EngineProjectOptions): Promise<EngineProject> {
    const root = await mkdtemp(path.join(os.tmpdir(), "slipway-engine-"));
    const directory = path.join(root, "project");
    await mkdir(path.join(root, "state"), { recursive: true });
    await mkdir(directory);
    await mkdir(path.join(root, "programs"));
    for (const [program, script] of Object.entries(options.programs ?? {})) {
      await writeFile(path.join(root, "programs", program), script, { mode: 0o755 });
    }
    await symlink(path.join(repository, "node_modules"), path.join(directory, "node_modules"));
    for (const standIn of options.standIns ?? []) await writeStandIn(path.join(root, "stand-ins"), standIn);
    // The stack that `stack init` would have selected.
    const env = { ...engineEnvironment(root), PULUMI_STACK: "dev", ...options.env };
    const name = options.name ?? "test";
    const files = new StackFiles(directory, name, "dev");
    const project = new EngineProject(directory, root, env, files);
    await project.write({
      "Pulumi.yaml": [
        `name: ${name}`,
        "runtime:",
        "  name: nodejs",
        "  options:",
        "    typescript: false",
        `    nodeargs: --require ${path.join(repository, "lib", "program", "register.cjs")}`,
        "main: index.ts",
        "plugins:",
        "  providers:",
        "    - name: slipway",
        `      path: ${path.join(repository, "provider")}`,
        ...(options.standIns ?? []).flatMap((standIn) => [
          `    - name: ${standIn}`,
          `      path: ${path.join(root, "stand-ins")}`,
        ]),
        ...Object.entries(options.plugins ?? {}).flatMap(([plugin, folder]) => [
          `    - name: ${plugin}`,
          `      path: ${folder}`,
        ]),
        "",
      ].join("\n"),
      "package.json": JSON.stringify({ name, private: true }),
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "node20",
          moduleResolution: "node16",
          esModuleInterop: true,
          useDefineForClassFields: false,
        },
        "ts-node": { transpileOnly: true },
      }),
      ...options.files,
    });
    await project.program(options.program);
    await files.create(path.join(root, "state"));
    await files.set(options.config ?? {});
    await files.setSecrets(options.secrets ?? {});
    return project;
  }

  /** Sets values of the stack's configuration; undefined takes one away. */
  configure(config: Readonly<Record<string, string | undefined>>): Promise<void> {
    return this.files.set(config);
  }

  /** Sets a secret of the stack's configuration. */
  setSecret(key: string, value: string): Promise<void> {
    return this.files.setSecrets({ [key]: value });
  }
}

/** Environment of a CLI that has all it writes, and its programs, below a folder. */
export function engineEnvironment(root: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [
      path.join(root, "programs"),
      path.dirname(toolPath("pulumi")),
      path.join(repository, "tools", "language-host"),
      process.env.PATH,
    ].join(path.delimiter),
    PULUMI_HOME: path.join(root, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(root, "state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Nobody's own credentials take part in a test.
    DOCKER_CONFIG: path.join(root, "docker"),
    NO_COLOR: "1",
  };
}

/** The engine looks for a plugin under its package's name. */
async function writeStandIn(folder: string, name: string): Promise<void> {
  const script = path.join(repository, "test", "support", "stand-in-provider.cjs");
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, `pulumi-resource-${name}`),
    `#!/usr/bin/env node\nrequire(${JSON.stringify(script)});\n`,
    { mode: 0o755 },
  );
}

/** The counts that the CLI prints under "Resources:", e.g. `{ created: 1, unchanged: 7 }`. */
export function resourceCounts(text: string): Record<string, number> {
  const section = text.slice(text.lastIndexOf("Resources:")).split("\n\n")[0] ?? "";
  return Object.fromEntries(
    [...section.matchAll(/(\d+) (?:to )?(\w+)/g)]
      .map(([, count, what = ""]) => [what, Number(count)] as const)
      .filter(([what]) => what !== "changes"),
  );
}
