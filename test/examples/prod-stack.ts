import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import type { CliResult } from "../support/engine";
import { toolPath } from "../support/tools";
import { ExampleProject } from "./example-project";
import type { ExampleWorkspace } from "./example-workspace";

const password = "of this test only";

/** A scanner that needs no network: it looks for secrets. */
const scan = { kinds: ["secret"], scanner: { name: "trivy", offline: true, databaseDirectory: "none" } };

/** What is asked of scans here, and a line of each rule that looks at something. */
export const withoutDatabase = {
  "promoted-tags-are-scanned": { requiredKinds: ["secret"] },
  "report-what-was-looked-at": { details: true },
};

/** What a run is made with: configuration of the stack, where undefined takes a key away. */
export type Configuration = Readonly<Record<string, string | undefined>>;

/** What the prod stack of an example is redirected to. */
export interface Redirection {
  /** With the base images that stand for those of Docker Hub. */
  workspace: ExampleWorkspace;
  /** Configuration instead of the stack's, by key without the project's name. */
  config: Readonly<Record<string, string>>;
  /** Variables of the CLI's environment. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Makes a copy of an example whose prod stack has its endpoints on this machine, by configuration
 * alone: it is built by the embedded builder, signed with a key of this test, and scanned without a
 * database.
 */
export async function redirectProd(
  example: string,
  { workspace, config, env }: Redirection,
): Promise<ExampleProject> {
  const project = await ExampleProject.copyOf(example, {
    stack: "prod",
    folder: `${example}-prod`,
    workspace,
    config: { builder: "embedded", scan: JSON.stringify(scan), ...config },
    env: {
      COSIGN_PASSWORD: password,
      PATH: [path.dirname(toolPath("trivy")), workspace.env.PATH].join(path.delimiter),
      ...env,
    },
  });
  const pair = await generateKeyPairFiles(password);
  await project.write({ "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey });
  return project;
}

/** The example's configuration of the policy pack, with other hosts. */
export async function redirectPolicies(
  project: ExampleProject,
  hosts: Readonly<Record<string, string>>,
): Promise<Record<string, object>> {
  let text = await readFile(path.join(project.directory, "policies.json"), "utf8");
  for (const [host, other] of Object.entries(hosts)) text = text.replaceAll(`"${host}/`, `"${other}/`);
  return { ...(JSON.parse(text) as Record<string, object>), ...withoutDatabase };
}

/** The prod stack of an example on registries of this machine, with the policy pack on. */
export abstract class ProdStack {
  protected constructor(
    readonly project: ExampleProject,
    /** The registry that stands for Docker Hub, where base images come from. */
    readonly host: string,
    private readonly policyPack: readonly string[],
  ) {}

  /** Digests of what is published, by image and tag. */
  abstract published(): Promise<Record<string, Record<string, string>>>;

  /** Changes the stack's configuration. */
  configure(configuration: Configuration): Promise<void> {
    return this.project.configure(configuration);
  }

  /** Runs the CLI on the stack, with the policy pack. */
  async run(command: readonly string[], configuration: Configuration = {}): Promise<CliResult> {
    await this.configure(configuration);
    return this.project.run([...command, "--stack", "prod", ...this.policyPack]);
  }

  /** What would change. @throws where the preview fails */
  async preview(configuration: Configuration = {}): Promise<string> {
    return succeeded(await this.run(["preview", "--diff"], configuration));
  }

  /** @throws where the update fails */
  async up(configuration: Configuration = {}): Promise<string> {
    return succeeded(await this.run(["up", "--yes", "--skip-preview"], configuration));
  }
}

function succeeded({ code, text }: CliResult): string {
  if (code !== 0) throw new Error(text);
  return text;
}
