/**
 * A package list with more in it than is read. The message says what it is, for the list of what is
 * unread.
 */
export class PackageFileLimitError extends Error {
  override readonly name = "PackageFileLimitError";
}
