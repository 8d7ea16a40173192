import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { requireMounts, startDaemon } from "./daemon";
import { requirement } from "./requirement";
import { findTool, requireTools, toolPath } from "./tools";

export { emulateArm64 } from "../../lib/buildkit/emulation";

/** A BuildKit daemon of a test. */
export interface BuildKit {
  /** Address of its socket, `unix://…`. */
  address: string;
  stop(): Promise<void>;
}

/**
 * Goes on where BuildKit can run; else the test or suite is not executed, and the report says why.
 */
export function requireBuildKit(context: Context): void {
  requirement(context, process.getuid?.() === 0, "BuildKit runs containers, which needs root here");
  requireTools(context, "buildkitd", "docker-buildx", "pulumi-resource-docker-build");
  requirement(context, findTool("runc"), "runc is not installed (apt-get install runc)");
  requireMounts(context);
}

/**
 * Starts a BuildKit daemon of its own, without a network for containers, with all that it has in a
 * temporary folder. It keeps file systems in layers where the machine can mount such, else as whole
 * copies, as BuildKit finds out itself.
 *
 * @param registries hosts that it speaks plain HTTP to
 */
export async function startBuildKit(registries: readonly string[]): Promise<BuildKit> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-buildkit-"));
  const socket = join(folder, "buildkitd.sock");
  const config = join(folder, "buildkitd.toml");
  writeFileSync(config, registries.map((host) => `[registry."${host}"]\n  http = true\n`).join(""));
  const args = [
    ...["--config", config, "--addr", `unix://${socket}`, "--root", join(folder, "root")],
    ...["--oci-worker=true", "--containerd-worker=false", "--oci-worker-net", "host"],
  ];
  const stop = await startDaemon("buildkitd", args, folder, () => accepts(socket));
  return { address: `unix://${socket}`, stop };
}

/**
 * Buildx builders by name in a folder of their own.
 *
 * @returns the environment that makes buildx, and the plugin, use them
 */
export async function buildxBuilders(
  folder: string,
  builders: Readonly<Record<string, string>>,
): Promise<{ BUILDX_CONFIG: string }> {
  mkdirSync(folder, { recursive: true });
  const env = { BUILDX_CONFIG: folder, DOCKER_CONFIG: folder };
  for (const [name, address] of Object.entries(builders)) {
    await runClient("docker-buildx", ["create", "--name", name, "--driver", "remote", address], env);
  }
  return { BUILDX_CONFIG: folder };
}

/** Folder of the plugin, as a project names it. */
export function dockerBuildPlugin(): string {
  return dirname(toolPath("pulumi-resource-docker-build"));
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
