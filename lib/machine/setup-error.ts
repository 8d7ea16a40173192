/** A failure of set-up whose message is all a user needs: it is printed without a stack trace. */
export class SetupError extends Error {
  /**
   * What to do next; already part of the message. Its presence marks the error as one for users.
   */
  readonly hint: string;

  /** @param failure what failed and what the other side said; @param hint what to do next */
  constructor(failure: string, hint: string) {
    super(hint === "" ? failure : `${failure}\n${hint}`);
    this.name = "SetupError";
    this.hint = hint;
  }
}
