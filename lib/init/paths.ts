/** Joins paths of a project, with `.` and `..` in them; undefined for what leads out of it. */
export function joined(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/") || ".";
}

/** Folder of a path; `.` for the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

/** Last part of a path. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Files directly or deeper in a folder. */
export function filesIn(files: ReadonlySet<string>, folder: string): string[] {
  return folder === "." ? [...files] : [...files].filter((file) => file.startsWith(`${folder}/`));
}

/** Whether there is a file, or a folder with files in it. */
export function isThere(files: ReadonlySet<string>, path: string): boolean {
  if (path === "." || files.has(path)) return true;
  for (const file of files) if (file.startsWith(`${path}/`)) return true;
  return false;
}

/** A text as the name of an image or a project: lower case, letters, digits and dashes. */
export function plainName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[._-]+|[._-]+$/g, "")
    .replaceAll(/([._-])[._-]+/g, "$1");
}
