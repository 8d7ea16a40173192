import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { ChannelError } from "../artifact";
import { checkPackageName } from "./package-name";

/** A project's own package, as its folder has it. */
export interface NpmProject {
  readonly name: string;
  /** Its `package.json`. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Bytes that npm prints of a package: a line a file. */
const listLimitBytes = 64 * 1024 * 1024;

/**
 * Reads the `package.json` of a folder.
 *
 * @throws ChannelError where there is none, or it is of no package that is published
 */
export function readNpmProject(folder: string): NpmProject {
  const file = path.join(folder, "package.json");
  let manifest: Record<string, unknown> | undefined;
  try {
    const parsed = JSON.parse(readFileSync(file, "utf8")) as unknown;
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      manifest = parsed as Record<string, unknown>;
  } catch (error) {
    throw new ChannelError("folder", `${file} cannot be read: ${(error as Error).message}`);
  }
  if (typeof manifest?.name !== "string")
    throw new ChannelError("folder", `${file} has no name (a valid example: { "name": "@acme/hello" })`);
  if (manifest.private === true)
    throw new ChannelError(
      "folder",
      `${file} says private: true, so npm publishes it nowhere: take that away`,
    );
  try {
    checkPackageName(manifest.name);
  } catch (error) {
    throw new ChannelError("folder", `${file}: ${(error as Error).message}`);
  }
  return { name: manifest.name, manifest };
}

/** The `package.json` of a version. */
export function versionedManifest({ manifest }: NpmProject, version: string): string {
  return `${JSON.stringify({ ...manifest, version }, undefined, 2)}\n`;
}

/**
 * The files of a folder that are in its package, as paths in it, sorted. npm itself says which, by `files`,
 * `.npmignore` and its own rules; it runs no script and asks no registry.
 *
 * @throws Error with what npm says where it cannot
 */
export async function packedFiles(folder: string): Promise<string[]> {
  const words = ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline", "--logs-max=0"];
  const quiet = ["--no-update-notifier", "--loglevel=error"];
  const run = promisify(execFile)("npm", [...words, ...quiet], { cwd: folder, maxBuffer: listLimitBytes });
  const { stdout } = await run.catch((error: unknown) => {
    const { stderr = "", message, code } = error as Error & { stderr?: string; code?: unknown };
    const words = stderr.trim() === "" ? message : stderr.trim();
    const said = code === "ENOENT" ? "npm is not installed" : words;
    throw new Error(`npm cannot say what is in the package of ${folder}: ${said}`, { cause: error });
  });
  const parsed = JSON.parse(stdout) as unknown;
  const [packed] = (Array.isArray(parsed) ? parsed : Object.values(parsed as object)) as {
    files?: { path: string }[];
  }[];
  const files = packed?.files?.map((file) => file.path);
  if (files === undefined || !files.includes("package.json"))
    throw new Error(`npm lists no files of the package of ${folder}`);
  return files.sort();
}
