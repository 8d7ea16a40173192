import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { shellWord } from "../../lib/text/shell-word";
import { toolPath } from "./tools";

/**
 * Runs Debian's `nuget` with a home of its own, where no other feed is known. It has a terminal: by
 * its absence, mono's is 0 characters wide, and lists print empty lines for ever.
 *
 * @throws Error with what it printed
 */
export async function nuget(home: string, ...args: string[]): Promise<string> {
  await mkdir(home, { recursive: true });
  const command = ["stty cols 200 rows 50; exec", ...[toolPath("nuget"), ...args].map(shellWord)].join(" ");
  const printed = (text: string) =>
    stripVTControlCharacters(text).replaceAll("\u001b=", "").replaceAll("\r", "").trim();
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? "", HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
    const options = { env, cwd: home, timeout: 60_000 };
    const child = execFile(toolPath("script"), ["-qec", command, "/dev/null"], options, (error, stdout) => {
      if (error) reject(new Error(`nuget ${args.join(" ")}: ${printed(stdout) || error.message}`));
      else resolve(printed(stdout));
    });
    child.stdin?.end();
  });
}
