import { readFile, stat } from "node:fs/promises";
import * as path from "node:path";
import {
  ContextError,
  entriesRead,
  ignoreRulesOf,
  listContext,
  type ContextEntry,
} from "../../lib/dockerfile/context-tree";
import type { FailureLine } from "../../lib/dockerfile/failing-lines";
import { failureLines } from "../../lib/dockerfile/failure-lines";
import { stageContext, treeFolder } from "../../lib/dockerfile/staged-context";
import { digestHex, digestOf } from "../../lib/oci/digest";
import { isMissingFile } from "../../lib/machine/atomic-file";
import type { ImageCopy } from "../../resources/definitions/build-context";
import { InputError } from "../../resources/definitions/input-findings";
import type { ResourceContext } from "../run/context";

/** Most files that are named one by one in the state; beyond, folders are. */
const mostFiles = 1000;

/** Digits of a digest that are shown: enough to tell that a file is another one. */
const shownDigits = 16;

/** The inputs of a build, by paths relative to the project's folder. */
export interface BuildContextPaths {
  image: string;
  dockerfile: string;
  context?: string | undefined;
  folders?: Record<string, string> | undefined;
  /** Files that commands made, by context and folder in it. */
  builtFiles?: Record<string, Record<string, string>> | undefined;
  copies?: readonly ImageCopy[] | undefined;
}

/** A context as the builder gets it; paths are relative to the project's folder. */
export interface CopiedContext {
  digest: string;
  location: string;
  context: string;
  dockerfile: string;
  folders: Record<string, string>;
  /** Digest of each file by its path, those of another context after its name and `:`. */
  files: Record<string, string>;
  fileCount: number;
  failureLines: FailureLine[];
}

/** Text of a Dockerfile, with the declared copies. @throws InputError naming image and path */
export async function dockerfileText(
  project: string,
  { image, dockerfile, copies = [] }: BuildContextPaths,
): Promise<string> {
  try {
    const text = await readFile(path.resolve(project, dockerfile), "utf8");
    return copies.length === 0 ? text : `${text.trimEnd()}\n${copies.map(copyInstruction).join("")}`;
  } catch (error) {
    const reason = isMissingFile(error) ? "there is no such file" : (error as Error).message;
    throw new InputError([
      {
        property: "dockerfile",
        reason: `image ${image}: ${JSON.stringify(dockerfile)}: ${reason} (paths are relative to ${project}; a valid example: "docker/Dockerfile")`,
      },
    ]);
  }
}

function copyInstruction({ image, from, to = from }: ImageCopy): string {
  return `COPY --from=${image} ${from} ${to}\n`;
}

/**
 * Copies what a build reads below the cache.
 *
 * @param sources patterns of what is read of the main context; undefined for all
 * @throws InputError for a folder that is missing or cannot be read, naming image and path
 */
export async function copyContext(
  context: ResourceContext,
  inputs: BuildContextPaths,
  text: string,
  sources: readonly string[] | undefined,
): Promise<CopiedContext> {
  const { services } = context;
  const { project } = services;
  const own = path.join(project, ".slipway");
  const dockerfile = path.resolve(project, inputs.dockerfile);
  const trees = new Map<string, readonly ContextEntry[]>();
  const list = async (name: string, folder: string, property: string) => {
    const root = path.resolve(project, folder);
    try {
      const rules = await ignoreRulesOf(root, name === "" ? dockerfile : undefined);
      const entries = await listContext(root, rules, [own]);
      trees.set(name, name === "" && sources ? entriesRead(entries, sources) : entries);
    } catch (error) {
      if (!(error instanceof ContextError)) throw error;
      const reason =
        `image ${inputs.image}: context ${JSON.stringify(folder)}: ${error.message} ` +
        `(folders are relative to ${project}; a valid example: "docker/apps")`;
      throw new InputError([{ property, reason }]);
    }
  };
  await list("", inputs.context ?? ".", "context");
  for (const [name, folder] of Object.entries(inputs.folders ?? {})) {
    await list(name, folder, `folders.${name}`);
  }
  for (const [name, files] of Object.entries(inputs.builtFiles ?? {})) {
    trees.set(name, await builtEntries(context, files));
  }
  const digests = await fileDigests([...trees.values()].flat(), (file) => services.fileDigest(file));
  const staged = await stageContext(services.contexts, {
    dockerfile: { name: path.basename(dockerfile), text },
    trees,
    digests,
  });
  const relative = (place: string) => path.relative(project, place).split(path.sep).join("/");
  const names = [...trees.keys()].filter((name) => name !== "");
  return {
    digest: staged.digest,
    location: relative(staged.folder),
    context: relative(treeFolder(staged.folder)),
    dockerfile: relative(path.join(staged.folder, path.basename(dockerfile))),
    folders: Object.fromEntries(names.map((name) => [name, relative(treeFolder(staged.folder, name))])),
    files: summary(trees, digests, { [inputs.dockerfile]: digestText(text) }),
    failureLines: failureLines(text),
    fileCount: [...trees.values()].flat().filter(({ kind }) => kind !== "directory").length,
  };
}

/**
 * Files that commands made, each in its folder and under its own name, made again where they are
 * not on this machine.
 */
async function builtEntries(
  context: ResourceContext,
  files: Readonly<Record<string, string>>,
): Promise<ContextEntry[]> {
  const { services } = context;
  const entries: ContextEntry[] = [];
  for (const [folder, file] of Object.entries(files).sort()) {
    await services.ensureFile(file, context.observer);
    const source = path.resolve(services.project, file);
    const executable = ((await stat(source)).mode & 0o100) !== 0;
    entries.push({ path: `${folder}/${path.basename(file)}`, source, kind: "file", executable });
  }
  return entries;
}

async function fileDigests(
  entries: readonly ContextEntry[],
  digest: (file: string) => Promise<string>,
): Promise<Map<string, string>> {
  const files = entries.filter(({ kind }) => kind === "file");
  const digests = new Map<string, string>();
  for (const { source } of files) digests.set(source, await digest(source));
  return digests;
}

function digestText(text: string): string {
  return digestHex(digestOf(text)).slice(0, shownDigits);
}

/**
 * Returns what a preview compares: each file, or where there are too many, each folder down to the
 * depth that is few enough.
 */
function summary(
  trees: ReadonlyMap<string, readonly ContextEntry[]>,
  digests: ReadonlyMap<string, string>,
  first: Record<string, string>,
): Record<string, string> {
  const lines = [...trees].flatMap(([name, entries]) =>
    entries
      .filter(({ kind }) => kind !== "directory")
      .map((entry): [string, string] => [
        name === "" ? entry.path : `${name}:${entry.path}`,
        entry.kind === "symlink"
          ? `link to ${entry.target}`
          : `${digestHex(digests.get(entry.source) ?? "").slice(0, shownDigits)}${entry.executable ? " executable" : ""}`,
      ]),
  );
  if (lines.length <= mostFiles) return { ...Object.fromEntries(lines), ...first };
  for (let depth = 8; depth > 0; depth--) {
    const folders = new Map<string, string[]>();
    for (const [file, digest] of lines) {
      const parts = file.split("/");
      const folder = parts.length > depth ? `${parts.slice(0, depth).join("/")}/` : file;
      folders.set(folder, [...(folders.get(folder) ?? []), `${file}\0${digest}`]);
    }
    if (folders.size > mostFiles && depth > 1) continue;
    return {
      ...Object.fromEntries([...folders].map(([folder, of]) => [folder, digestText(of.join("\n"))])),
      ...first,
    };
  }
  return first;
}
