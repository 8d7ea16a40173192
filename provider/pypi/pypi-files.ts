import { stat } from "node:fs/promises";
import * as path from "node:path";
import { parseFileName, readCoreMetadata } from "../../lib/channels/pypi/distribution-file";
import { indexRules, pypi } from "../../lib/channels/pypi/index-rules";
import { projectKey } from "../../lib/channels/pypi/name";
import { isSameVersion } from "../../lib/channels/pypi/version";
import type { UploadedFile } from "../../lib/channels/pypi/upload-form";
import { InputError, type Finding } from "../../resources/definitions/input-findings";
import type { pypiReleaseDefinition } from "../../resources/definitions/pypi-release";
import type { ResourceContext } from "../run/context";
import type { DeclaredOf } from "../run/resource";

type Declared = Pick<DeclaredOf<typeof pypiReleaseDefinition>, "project" | "version" | "files" | "index">;
type FileInput = Declared["files"][number];

/** The name of a file in the index. */
export function fileNameOf({ path: file }: Pick<FileInput, "path">): string {
  return path.basename(file);
}

/**
 * Digest of each declared file, by its name. A file whose digest is declared need not be on this
 * machine: it is asked for when it has to be uploaded.
 *
 * @throws InputError for files that are not of the project and version
 */
export async function fileDigests(
  context: ResourceContext,
  declared: Declared,
): Promise<Record<string, string>> {
  const findings: Finding[] = [];
  const digests: Record<string, string> = {};
  for (const [index, file] of declared.files.entries()) {
    const name = fileNameOf(file);
    try {
      if (Object.hasOwn(digests, name)) throw new Error("another file has the same name");
      checkOwn(declared, parseFileName(name), "its name");
      digests[name] = (await knownDigest(context, file)) ?? (await readFile(context, declared, file)).digest;
    } catch (error) {
      const reason = `${JSON.stringify(file.path)}: ${(error as Error).message}`;
      findings.push({ property: `files[${index}].path`, reason });
    }
  }
  await context.services.saveHashes();
  if (findings.length > 0) throw new InputError(findings);
  return digests;
}

/**
 * The file with all that an upload says of it, made where another resource makes it.
 *
 * @throws Error where it is not what it should be
 */
export async function readFile(
  context: ResourceContext,
  declared: Declared,
  { path: relative, digest: expected }: FileInput,
): Promise<UploadedFile> {
  await context.services.ensureFile(relative, context.observer);
  const file = path.resolve(context.services.project, relative);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new Error("there is no such file; paths are relative to the project's folder");
  const digest = await context.services.fileDigest(file);
  if (expected !== undefined && digest !== expected) {
    throw new Error(`has the digest ${digest}, not the declared ${expected}`);
  }
  const { upload } = declared.index ?? pypi;
  const metadata = await readCoreMetadata(file, indexRules(new URL(upload)).wantsSizesFirst);
  const named = parseFileName(path.basename(file));
  checkOwn(declared, { project: metadata.name, version: metadata.version }, "its metadata");
  return { path: file, size: found.size, digest, file: named, metadata };
}

/** The digest of a file that another resource makes, where it is not on this machine yet. */
async function knownDigest(context: ResourceContext, file: FileInput): Promise<string | undefined> {
  if (file.digest === undefined) return undefined;
  const isMade = context.services.made.find(file.path)?.digest === file.digest;
  const absolute = path.resolve(context.services.project, file.path);
  return isMade || !(await stat(absolute).catch(() => undefined)) ? file.digest : undefined;
}

/** @param where of the file says it */
function checkOwn(
  { project, version }: Pick<Declared, "project" | "version">,
  said: { project: string; version: string },
  where: string,
): void {
  if (projectKey(said.project) !== projectKey(project)) {
    throw new Error(
      `is of the project ${JSON.stringify(said.project)} by ${where}, not of ${JSON.stringify(project)}`,
    );
  }
  if (!isSameVersion(said.version, version)) {
    throw new Error(
      `is of the version ${JSON.stringify(said.version)} by ${where}, not ${JSON.stringify(version)}: let the build ` +
        "take the version that is released",
    );
  }
}
