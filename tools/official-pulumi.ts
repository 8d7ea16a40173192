import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

import type { GoBuildOptions } from "../lib/machine/go-build";
import { withLock } from "../lib/machine/lock.cjs";
import { archiveUrl, PULUMI_ARCHIVES, type PulumiArchives } from "../lib/machine/pulumi-archives";
import { toolCache } from "../lib/machine/tool-cache";
import { useProxiesOfEnvironment } from "../lib/oci/transport/process-proxy";

/** Archives, and for how long they are waited for. */
export interface OfficialArchives extends PulumiArchives {
  /** Milliseconds without an answer, or without a byte of the archive, after which it is given up. */
  patience: number;
}

const ARCHIVES: OfficialArchives = { ...PULUMI_ARCHIVES, patience: 5000 };

/** Bytes over which an archive is not the CLI; that of 3.259.0 has some 100 MB. */
const LARGEST = 1024 ** 3;

export interface OfficialOptions extends GoBuildOptions {
  /** Other archives, for tests. */
  archives?: OfficialArchives;
}

/** The official CLI that was downloaded before; undefined where there is none. Asks nobody. */
export function presentOfficialPulumi(options: OfficialOptions = {}): string | undefined {
  const wanted = wantedArchive(options);
  return wanted !== undefined && existsSync(wanted.program) ? wanted.program : undefined;
}

/**
 * Downloads the official CLI into the cache, unless SLIPWAY_DOWNLOADS=0. Nothing of an archive is
 * unpacked or run before its sum is the pinned one.
 *
 * `PulumiCommand.install` of the Automation API is not used: it runs a script that get.pulumi.com
 * has at the time, compares no sum, and waits two minutes for a host that does not answer.
 * @returns undefined where it cannot be had, after one line that says why
 */
export async function downloadOfficialPulumi(options: OfficialOptions = {}): Promise<string | undefined> {
  const env = options.env ?? process.env;
  const wanted = wantedArchive(options);
  if (wanted === undefined || env.SLIPWAY_DOWNLOADS === "0") return undefined;
  const onProgress = options.onProgress ?? (() => undefined);
  const { program, url } = wanted;
  const target = dirname(program);
  return withLock(
    `${target}.lock`,
    { onWait: (holder) => onProgress(`another run (process ${holder.pid}) is downloading the CLI; waiting`) },
    async () => {
      if (existsSync(program)) return program;
      onProgress(`downloading ${url} (once)`);
      mkdirSync(dirname(target), { recursive: true });
      const next = mkdtempSync(`${target}.next-`);
      try {
        await useProxiesOfEnvironment(env);
        const archive = join(next, "archive.tar.gz");
        await download(wanted, archive);
        const unpacked = join(next, "unpacked");
        mkdirSync(unpacked);
        await run("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"], env);
        const said = (await run(join(unpacked, "pulumi"), ["version"], env)).trim();
        if (said !== `v${wanted.version}`) throw new Error(`it says that it is version ${said}`);
        rmSync(target, { recursive: true, force: true });
        renameSync(unpacked, target);
        return program;
      } catch (error) {
        onProgress(
          `the official Pulumi CLI is not used (${url}: ${reasonOf(error)}); building it with Go instead`,
        );
        return undefined;
      } finally {
        rmSync(next, { recursive: true, force: true });
      }
    },
  );
}

interface WantedArchive extends OfficialArchives {
  url: string;
  sum: string;
  /** Where the program is, or will be. */
  program: string;
}

function wantedArchive({
  archives = ARCHIVES,
  env = process.env,
}: OfficialOptions): WantedArchive | undefined {
  const platform = `${process.platform}-${process.arch}`;
  const sum = archives.sums[platform];
  if (sum === undefined) return undefined;
  const url = archiveUrl(archives, platform);
  const folder = join(toolCache(env), "tools", `pulumi-official-${sum.slice(0, 16)}`);
  return { ...archives, url, sum, program: join(folder, "pulumi") };
}

async function download({ url, sum, patience }: WantedArchive, file: string): Promise<void> {
  const giveUp = new AbortController();
  const late = setTimeout(() => giveUp.abort(new Error(`nothing came for ${patience / 1000} s`)), patience);
  try {
    const response = await fetch(url, { signal: giveUp.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the answer is ${response.status}`);
    }
    const hash = createHash("sha256");
    let bytes = 0;
    const watched = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        late.refresh();
        bytes += chunk.length;
        if (bytes > LARGEST) throw new Error(`it has more than ${LARGEST} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body), watched, createWriteStream(file));
    const found = hash.digest("hex");
    if (found !== sum) throw new Error(`its SHA-256 is ${found}, not the pinned ${sum}`);
  } catch (error) {
    throw giveUp.signal.aborted ? giveUp.signal.reason : error;
  } finally {
    clearTimeout(late);
  }
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 60_000,
  });
  return stdout;
}

/** In one line; what `fetch` has to say is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const text = cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
  return text.trim().split("\n").slice(0, 1).join("");
}
