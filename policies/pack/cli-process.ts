import { readFileSync, readlinkSync } from "node:fs";

/** The Pulumi CLI that a pack works for, as the kernel knows it. */
export interface CliProcess {
  readonly args: readonly string[];
  readonly directory: string;
  /** Whether a person looks at its output, which it then keeps up to date in place. */
  readonly isTerminal: boolean;
}

/** Between a pack and the CLI there are a language host and, with older ones, a shell. */
const highestAncestor = 8;

/**
 * Returns the CLI that started this process, through others; undefined where the kernel does not
 * tell (proc(5), Linux), and where no ancestor was told of a policy pack.
 */
export function cliProcess(pid = process.ppid): CliProcess | undefined {
  try {
    let ancestor = pid;
    for (let level = 0; level < highestAncestor && ancestor > 1; level++) {
      const args = readFileSync(`/proc/${ancestor}/cmdline`, "utf8").split("\0").slice(0, -1);
      if (args.some((arg) => /^--policy-pack(=|$)/.test(arg))) return ofProcess(ancestor, args);
      ancestor = parentOf(ancestor);
    }
  } catch {
    // A process that has ended, or of another user.
  }
  return undefined;
}

function ofProcess(pid: number, args: readonly string[]): CliProcess {
  const output = readlinkSync(`/proc/${pid}/fd/1`);
  return {
    args,
    directory: readlinkSync(`/proc/${pid}/cwd`),
    isTerminal: /^\/dev\/(pts\/|tty|console)/.test(output) && !args.includes("--non-interactive"),
  };
}

/** The name, which comes before, can have blanks and brackets of its own. */
function parentOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
}
