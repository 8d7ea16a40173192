import { readFileSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { EXAMPLES } from "../../tools/examples";
import { removeBuilder } from "../../lib/embedded/builder";
import { embeddedAddress } from "../../lib/embedded/address";
import { ensureRunning, stop } from "../../lib/embedded/registry";
import { signedIn } from "../support/embedded-registry";
import { unmountBelow } from "../../lib/machine/mounts";
import { engineEnvironment, repository } from "../support/engine";
import { atExit } from "../support/processes";
import { basesData } from "./bases";
import { keepBuilderCache, takeBuilderCache } from "./builder-cache";

/** Options of {@link ExampleWorkspace.create}. */
export interface ExampleWorkspaceOptions {
  /** Whether its registry has what examples/bases publishes. Default: true. */
  bases?: boolean;
}

/** What a workspace has of the repository. */
const LINKED = ["node_modules", "provider", "policies", "dist"];

/**
 * The workspace of the suites that need none of their own, from the first one of them to the end of
 * the run.
 */
let shared: ExampleWorkspace | undefined;

after("the workspace that the suites share", async function () {
  this.timeout(300_000);
  await ExampleWorkspace.endShared();
});

/**
 * A folder like the repository's for examples of their own: they share one embedded registry and
 * one embedded builder, which are real, and started by what is tested.
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
    // What an example finds in the repository: the package that it is in, and what that has
    // installed.
    await symlink(repository, path.join(root, "node_modules", "slipway"));
    await symlink(
      path.join(repository, "node_modules", "@pulumi"),
      path.join(root, "node_modules", "@pulumi"),
    );
    for (const name of LINKED.filter((one) => one !== "node_modules")) {
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

  /**
   * The one workspace that the suites of a run use after each other. A suite finds it as {@link
   * create} makes it, with no example, no state, and the bases alone in the registry, but for the
   * builder: that one goes on, with all that it has.
   */
  static async shared(): Promise<ExampleWorkspace> {
    if (shared === undefined) {
      shared = await ExampleWorkspace.create();
      await takeBuilderCache(shared.examples);
    } else await shared.empty();
    return shared;
  }

  /** Removes the shared one, and keeps what its builder has for the next run. */
  static async endShared(): Promise<void> {
    if (shared === undefined) return;
    await keepBuilderCache(shared.examples, shared.env);
    await shared.end();
    shared = undefined;
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

  /** Takes away what the suite before has made. */
  private async empty(): Promise<void> {
    await stop(this.examples);
    const registry = path.join(this.examples, ".slipway", "registry", "data");
    await removeAllBut([...LINKED, "docker", "examples"], this.root);
    await removeAllBut(["buildx"], path.join(this.root, "docker"));
    await removeAllBut([".slipway", ".slipway-shared"], this.examples);
    await removeAllBut(["registry", "builder"], path.join(this.examples, ".slipway"));
    await rm(registry, { recursive: true, force: true });
    await cp(await basesData(), registry, { recursive: true });
    await mkdir(path.join(this.root, "state"));
  }

  /** Ends the use by a suite: one of its own stops registry and builder and removes everything. */
  async remove(): Promise<void> {
    if (this !== shared) await this.end();
  }

  private async end(): Promise<void> {
    await removeBuilder(this.examples, this.env);
    await stop(this.examples);
    this.callOff();
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function removeAllBut(kept: readonly string[], folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (kept.includes(name)) continue;
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
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
