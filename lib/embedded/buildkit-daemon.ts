import { join } from "node:path";

import { unreachable } from "../buildkit/builder-endpoint";
import { mayMount } from "../machine/mounts";
import { ownFolder } from "../machine/private-folder.cjs";
import { SetupError } from "../machine/setup-error";
import { findOnPath } from "../machine/search-path";
import { toolPath } from "../machine/tool-path";
import type { GoBuildOptions } from "../machine/go-build";
import { builderDirectory, embeddedBuilderName } from "./builder-name";
import { launch, type Daemon } from "./daemon";
import { emulateArm64 } from "../buildkit/emulation";

const START_TIMEOUT_MS = 60_000;

/** Not below the project: the path of a socket has at most 107 bytes (unix(7)). */
const SOCKETS = "/run/slipway";

/** Environment variables that BuildKit may see: how it reaches the network, and where runc is. */
const PASSED_ON = [
  ...["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];

/** A project's own BuildKit. */
export function buildkitDaemon(projectDir: string): Daemon & { endpoint: string } {
  const directory = builderDirectory(projectDir);
  const endpoint = `unix://${join(SOCKETS, `${embeddedBuilderName(projectDir)}.sock`)}`;
  return {
    title: "embedded builder",
    directory,
    logFile: join(directory, "builder.log"),
    mark: configurationFile(projectDir),
    answers: async () => (await unreachable(endpoint)) === undefined,
    endpoint,
  };
}

/** BuildKit's configuration (docs/buildkitd.toml.md of BuildKit). */
export function configurationFile(projectDir: string): string {
  return join(builderDirectory(projectDir), "buildkitd.toml");
}

/** Returns why BuildKit cannot run containers on this machine, or undefined. */
export function hindrance(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform !== "linux") return `BuildKit does not run on ${process.platform} itself`;
  if (process.getuid?.() !== 0) return "BuildKit needs root to run containers, and this is another user";
  if (!mayMount())
    return "BuildKit needs the right to mount (CAP_SYS_ADMIN), which this container does not give";
  if (findOnPath("runc", env.PATH) === undefined)
    return "runc, which runs containers for BuildKit, is not on PATH";
  return undefined;
}

/** Starts the project's BuildKit and waits until it answers. @throws SetupError */
export async function startBuildkit(projectDir: string, options: GoBuildOptions): Promise<void> {
  const env = options.env ?? process.env;
  const daemon = buildkitDaemon(projectDir);
  const program = await toolPath("buildkitd", options);
  const why = emulateArm64();
  if (why !== undefined) options.onProgress?.(`the embedded builder runs no programs for arm64: ${why}`);
  if (!ownFolder(SOCKETS)) {
    throw new SetupError(
      `The embedded builder does not listen in ${SOCKETS}: other users can write there.`,
      `Remove that folder; it is made again.`,
    );
  }
  await launch(daemon, {
    command: program,
    args: [
      ...["--config", daemon.mark, "--addr", daemon.endpoint, "--root", join(daemon.directory, "root")],
      ...["--oci-worker=true", "--containerd-worker=false", "--oci-worker-net", "host"],
    ],
    env: Object.fromEntries(PASSED_ON.map((name) => [name, env[name]])),
    timeoutMs: START_TIMEOUT_MS,
    address: daemon.endpoint,
    hint: "If its files are damaged: `npx slipway clean` starts from nothing.",
  });
}
