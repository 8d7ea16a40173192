/** What a file of a project cannot take, or has not; the message names the file, and the line where there is one. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}
