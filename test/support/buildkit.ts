import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { runClient } from "./clients";
import { mayMount, unmountBelow } from "./docker";
import { atExit } from "./processes";
import { requirement } from "./requirement";
import { findTool, requireTools, toolPath } from "./tools";

/** Time that the daemon has to start, and again to end, in milliseconds. */
const patienceMs = 60_000;

/** A BuildKit daemon of a test. */
export interface BuildKit {
  /** Address of its socket, `unix://…`. */
  address: string;
  /** Lines that it has printed. */
  log(): string;
  stop(): Promise<void>;
}

/** Goes on where BuildKit can run; else the test or suite is not executed, and the report says why. */
export function requireBuildKit(context: Context): void {
  requirement(context, process.getuid?.() === 0, "BuildKit runs containers, which needs root here");
  requireTools(context, "buildkitd", "docker-buildx", "pulumi-resource-docker-build");
  requirement(context, findTool("runc"), "runc is not installed (apt-get install runc)");
  requirement(
    context,
    mayMount(),
    "needs the right to mount (CAP_SYS_ADMIN), which this container does not give",
  );
}

/** Makes the kernel run programs for arm64 by QEMU. Returns why it does not, or undefined. */
export function emulateArm64(): string | undefined {
  const folder = "/proc/sys/fs/binfmt_misc";
  const rule = "/usr/lib/binfmt.d/qemu-aarch64.conf";
  try {
    if (!existsSync(join(folder, "register"))) {
      execFileSync("mount", ["-t", "binfmt_misc", "binfmt_misc", folder], { stdio: "pipe" });
    }
    if (existsSync(join(folder, "qemu-aarch64"))) return undefined;
    if (!existsSync(rule)) return "QEMU's user emulation is not installed (apt-get install qemu-user-static)";
    writeFileSync(join(folder, "register"), readFileSync(rule, "utf8").trim());
    return undefined;
  } catch (error) {
    return `programs for arm64 cannot be run: ${(error as Error).message}`;
  }
}

/**
 * Starts a BuildKit daemon of its own, without a network for containers, with all that it has in a temporary folder.
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
    ...["--oci-worker-snapshotter", "native"],
  ];
  const logFile = join(folder, "log");
  const child = spawn(toolPath("buildkitd"), args, { stdio: ["ignore", "pipe", "pipe"] });
  const output = createWriteStream(logFile);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(output, { end: false });
    stream.setEncoding("utf8").on("data", (chunk: string) => (text = (text + chunk).slice(-100_000)));
  }
  const remove = () => {
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const callOff = atExit(() => {
    child.kill("SIGKILL");
    remove();
  });
  const ended = once(child, "close");
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
    output.end();
    remove();
    callOff();
  };
  const deadline = Date.now() + patienceMs;
  while (!(await accepts(socket))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`buildkitd did not start:\n${text.trim().split("\n").slice(-10).join("\n")}`);
    }
    await sleep(100);
  }
  return { address: `unix://${socket}`, log: () => text, stop };
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
