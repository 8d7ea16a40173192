import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findTool } from "../../test/support/tools";
import type { GO_TOOLS } from "../../lib/machine/go-tool";
import { SetupError } from "../../lib/machine/setup-error";
import { toolPath } from "../../lib/machine/tool-path";

const run = promisify(execFile);

/** A tool that copies one image, with its tag, from one registry to another. */
export interface Peer {
  name: string;
  program: string;
  /**
   * Arguments that copy one image; both references are `HOST/PATH:TAG`, of registries without TLS.
   */
  copy: (source: string, target: string) => string[];
}

/** Images that a peer without concurrency of its own over images copies at once. */
export const peerConcurrency = 4;

const copies: Record<"crane" | "regctl" | "skopeo" | "oras", { name: string; copy: Peer["copy"] }> = {
  crane: { name: "crane copy", copy: (source, target) => ["copy", "--insecure", source, target] },
  regctl: {
    name: "regctl image copy",
    copy: (source, target) => [
      ...[source, target].flatMap((reference) => ["--host", `reg=${hostOf(reference)},tls=disabled`]),
      ...["image", "copy", source, target],
    ],
  },
  skopeo: {
    name: "skopeo copy --all",
    copy: (source, target) => [
      ...["--insecure-policy", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"],
      ...[`docker://${source}`, `docker://${target}`],
    ],
  },
  oras: {
    name: "oras cp -r",
    copy: (source, target) => ["cp", "-r", "--from-plain-http", "--to-plain-http", source, target],
  },
};

/**
 * The peers that can be had, built first where they are pinned here; for each of the others the
 * reason.
 */
export async function findPeers(
  say: (text: string) => void,
): Promise<{ peers: Peer[]; notExecuted: string[] }> {
  const peers: Peer[] = [];
  const notExecuted: string[] = [];
  for (const [tool, { name, copy }] of Object.entries(copies) as [keyof typeof copies, Peer][]) {
    try {
      const program = tool === "skopeo" ? findTool(tool) : await pinnedTool(tool, say);
      if (program === undefined) notExecuted.push(`${name}: not executed: ${tool} is not on PATH`);
      else peers.push({ name, program, copy });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      notExecuted.push(`${name}: not executed: ${error.message}`);
    }
  }
  return { peers, notExecuted };
}

function pinnedTool(tool: keyof typeof GO_TOOLS, say: (text: string) => void): Promise<string> {
  return toolPath(tool, { onProgress: (line) => say(`  ${line}`) });
}

/**
 * Copies images with a peer, some at once.
 *
 * @param pairs source and target reference of each
 * @param home folder for what the tool keeps; nobody's own credentials take part
 * @throws Error with what the tool said of the first image that it could not copy, when all have ended
 */
export async function copyAll(
  peer: Peer,
  pairs: readonly (readonly [source: string, target: string])[],
  home: string,
): Promise<void> {
  const env = { ...process.env, HOME: home, DOCKER_CONFIG: home, XDG_RUNTIME_DIR: home };
  const waiting = [...pairs];
  const failures: string[] = [];
  const work = async () => {
    for (let pair = waiting.shift(); pair; pair = waiting.shift()) {
      try {
        await run(peer.program, peer.copy(...pair), { env, maxBuffer: 64 * 1024 ** 2 });
      } catch (error) {
        const { stderr, message } = error as Error & { stderr?: string };
        failures.push(
          `${pair[1]}: ${(stderr === undefined || stderr === "" ? message : stderr).trim().split("\n").slice(-3).join("\n")}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: peerConcurrency }, work));
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${pairs.length} images were not copied; ${failures[0]}`);
  }
}

function hostOf(reference: string): string {
  return reference.slice(0, reference.indexOf("/"));
}
