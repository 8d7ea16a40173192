import { existsSync } from "node:fs";
import * as path from "node:path";
import { existingPath } from "../machine/existing-path";
import { DocumentError } from "./document-error";

/**
 * Checks a path of a document as it is written: relative, forward, and nothing of git's own.
 *
 * @throws DocumentError
 */
export function checkDocumentPath(file: string): void {
  const parts = file.replace(/^(?:\.\.\/)+/, "").split("/");
  const reason =
    file.startsWith("/") || /^[A-Za-z]:/.test(file)
      ? "is absolute"
      : parts.some((part) => part === "")
        ? "has an empty component"
        : parts.some((part) => part === "." || part === "..")
          ? 'has a "." or ".." after its beginning'
          : file.includes("\\") || /\p{Cc}/u.test(file)
            ? "has a backslash or a control character"
            : parts.some((part) => part.toLowerCase() === ".git")
              ? "is git's own"
              : undefined;
  if (reason === undefined) return;
  throw new DocumentError(`${JSON.stringify(file)} ${reason} (a valid example: "README.md")`);
}

/**
 * The absolute path of a document, with links followed: what is written takes no link's place.
 *
 * @param project absolute folder
 * @throws DocumentError where it is neither in the project nor in the git repository that the project is in
 */
export async function locateDocument(project: string, file: string): Promise<string> {
  const [root, target] = await Promise.all([
    existingPath(project),
    existingPath(path.resolve(project, file)),
  ]);
  const tree = workTreeOf(root) ?? root;
  if (isBelow(tree, target) && !isBelow(path.join(tree, ".git"), target)) return target;
  throw new DocumentError(
    `${JSON.stringify(file)} is ${target}, which is outside of ${tree}: documents are files of the project or of its ` +
      'git repository (a valid example: "README.md")',
  );
}

/** The folder of the checkout that a folder is in; undefined where there is none. */
function workTreeOf(folder: string): string | undefined {
  if (existsSync(path.join(folder, ".git"))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : workTreeOf(parent);
}

function isBelow(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative !== "" &&
    !relative.startsWith(`..${path.sep}`) &&
    relative !== ".." &&
    !path.isAbsolute(relative)
  );
}
