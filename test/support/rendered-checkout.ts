import { cp } from "node:fs/promises";
import * as path from "node:path";
import { stop } from "../../lib/embedded/registry";
import { runClient } from "./clients";
import { engineEnvironment, type EngineProject } from "./engine";
import { installPackage } from "./installed-package";

/** The repository of a project whose program has rendered its files, as a runner checks it out. */
export class RenderedCheckout {
  private constructor(
    readonly folder: string,
    /** What a job finds: neither the state nor the passphrase of the project. */
    readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * Renders the files of a project's program, and commits it as branch `main`, with the package
   * installed.
   *
   * @param config of its stack `dev`
   */
  static async of(
    project: EngineProject,
    config: Readonly<Record<string, string>>,
  ): Promise<RenderedCheckout> {
    const rendered = ["**:Distribution::*", "**:Document::**"].flatMap((one) => ["--target", one]);
    await project.succeed(["up", "--yes", "--skip-preview", ...rendered]);
    const beside = path.dirname(project.directory);
    const env = engineEnvironment(beside);
    for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_STACK"]) delete env[name];
    const checkout = new RenderedCheckout(path.join(beside, "checkout"), env);
    await cp(project.directory, checkout.folder, {
      recursive: true,
      filter: (file) => !/\/(node_modules|\.slipway|Pulumi\.dev\.yaml)$/.test(file),
    });
    await installPackage(checkout.folder);
    const values = Object.entries(config).map(([name, value]) => `  test:${name}: ${value}\n`);
    await project.write({
      "../checkout/Pulumi.dev.yaml": `config:\n${values.join("")}`,
      "../checkout/.gitignore": ".slipway/\nnode_modules/\ndist/\nslipway-diff.md\n",
    });
    await checkout.git("init", "--quiet", "--initial-branch=main");
    await checkout.git("add", "--all");
    await checkout.git("commit", "--quiet", "--message", "all of it");
    return checkout;
  }

  git(...args: string[]): Promise<string> {
    const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    return runClient("git", ["-C", this.folder, ...who, ...args]);
  }

  /** The next run has a checkout of its own. */
  async renew(): Promise<void> {
    await this.git("checkout", "--quiet", "--force", "main");
  }

  async stop(): Promise<void> {
    await stop(this.folder);
  }
}
