import { shortDigest } from "../oci/digest";
import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";

/** A lock whose digests were taken anew. */
export interface RefreshedLock {
  /** File, relative to the project's folder. */
  readonly file: string;
  /** Day on which they were taken, as `YYYY-MM-DD`. */
  readonly refreshed: string;
  /** Day on which they were taken before; absent where none was noted. */
  readonly before?: string | undefined;
  readonly images: readonly RefreshedImage[];
}

/** An image in a lock. */
export interface RefreshedImage {
  readonly reference: string;
  /** Digest that the registry has now; absent for an image that nothing names any more. */
  readonly digest?: string | undefined;
  /** Digest in the lock before; absent for an image that is new there. */
  readonly before?: string | undefined;
  /** Tags of newer versions that its repository has. */
  readonly newer: readonly string[];
}

/** Images whose digest is another than before. */
export function movedImages({ images }: RefreshedLock): RefreshedImage[] {
  return images.filter(({ digest, before }) => digest !== before);
}

/** What has moved, for a terminal. */
export function refreshedText(locks: readonly RefreshedLock[]): string {
  return locks.map((lock) => `${[headline(lock), ...linesOf(lock)].join("\n")}\n`).join("\n");
}

function linesOf(lock: RefreshedLock): string[] {
  return [
    ...movedImages(lock).map((image) => `  ${image.reference}: ${moveOf(image)}`),
    ...withNewer(lock).map(
      ({ reference, newer }) => `  ${reference}: newer versions are ${newer.join(", ")}`,
    ),
  ];
}

/** The same as Markdown. Words of others are no markup in it. */
export function refreshedMarkdown(locks: readonly RefreshedLock[]): string {
  const parts = locks.flatMap((lock) => {
    const moved = movedImages(lock).map((image) => [markdownText(image.reference), moveOf(image)]);
    const newer = withNewer(lock).map((image) => [
      markdownText(image.reference),
      image.newer.map((tag) => markdownText(tag)).join(", "),
    ]);
    return [
      markdownText(headline(lock)),
      ...(moved.length === 0 ? [] : [markdownTable(["image", "digest"], moved)]),
      ...(newer.length === 0
        ? []
        : [
            "Newer versions, which nothing takes by itself:",
            markdownTable(["image", "newer versions"], newer),
          ]),
    ];
  });
  return `${["### Bases", ...parts].join("\n\n")}\n`;
}

function headline(lock: RefreshedLock): string {
  const count = movedImages(lock).length;
  const since = lock.before === undefined ? "" : ` since ${lock.before}`;
  const moved = count === 0 ? "nothing has moved" : `${count} of ${lock.images.length} have moved`;
  return `${lock.file}, taken anew on ${lock.refreshed}: ${moved}${since}`;
}

function moveOf({ before, digest }: RefreshedImage): string {
  if (before === undefined) return `new, ${shortDigest(digest ?? "")}`;
  return digest === undefined ? "not used any more" : `${shortDigest(before)} → ${shortDigest(digest)}`;
}

function withNewer({ images }: RefreshedLock): RefreshedImage[] {
  return images.filter(({ newer }) => newer.length > 0);
}
