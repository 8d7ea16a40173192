/**
 * Limits on an image whose layers are read. Layers are other people's bytes: a few kilobytes can
 * unpack to millions of names, and a path through links can be walked for ever.
 */
export interface ImageLimits {
  /**
   * Files, directories and links of all layers, with the directories that paths imply. Large images
   * have some 300 000; a document that lists more than this would be longer than a string can be.
   */
  readonly entries: number;
  /**
   * Characters of a path, as it is written or after its links, and of a link's target: Linux's
   * PATH_MAX.
   */
  readonly pathLength: number;
  /** Characters of all names, targets and paths together: 130 for each of the entries. */
  readonly text: number;
  /** Parts of paths that are looked up: 100 for each of the entries, a few seconds in all. */
  readonly steps: number;
  /** Packages of all lists together, and of one list: Debian has 70 000 in all. */
  readonly packages: number;
  /** Characters of all that package lists say of their packages. */
  readonly packageText: number;
  /**
   * Bytes of all package lists that are read, those of hidden files too: 50 layers that each
   * replace a list of 2 MB have 100 MB, and 20 000 packages of npm have less.
   */
  readonly packageFileBytes: number;
}

export const imageLimits: ImageLimits = {
  entries: 500_000,
  pathLength: 4096,
  text: 64 * 1024 * 1024,
  steps: 50_000_000,
  packages: 250_000,
  packageText: 64 * 1024 * 1024,
  packageFileBytes: 256 * 1024 * 1024,
};

/**
 * An image that asks for more than any image needs. The message begins with a verb: it is about a
 * layer, or an image.
 */
export class ImageLimitError extends Error {
  override readonly name = "ImageLimitError";
}
