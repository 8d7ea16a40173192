import { VerificationError } from "./errors";

/**
 * Bytes of all documents of one search: what has more is not an image with its statements, and each
 * costs time.
 */
const searchLimitBytes = 512 * 1024 * 1024;
/** Documents of one type about one digest: a signature for each of a thousand builds. */
const searchLimit = 1000;

/**
 * Limits of one search through the documents about a digest: anybody who may push can add to them.
 */
export class SearchBudget {
  private left = searchLimitBytes;

  /**
   * @param name of what the documents are about
   * @param count of the documents
   * @throws VerificationError for more than are looked at
   */
  constructor(
    private readonly name: string,
    count: number,
  ) {
    if (count > searchLimit) {
      throw new VerificationError(
        `${name} has ${count} statements; at most ${searchLimit} are read: remove those that are not needed`,
      );
    }
  }

  /**
   * Counts the bytes of one, as its descriptor states them.
   * @throws VerificationError once they are more than are read
   */
  take(bytes: number): void {
    // Below zero, or no number: nothing is read of it, and nothing gained by it.
    if (bytes > 0) this.left -= bytes;
    if (this.left >= 0) return;
    throw new VerificationError(
      `${this.name} has more than ${searchLimitBytes} bytes of statements: remove those that are not needed`,
    );
  }
}
