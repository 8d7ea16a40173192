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
}

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

/** The hex digits of an artifact's SHA-256. */
export function sha256Of({ digest }: Pick<ChannelArtifact, "digest">): string {
  return digest.slice(digest.indexOf(":") + 1);
}
