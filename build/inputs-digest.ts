import { stat } from "node:fs/promises";
import * as path from "node:path";
import { glob } from "tinyglobby";
import { digestOf } from "../oci/digest";
import { BuildError, type CommandSpec } from "./command-spec";

/** Gives the digest of a file's content, from a cache where the file is unchanged. */
export type FileDigest = (absolutePath: string) => Promise<string>;

/** Raised when what decides the output is described in another way, so that old results are not mistaken for new. */
const formatVersion = 1;

/**
 * Digest of everything that decides a command's output: command, environment, names of the outputs, and path, mode and
 * content of each source file.
 *
 * @throws BuildError where the folder or a pattern's files are missing
 */
export async function inputsDigest(spec: CommandSpec, fileDigest: FileDigest): Promise<string> {
  const folder = await stat(spec.directory).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new BuildError(`directory: there is no folder ${JSON.stringify(spec.directory)}`);
  }
  const files = await sourceFiles(spec);
  const sources = await Promise.all(
    files.map(async (file) => {
      const absolute = path.join(spec.directory, file);
      const { mode } = await stat(absolute);
      return [file, (mode & 0o111) === 0 ? "0644" : "0755", await fileDigest(absolute)];
    }),
  );
  return digestOf(
    JSON.stringify({
      formatVersion,
      command: spec.command,
      environment: Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1)),
      outputs: spec.outputs,
      sources,
    }),
  );
}

/** Source files of a command, sorted. A pattern without any file is a mistake, most often of spelling. */
async function sourceFiles(spec: CommandSpec): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of spec.sources) {
    const files = await glob(pattern, {
      cwd: spec.directory,
      dot: true,
      onlyFiles: true,
      ignore: ["**/.git/**", "**/node_modules/**", ".slipway/**"],
    });
    const isExclusion = pattern.startsWith("!");
    if (files.length === 0 && !isExclusion) {
      throw new BuildError(
        `sources: no file matches ${JSON.stringify(pattern)} in ${spec.directory} (a valid example: "**/*.go")`,
      );
    }
    for (const file of files) found.add(file);
  }
  return [...found].sort();
}
