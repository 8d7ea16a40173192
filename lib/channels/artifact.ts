import type { ReleaseFormat } from "../archive/format";

/** A released file, as channels hand it on: where it can be had, and what is in it. */
export interface ChannelArtifact {
  /** File name. */
  readonly name: string;
  /** Platform, e.g. `linux/amd64`. */
  readonly platform: string;
  /** Where it is downloaded from. */
  readonly url: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly format: ReleaseFormat;
  /** Folder in the archive that contains everything; absent where the archive is flat. */
  readonly root?: string;
  /** Programs in it, by their paths below the root. */
  readonly programs: readonly string[];
  /** Everything that was declared to be in it, by its paths below the root: files and folders. */
  readonly contents: readonly string[];
}

/**
 * The folder that an archive has at its top, with everything else in it; undefined where it has
 * several things there. Package managers unpack what is in it.
 */
export function topFolder({
  root,
  contents,
}: Pick<ChannelArtifact, "root" | "contents">): string | undefined {
  if (root !== undefined) return root;
  const tops = new Set(contents.map((file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "")));
  const [top = ""] = tops;
  return tops.size === 1 && top !== "" ? top : undefined;
}

/** A path of an archive, as it is below {@link topFolder}. */
export function pathBelowTop(artifact: Pick<ChannelArtifact, "root" | "contents">, file: string): string {
  if (artifact.root !== undefined) return file;
  const top = topFolder(artifact);
  return top === undefined ? file : file.slice(top.length + 1);
}

/**
 * Checks that a file that is declared to be installed is in an archive.
 *
 * @param field of the channel's declaration, e.g. `completions.bash`
 * @throws ChannelError where it is not
 */
export function checkContained({ contents, name }: ChannelArtifact, field: string, file: string): void {
  if (contents.some((path) => path === file || file.startsWith(`${path}/`))) return;
  throw new ChannelError(field, `${JSON.stringify(file)} is not in ${name}`);
}

/** Name of a file, by its path in an archive. */
export function fileName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

/** An artifact of which everything is known but its content. */
export type PlannedArtifact = Omit<ChannelArtifact, "digest">;

/** Something that a channel cannot carry. The message names the field, the value and the channel's rule. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  constructor(
    /** Field of the channel's declaration, e.g. `description`. */
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}
