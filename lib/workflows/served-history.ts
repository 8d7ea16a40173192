import { shellQuoted, shellWord } from "../text/shell-word";
import { script } from "./scripts";

/** The history of what was served when, on a branch of its own that has nothing else. */

/** Name of the file on the branch. */
export const SERVED_FILE = "served.json";

/** Branch with the history of a stack. */
export function servedBranch(stack: string): string {
  return `slipway/served-${stack}`;
}

/**
 * Reads the history so far; none where there is no branch yet. Whatever else keeps it from being read ends the job, so
 * that no history is begun anew over one that is there.
 *
 * @param file where it is written, as a word of the shell
 */
export function readServed(stack: string, file: string): string {
  const branch = shellWord(`refs/heads/${servedBranch(stack)}`);
  return script(
    "there=0",
    `git ls-remote --exit-code origin ${branch} > /dev/null || there=$?`,
    "if [[ $there == 0 ]]; then",
    `  git fetch --quiet --depth 1 origin ${branch}`,
    `  git show FETCH_HEAD:${SERVED_FILE} > ${file}`,
    "elif [[ $there != 2 ]]; then",
    '  exit "$there"',
    "fi",
  );
}

/**
 * Puts the history on its branch, as the only commit of it, so that the branch stays as small as the file.
 *
 * @param file that has it
 * @param folder that is made for it; `author`: who commits; `push`: pushes to an address. All as words of the shell
 */
export function pushServed(
  stack: string,
  file: string,
  {
    folder,
    author,
    push,
  }: {
    readonly folder: string;
    readonly author: { readonly name: string; readonly email: string };
    readonly push: string;
  },
): string {
  return script(
    `git init --quiet ${folder}`,
    `cp ${file} ${folder}/${SERVED_FILE}`,
    `git -C ${folder} add ${SERVED_FILE}`,
    `git -C ${folder} -c user.name=${author.name} -c user.email=${author.email} commit --quiet --message ${shellQuoted("What was served when")}`,
    `git -C ${folder} ${push} ${shellWord(`HEAD:refs/heads/${servedBranch(stack)}`)}`,
  );
}
