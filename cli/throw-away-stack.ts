import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { RunCli } from "../lib/display/shown-run";
import { SetupError } from "../lib/machine/setup-error";

/** Values of a configuration, as `pulumi config --json` has them. */
type Config = Readonly<Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>>;

/**
 * A stack with the configuration of another one and a state of its own, in a temporary folder: a run of it neither takes
 * the lock of the other one nor changes its state. Secrets in it are encrypted with a passphrase that no file has.
 */
export class ThrowAwayStack {
  private constructor(
    private readonly cli: RunCli,
    private readonly project: string,
    private readonly folder: string,
    /** Name of the stack, which the program sees. */
    private readonly name: string,
    private readonly passphrase: string,
  ) {}

  /**
   * @param project folder of the project
   * @param stack whose configuration it takes. Default: the selected one
   * @throws SetupError where that has no configuration that can be read
   */
  static async of(cli: RunCli, project: string, stack: string | undefined): Promise<ThrowAwayStack> {
    const given =
      stack ?? (await captured(cli, ["stack", "--show-name", "--cwd", project], "the selected stack")).trim();
    const text = await captured(
      cli,
      ["config", "--json", "--show-secrets", "--cwd", project, "--stack", given],
      `the configuration of ${given}`,
    );
    const folder = mkdtempSync(path.join(tmpdir(), "slipway-stack-"));
    const name = given.slice(given.lastIndexOf("/") + 1);
    const made = new ThrowAwayStack(cli, project, folder, name, randomBytes(32).toString("hex"));
    try {
      await made.create(JSON.parse(text) as Config);
    } catch (error) {
      made.remove();
      throw error;
    }
    return made;
  }

  /** Runs the CLI on it, for the project. */
  get run(): RunCli {
    return (args, options) => this.cli(args, { ...options, env: { ...options.env, ...this.variables } });
  }

  /** Options that name the project, the stack and its configuration. */
  get options(): string[] {
    return ["--cwd", this.project, "--stack", this.name, "--config-file", this.file];
  }

  /** Resources of its state. */
  async resources(): Promise<{ type: string; inputs?: object; outputs?: object }[]> {
    const text = await captured(this.run, ["stack", "export", ...this.own], "the state of this run");
    const { deployment } = JSON.parse(text) as {
      deployment: { resources?: { type: string; inputs?: object; outputs?: object }[] };
    };
    return deployment.resources ?? [];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async create(config: Config): Promise<void> {
    mkdirSync(path.join(this.folder, "state"));
    mkdirSync(this.copy);
    const declared = ["Pulumi.yaml", "Pulumi.yml"].find((name) => existsSync(path.join(this.project, name)));
    if (declared === undefined) {
      throw new SetupError(
        `There is no Pulumi.yaml in ${this.project}.`,
        "Name the project's folder: -C DIRECTORY.",
      );
    }
    copyFileSync(path.join(this.project, declared), path.join(this.copy, declared));
    const init = ["--no-select", "--secrets-provider", "passphrase", "--cwd", this.copy];
    await captured(this.run, ["stack", "init", this.name, ...init], "a stack for this run");
    const entries = Object.entries(config);
    const plain = entries.filter(([, { secret }]) => secret !== true);
    // JSON is YAML.
    const values = Object.fromEntries(
      plain.map(([key, { value, objectValue }]) => [key, objectValue ?? value ?? ""]),
    );
    if (plain.length > 0) appendFileSync(this.file, `config: ${JSON.stringify(values)}\n`);
    for (const [key, { value = "", secret }] of entries) {
      if (secret !== true) continue;
      await captured(this.run, ["config", "set", "--secret", ...this.own, key], `the secret ${key}`, value);
    }
  }

  /** Folder of a project of the same name, where the CLI writes the configuration. */
  private get copy(): string {
    return path.join(this.folder, "project");
  }

  private get own(): string[] {
    return ["--cwd", this.copy, "--stack", this.name];
  }

  private get file(): string {
    const files = readdirSync(this.copy, { recursive: true, encoding: "utf8" });
    const found = files.find((file) => /^Pulumi\..+\.ya?ml$/.test(path.basename(file)));
    return path.join(this.copy, found ?? `Pulumi.${this.name}.yaml`);
  }

  private get variables(): NodeJS.ProcessEnv {
    return {
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, "state")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: this.passphrase,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    };
  }
}

/** @throws SetupError where the CLI fails; it has said why */
async function captured(cli: RunCli, args: readonly string[], what: string, stdin?: string): Promise<string> {
  let text = "";
  const { code } = await cli([...args, "--non-interactive"], {
    stdio: ["pipe", "pipe", "inherit"],
    onStart: (child) => {
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      child.stdin?.end(stdin ?? "");
    },
  });
  if (code !== 0)
    throw new SetupError(`${what}: \`pulumi ${args[0] ?? ""}\` has failed.`, "It has said why, above.");
  return text;
}
