/** What git refused, in its own words. */
export class GitError extends Error {
  override readonly name = "GitError";

  constructor(
    message: string,
    /** What git printed on its standard error. */
    readonly said: string,
  ) {
    super(message);
  }

  /** Whether the other side does not take the credentials, or wants some. */
  get isAccessRefused(): boolean {
    return /Authentication failed|could not read (Username|Password)|Permission denied|returned error: (401|403)|terminal prompts disabled/.test(
      this.said,
    );
  }
}
