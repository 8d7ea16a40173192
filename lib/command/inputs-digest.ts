import { digestOf } from "../oci/digest";
import type { CommandSpec } from "./command-spec";
import { sourceFiles, type FileDigest } from "./source-files";

/**
 * Raised when what decides the output is described in another way, so that old results are not
 * mistaken for new.
 */
const formatVersion = 1;

/**
 * Digest of everything that decides a command's output: command, environment, names of the outputs,
 * and path, mode and content of each source file.
 *
 * @throws BuildError where the folder or a pattern's files are missing
 */
export async function inputsDigest(spec: CommandSpec, fileDigest: FileDigest): Promise<string> {
  const sources = await sourceFiles(spec.directory, spec.sources, fileDigest);
  return digestOf(
    JSON.stringify({
      formatVersion,
      command: spec.command,
      // Its name of before: by another one, every command would run again.
      environment: Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1)),
      outputs: spec.outputs,
      sources,
    }),
  );
}
