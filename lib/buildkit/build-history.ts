import { execFile } from "node:child_process";
import { homedir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { parseBoundedJson } from "../oci/bounded-json";
import { presentGoTool } from "../machine/go-build";
import { GO_TOOLS } from "../machine/go-tool";
import { findOnPath, isExecutable } from "../machine/search-path";
import { givenTool } from "../machine/tool-path";
import { dockerEnvironment } from "../machine/child-environment";
import { fileNameProblem } from "../text/file-name";
import { cleanLine } from "../text/terminal";

/** Time that buildx has for one answer, in milliseconds. */
const patienceMs = 15_000;

/** Newest records that are looked at, as many as buildx lists. */
const recordsLooked = 50;

/** A builder's record of a build. */
export interface BuildRecord {
  readonly startedAt: string;
  readonly durationSeconds: number;
  /** Steps as BuildKit counts them, with its own for contexts and the export. */
  readonly steps: number;
  /** Those of the steps that were taken from the cache. */
  readonly cachedSteps: number;
}

/** Why a builder's history could not be read. */
export class BuildHistoryError extends Error {
  override readonly name = "BuildHistoryError";
}

interface Listed {
  ref: string;
  name?: string;
  status?: string;
}

interface Inspected {
  StartedAt?: string;
  Duration?: number;
  NumTotalSteps?: number;
  NumCachedSteps?: number;
  Attachments?: { Digest?: string }[];
}

/** Builders' records of their builds. Completed ones do not change, and are read once. */
export class BuildHistory {
  private readonly read = new Map<string, Promise<Inspected>>();

  /**
   * Returns what the builder remembers of the newest build that made a digest. The official
   * provider does not pass it on.
   *
   * @param builder name of the buildx builder; undefined for the one that buildx takes by itself
   * @param name of the record, as buildx derives it from the context's folder
   * @throws BuildHistoryError where there is no buildx, no answer, or no such record
   */
  async record(
    builder: string | undefined,
    name: string,
    digest: string,
    signal?: AbortSignal,
  ): Promise<BuildRecord> {
    const buildx = findBuildx();
    if (buildx === undefined) throw new BuildHistoryError("docker-buildx is not on this machine");
    const run = (...args: string[]) => ask(buildx, builder, args, signal);
    const listed = (await run("ls", "--format", "json", "--no-trunc"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => parse<Listed>(line))
      .filter((record) => record.name === name && record.status === "Completed");
    for (const { ref } of listed.slice(0, recordsLooked)) {
      const id = ref.slice(ref.lastIndexOf("/") + 1);
      // It becomes an argument of buildx.
      if (fileNameProblem(id) !== undefined) continue;
      const inspected = this.read.get(ref) ?? run("inspect", id, "--format", "json").then(parse<Inspected>);
      this.read.set(ref, inspected);
      inspected.catch(() => this.read.delete(ref));
      const record = await inspected;
      if (record.Attachments?.some((attached) => attached.Digest === digest)) return recordOf(record);
    }
    throw new BuildHistoryError(`the builder remembers no build of ${digest}`);
  }
}

/** @throws BuildHistoryError where buildx printed something else */
function parse<T extends object>(text: string): T {
  let value: unknown;
  try {
    value = parseBoundedJson(Buffer.from(text));
  } catch {
    // Said below.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as T;
  const [line = ""] = text.trimStart().split("\n", 1);
  throw new BuildHistoryError(
    `docker-buildx printed no record in JSON, but ${JSON.stringify(cleanLine(line))}`,
  );
}

function recordOf({ StartedAt, Duration, NumTotalSteps, NumCachedSteps }: Inspected): BuildRecord {
  return {
    startedAt: StartedAt ?? "",
    durationSeconds: Math.round((Duration ?? 0) / 1e6) / 1e3,
    steps: NumTotalSteps ?? 0,
    cachedSteps: NumCachedSteps ?? 0,
  };
}

async function ask(
  buildx: string,
  builder: string | undefined,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const named = builder === undefined ? [] : ["--builder", builder];
  try {
    const { stdout } = await promisify(execFile)(buildx, ["history", ...args, ...named], {
      timeout: patienceMs,
      env: dockerEnvironment(process.env),
      maxBuffer: 64 * 1024 * 1024,
      signal,
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const said = (stderr ?? "").trim().split("\n").at(-1);
    throw new BuildHistoryError(
      `docker-buildx history ${args[0]}: ${cleanLine(said === undefined || said === "" ? message : said)}`,
    );
  }
}

/**
 * Buildx as a program of its own, where Docker looks for the plugins of its command line, or as
 * pinned here if something else has needed that already.
 */
export function findBuildx(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const name = "docker-buildx";
  const own = env.DOCKER_CONFIG ?? path.join(homedir(), ".docker");
  const shared = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"];
  const plugins = [own, ...shared.map((folder) => path.join(folder, "docker"))];
  return (
    givenTool(name, env) ??
    findOnPath(name, env.PATH) ??
    plugins.map((folder) => path.join(folder, "cli-plugins", name)).find(isExecutable) ??
    presentGoTool(GO_TOOLS[name], env)
  );
}
