import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { dockerEnvironment } from "../machine/child-environment";
import { formatPlatform, normalizePlatform } from "../oci/platform";

/** Time that the engine has to say what it is, in milliseconds. */
const patienceMs = 15_000;

/** Time that the engine has to load an image, in milliseconds. */
const loadPatienceMs = 30 * 60_000;

/** Facts that a Docker engine reports about itself. */
export interface DockerEngineFacts {
  readonly version: string;
  /** Platform of the containers that it runs, `os/architecture`. */
  readonly platform: string;
}

/** An engine that is not there, or refuses. The message says what its command line said. */
export class DockerEngineError extends Error {
  override readonly name = "DockerEngineError";
}

/**
 * The Docker engine of this machine, by Docker's own command line: that knows contexts, TLS and SSH
 * as the user has them (DOCKER_HOST, DOCKER_CONTEXT).
 */
export class DockerEngine {
  constructor(private readonly signal?: AbortSignal) {}

  /** @throws DockerEngineError where no engine answers */
  async facts(): Promise<DockerEngineFacts> {
    const text = await this.run(["version", "--format", "{{json .Server}}"], patienceMs);
    const server = JSON.parse(text) as { Version?: string; Os?: string; Arch?: string } | null;
    if (!server?.Os || !server.Arch) throw new DockerEngineError("the engine does not report its platform");
    const platform = normalizePlatform({ os: server.Os, architecture: server.Arch });
    return { version: server.Version ?? "", platform: formatPlatform(platform) };
  }

  /** Id of the image that has a name; undefined where there is none. */
  async imageId(name: string): Promise<string | undefined> {
    try {
      return (await this.run(["image", "inspect", "--format", "{{.Id}}", name], patienceMs)).trim();
    } catch (error) {
      if (error instanceof DockerEngineError && /no such image/i.test(error.message)) return undefined;
      throw error;
    }
  }

  /** Loads the images of an archive as `docker save` makes it. */
  async load(archive: string): Promise<void> {
    await this.run(["load", "--quiet", "--input", archive], loadPatienceMs);
  }

  private async run(args: readonly string[], timeout: number): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)("docker", args, {
        timeout,
        env: dockerEnvironment(process.env),
        maxBuffer: 16 * 1024 * 1024,
        signal: this.signal,
      });
      return stdout;
    } catch (error) {
      const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
      if (code === "ENOENT") throw new DockerEngineError("the program `docker` is not on this machine");
      const said = (stderr ?? "").trim();
      throw new DockerEngineError(said === "" ? message : said);
    }
  }
}
