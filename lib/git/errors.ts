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

  /**
   * Whether the other side takes nothing for a time, whoever asks: the AUR says so to every command of
   * git, for days at times (aurweb, `git/serve.py`).
   */
  get isPaused(): boolean {
    return this.said.includes("The AUR is down due to maintenance");
  }
}
