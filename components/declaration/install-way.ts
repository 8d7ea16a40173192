/** How users install what is released by one way, for documents. */
export interface InstallWay {
  /** What it is installed with, in words: `Homebrew`. */
  readonly with: string;
  /** Systems that it is for, in words: `macOS and Linux`. Default: all that have it. */
  readonly on?: string | undefined;
  /** What runs the commands. Default: `sh`. */
  readonly shell?: "sh" | "powershell" | undefined;
  /** The commands, in their order. */
  readonly commands: readonly string[];
}
