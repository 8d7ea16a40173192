import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { runChild } from "../lib/machine/child.cjs";
import type { GoBuildOptions } from "../lib/machine/go-build";
import { withLock } from "../lib/machine/lock.cjs";
import { REPOSITORY } from "../lib/machine/repository";
import { findOnPath } from "../lib/machine/search-path";
import { SetupError } from "../lib/machine/setup-error";
import { toolCache } from "../lib/machine/tool-cache";

/** Lines of npm's output that an error repeats. */
const KEPT_LINES = 15;

/** A program of npm's registry that only tests need, pinned with all that it needs by a lock file. */
export interface NodeTool {
  name: string;
  /** Folder of `package.json` and `package-lock.json`, relative to the repository. */
  folder: string;
  /** The program below `node_modules`. */
  program: string;
}

export const NODE_TOOLS = {
  // One binary a platform, each in a package of its own; there is one for Linux on x64.
  mise: { name: "mise", folder: "tools/npm/mise", program: "@jdxcode/mise-linux-x64/bin/mise" },
  verdaccio: { name: "verdaccio", folder: "tools/npm/verdaccio", program: "verdaccio/bin/verdaccio" },
} as const satisfies Record<string, NodeTool>;

/**
 * The path of a program, downloaded first if the cache does not have it. No script of a package is
 * run.
 * @throws SetupError if npm is missing, or it cannot be had.
 */
export async function ensureNodeTool(tool: NodeTool, options: GoBuildOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const source = join(REPOSITORY, tool.folder);
  const key = createHash("sha256")
    .update(readFileSync(join(source, "package-lock.json")))
    .digest("hex");
  const folder = join(toolCache(env), "tools", `${tool.name}-${key.slice(0, 16)}`);
  const path = join(folder, "node_modules", tool.program);
  if (existsSync(path)) return path;
  return withLock(`${folder}.lock`, {}, async () => {
    if (existsSync(path)) return path;
    const npm = findOnPath("npm", env.PATH);
    if (npm === undefined)
      throw new SetupError(`${tool.name} is had with npm, which is not on PATH.`, "Install npm.");
    options.onProgress?.(`downloading ${tool.name} (once)`);
    mkdirSync(dirname(folder), { recursive: true });
    const next = mkdtempSync(`${folder}.next-`);
    try {
      for (const file of ["package.json", "package-lock.json"]) cpSync(join(source, file), join(next, file));
      const output: string[] = [];
      const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", next];
      const result = await runChild(npm, args, {
        env,
        stdio: ["ignore", "pipe", "pipe"],
        onStart: (child) => {
          for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding("utf8").on("data", (text: string) => output.push(text));
          }
        },
      });
      if (result.code !== 0 || !existsSync(join(next, "node_modules", tool.program))) {
        const said = output.join("").trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
        throw new SetupError(
          `${tool.name} could not be had with npm (${result.signal ?? `exit code ${result.code}`}):\n${said}`,
          "Check the network, and npm's registry (`npm config get registry`).",
        );
      }
      rmSync(folder, { recursive: true, force: true });
      renameSync(next, folder);
      return path;
    } finally {
      rmSync(next, { recursive: true, force: true });
    }
  });
}
