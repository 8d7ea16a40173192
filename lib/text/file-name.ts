/** Most bytes of a name that file systems hold (POSIX NAME_MAX, NTFS). */
export const longestFileName = 255;

/**
 * Returns why a text cannot be the name of one file; undefined where it can. A name is not a path
 * on any system, no option of a command that it is handed to, and looks in a list as what it is. It
 * is one rule for declared names and for those that others chose: what lists of sums, releases or
 * layouts say.
 */
export function fileNameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name === "." || name === "..") return "is a folder";
  if (/[/\\]/.test(name)) return "has folders";
  if (name.startsWith("-")) return `starts with "-", as an option does`;
  // Cc: control characters; Cf: what changes the direction of a text, or does not show; Zl, Zp:
  // ends of lines.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return "has a character that does not show";
  if (Buffer.byteLength(name) > longestFileName) return `has more than ${longestFileName} bytes`;
  return undefined;
}

/** @throws Error where a text cannot be the name of one file */
export function checkFileName(name: string): void {
  const problem = fileNameProblem(name);
  if (problem === undefined) return;
  throw new Error(
    `${JSON.stringify(name)} ${problem}: a name without folders is expected (a valid example: "hello.tar.gz")`,
  );
}
