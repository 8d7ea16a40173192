import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

import { cacheDirectory } from "./cache-directory.cjs";
import { runChild } from "./child.cjs";
import { builtPath, cachedTool, type GoTool, linkerFlags, pinnedVersion, requiredGo } from "./go-tool";
import { withLock } from "./lock.cjs";
import { isOwnFolder } from "./private-folder.cjs";
import { REPOSITORY } from "./repository";
import { findOnPath } from "./search-path";
import { SetupError } from "./setup-error";
import { toolCache } from "./tool-cache";
import { plainEnvironment } from "./child-environment";

const PROGRESS_INTERVAL_MS = 10_000;
/** Lines of the compiler's output that are kept for the error message. */
const KEPT_LINES = 15;

export interface GoBuildOptions {
  /** Told what goes on, one line at a time. */
  onProgress?: (line: string) => void;
  /** Environment for Go and for finding it and the cache (default: this process's). */
  env?: NodeJS.ProcessEnv;
}

/**
 * The path of a pinned Go tool, built first if the cache does not have it. However many processes
 * ask at once, one builds and the others wait.
 * @throws SetupError if Go is missing or too old, or the build fails.
 */
export async function ensureGoTool(tool: GoTool, options: GoBuildOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const onProgress = options.onProgress ?? (() => undefined);
  const moduleDir = isAbsolute(tool.moduleDir) ? tool.moduleDir : join(REPOSITORY, tool.moduleDir);
  const cache = toolCache(env);
  const present = cachedTool(tool, moduleDir, cache);
  if (present !== undefined) return present;
  const path = builtPath(tool, moduleDir, cache);
  return withLock(
    `${dirname(path)}.lock`,
    {
      onWait: (holder) =>
        onProgress(
          `another run is building ${tool.name} (process ${holder.pid} on ${holder.host}, since ${holder.since}); waiting`,
        ),
    },
    async () => {
      const meanwhile = cachedTool(tool, moduleDir, cache);
      if (meanwhile !== undefined) return meanwhile;
      await build(tool, moduleDir, path, env, onProgress);
      return path;
    },
  );
}

/**
 * The path of a pinned Go tool that was built before; undefined where it would have to be built.
 */
export function presentGoTool(tool: GoTool, env: NodeJS.ProcessEnv): string | undefined {
  const moduleDir = isAbsolute(tool.moduleDir) ? tool.moduleDir : join(REPOSITORY, tool.moduleDir);
  const cache = cacheDirectory(env);
  return isOwnFolder(cache) ? cachedTool(tool, moduleDir, cache) : undefined;
}

async function build(
  tool: GoTool,
  moduleDir: string,
  path: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const version = pinnedVersion(tool, moduleDir);
  const go = findOnPath("go", env.PATH);
  if (go === undefined) throw missingGo(tool, moduleDir, version);
  const started = Date.now();
  onProgress(`building ${tool.name} ${version} with Go (about ${tool.aboutSeconds} s; once)`);
  mkdirSync(dirname(dirname(path)), { recursive: true });
  const next = mkdtempSync(`${dirname(path)}.next-`);
  const timer = setInterval(() => {
    const elapsed = Math.round((Date.now() - started) / 1000);
    onProgress(`building ${tool.name}: ${elapsed} s of about ${tool.aboutSeconds} s`);
  }, PROGRESS_INTERVAL_MS);
  try {
    // GOWORK: a workspace above this directory would replace the pins. CGO: what is built should
    // not depend on a C compiler being there. VCS stamping would make the program depend on this
    // repository's commit.
    const goEnv = { ...plainEnvironment(env), GOWORK: "off", CGO_ENABLED: "0" };
    const output: string[] = [];
    const result = await runChild(
      go,
      [
        "build",
        "-mod=readonly",
        "-trimpath",
        "-buildvcs=false",
        ...(tool.tags ? ["-tags", tool.tags.join(",")] : []),
        "-ldflags",
        linkerFlags(tool, moduleDir),
        "-o",
        join(next, tool.name),
        tool.package,
      ],
      {
        cwd: moduleDir,
        env: goEnv,
        stdio: ["ignore", "pipe", "pipe"],
        onStart: (child) => {
          for (const stream of [child.stdout, child.stderr]) {
            stream?.setEncoding("utf8").on("data", (text: string) => keepLines(output, text));
          }
        },
      },
    );
    if (result.code !== 0) {
      throw failedBuild(
        tool,
        version,
        moduleDir,
        result.signal ?? `exit code ${result.code}`,
        output.join(""),
      );
    }
    const goVersion = await promisify(execFile)(go, ["env", "GOVERSION"], { cwd: moduleDir, env: goEnv });
    const record = { tool: tool.name, version, go: goVersion.stdout.trim(), built: new Date().toISOString() };
    writeFileSync(join(next, "build.json"), `${JSON.stringify(record, null, 2)}\n`);
    rmSync(dirname(path), { recursive: true, force: true });
    renameSync(next, dirname(path));
  } finally {
    clearInterval(timer);
    rmSync(next, { recursive: true, force: true });
  }
  onProgress(`built ${tool.name} ${version} in ${Math.round((Date.now() - started) / 1000)} s`);
}

function keepLines(output: string[], text: string): void {
  output.push(text);
  const lines = output.join("").split(/(?<=\n)/);
  output.splice(0, output.length, ...lines.slice(-KEPT_LINES));
}

function missingGo(tool: GoTool, moduleDir: string, version: string): SetupError {
  const go = requiredGo(moduleDir);
  return new SetupError(
    `${tool.name} ${version} is not built yet, and there is no \`go\` on PATH to build it with.`,
    `Install Go ${go} or newer: https://go.dev/dl/ (Debian: apt-get install golang-go where it is new enough; ` +
      `macOS: brew install go), then run the command again.${tool.instead === "" ? "" : `\n${tool.instead}`}`,
  );
}

function failedBuild(
  tool: GoTool,
  version: string,
  moduleDir: string,
  how: string,
  output: string,
): SetupError {
  return new SetupError(
    `\`go build\` of ${tool.name} ${version} failed in ${moduleDir} (${how}):\n${output.trimEnd()}`,
    [hintFor(output, moduleDir), tool.instead].filter((line) => line !== "").join("\n"),
  );
}

function hintFor(output: string, moduleDir: string): string {
  if (/requires go >=|toolchain not available|invalid go version|unknown directive: tool/.test(output)) {
    return `Install Go ${requiredGo(moduleDir)} or newer (https://go.dev/dl/), or let Go fetch it: GOTOOLCHAIN=auto.`;
  }
  if (
    /dial tcp|no such host|i\/o timeout|connection refused|proxyconnect|TLS handshake|unrecognized import path|\b(403|404|410|50\d) /.test(
      output,
    )
  ) {
    return (
      "Go could not download a module. Check the network, HTTPS_PROXY, and GOPROXY (`go env GOPROXY`): " +
      "it must name a module proxy that this machine reaches, for example GOPROXY=https://proxy.golang.org,direct."
    );
  }
  if (/no space left on device/.test(output))
    return "Free some disk space, or set SLIPWAY_CACHE and GOCACHE to another disk.";
  return "";
}
