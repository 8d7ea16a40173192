import { stat } from "node:fs/promises";
import * as path from "node:path";
import { glob } from "tinyglobby";
import { BuildError } from "./command-spec";

/** Gives the digest of a file's content, from a cache where the file is unchanged. */
export type FileDigest = (absolutePath: string) => Promise<string>;

/** A file that a command reads: path relative to its folder, mode (`0644` or `0755`), digest. */
export type SourceFile = readonly [path: string, mode: string, digest: string];

/**
 * Returns what patterns match in a folder, sorted by path. A pattern without any file is a mistake,
 * most often of spelling.
 *
 * @throws BuildError naming the folder or pattern, where either has nothing
 */
export async function sourceFiles(
  directory: string,
  patterns: readonly string[],
  fileDigest: FileDigest,
): Promise<SourceFile[]> {
  const folder = await stat(directory).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new BuildError(`directory: there is no folder ${JSON.stringify(directory)}`);
  }
  return Promise.all(
    (await matches(directory, patterns)).map(async (file): Promise<SourceFile> => {
      const absolute = path.join(directory, file);
      const { mode } = await stat(absolute);
      return [file, (mode & 0o111) === 0 ? "0644" : "0755", await fileDigest(absolute)];
    }),
  );
}

async function matches(directory: string, patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const files = await glob(pattern, {
      cwd: directory,
      dot: true,
      onlyFiles: true,
      ignore: ["**/.git/**", "**/node_modules/**", ".slipway/**"],
    });
    const isExclusion = pattern.startsWith("!");
    if (files.length === 0 && !isExclusion) {
      throw new BuildError(
        `sources: no file matches ${JSON.stringify(pattern)} in ${directory} (a valid example: "**/*.go")`,
      );
    }
    for (const file of files) found.add(file);
  }
  return [...found].sort();
}
