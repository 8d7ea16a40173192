import { readFileSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { EXAMPLES } from "../../tools/examples";
import { removeBuilder } from "../../embedded/builder";
import { embeddedAddress } from "../../embedded/address";
import { ensureRunning, stop } from "../../embedded/registry";
import { signedIn } from "../support/embedded-registry";
import { unmountBelow } from "../../system/mounts";
import { engineEnvironment, repository } from "../support/engine";
import { atExit } from "../support/processes";
import { basesData } from "./bases";

/** Options of {@link ExampleWorkspace.create}. */
export interface ExampleWorkspaceOptions {
  /** Whether its registry has what examples/bases publishes. Default: true. */
  bases?: boolean;
}

/**
 * A folder like the repository's for examples of their own: they share one embedded registry and one embedded builder,
 * which are real, and started by what is tested.
 */
export class ExampleWorkspace {
  private constructor(
    /** Folder of the examples. */
    readonly examples: string,
    readonly root: string,
    readonly env: NodeJS.ProcessEnv,
    private readonly callOff: () => void,
  ) {}

  static async create(options: ExampleWorkspaceOptions = {}): Promise<ExampleWorkspace> {
    const root = await realpath(await mkdtemp(path.join(os.tmpdir(), "slipway-examples-")));
    const examples = path.join(root, "examples");
    await mkdir(path.join(root, "state"), { recursive: true });
    await mkdir(path.join(root, "node_modules"));
    await mkdir(examples);
    await cp(path.join(EXAMPLES, ".slipway-shared"), path.join(examples, ".slipway-shared"));
    // What an example finds in the repository: the package that it is in, and what that has installed.
    await symlink(repository, path.join(root, "node_modules", "slipway"));
    await symlink(
      path.join(repository, "node_modules", "@pulumi"),
      path.join(root, "node_modules", "@pulumi"),
    );
    for (const name of ["provider", "policies", "dist"]) {
      await symlink(path.join(repository, name), path.join(root, name));
    }
    if (options.bases !== false) {
      const data = path.join(examples, ".slipway", "registry", "data");
      await cp(await basesData(), data, { recursive: true });
    }
    const env = engineEnvironment(root);
    const callOff = atExit(() => endAll(path.join(examples, ".slipway")));
    return new ExampleWorkspace(examples, root, env, callOff);
  }

  /** Host of the embedded registry, which runs after this. */
  async registry(): Promise<string> {
    return ensureRunning(this.examples);
  }

  /** The same before it runs. */
  get host(): string {
    return embeddedAddress(this.examples);
  }

  /** Environment in which other clients may write to the embedded registry. */
  get signedIn(): { DOCKER_CONFIG: string } {
    return signedIn(this.examples, path.join(this.root, "signed-in"));
  }

  /** Stops registry and builder and removes everything. */
  async remove(): Promise<void> {
    await removeBuilder(this.examples, this.env);
    await stop(this.examples);
    this.callOff();
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What is left where a test process is ended. */
function endAll(folder: string): void {
  for (const server of ["registry", "builder"]) {
    try {
      const { pid } = JSON.parse(readFileSync(path.join(folder, server, "pid"), "utf8")) as { pid: number };
      process.kill(pid, "SIGKILL");
    } catch {
      // It does not run.
    }
  }
  unmountBelow(folder);
  try {
    rmSync(path.dirname(path.dirname(folder)), { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A run of the CLI still writes there.
  }
}
