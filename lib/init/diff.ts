import type { ProposedFile } from "./proposal";

/** Lines of a file that are shown before an addition. */
const contextLines = 3;

/** Proposed files as a unified diff, which `git apply` takes. @param textOf text of a file that is there */
export function proposalDiff(
  files: readonly ProposedFile[],
  textOf: (path: string) => string | undefined,
): string {
  return files
    .map((file) => fileDiff(file, file.isAddition ? (textOf(file.path) ?? "") : undefined))
    .join("");
}

function fileDiff({ path, content }: ProposedFile, there: string | undefined): string {
  const head = `diff --git a/${path} b/${path}\n`;
  if (there === undefined || there === "") {
    const added = linesOf(content);
    const mode = there === undefined ? "new file mode 100644\n--- /dev/null\n" : `--- a/${path}\n`;
    return `${head}${mode}+++ b/${path}\n@@ -0,0 +1,${added.length} @@\n${marked(added, "+")}`;
  }
  const all = linesOf(there);
  const isWhole = there.endsWith("\n");
  const shown = all.slice(-contextLines);
  const added = linesOf(content.replace(/^\n/, ""));
  const start = all.length - shown.length + 1;
  const hunk = `@@ -${start},${shown.length} +${start},${shown.length + added.length} @@\n`;
  const last = shown.at(-1) ?? "";
  // A last line without an end becomes one with it.
  const before = isWhole
    ? marked(shown, " ")
    : `${marked(shown.slice(0, -1), " ")}-${last}\n\\ No newline at end of file\n+${last}\n`;
  return `${head}--- a/${path}\n+++ b/${path}\n${hunk}${before}${marked(added, "+")}`;
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

function marked(lines: readonly string[], mark: string): string {
  return lines.map((line) => `${mark}${line}\n`).join("");
}
