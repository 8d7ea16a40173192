/** A link of an archive: where it leads, and from where that is to be read. */
export interface ArchiveLink {
  readonly type: "hard" | "symbolic";
  readonly target: string;
}

/** Links that may follow one another, as many as Linux follows. */
const mostLinks = 40;

/**
 * Follows the links of an archive, those of folders too, never out of it.
 *
 * @param links by normalized path
 * @returns the normalized path that a path leads to, or why it leads nowhere, as the end of a sentence
 */
export function followLinks(
  start: string,
  links: ReadonlyMap<string, ArchiveLink>,
): { readonly path: string } | { readonly problem: string } {
  let left = start.split("/");
  const done: string[] = [];
  for (let followed = 0; ;) {
    const part = left.shift();
    if (part === undefined) return { path: done.join("/") };
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (done.pop() === undefined) return { problem: "leads out of the archive by a link" };
      continue;
    }
    done.push(part);
    const here = done.join("/");
    const link = links.get(here);
    if (!link) continue;
    if (++followed > mostLinks)
      return { problem: `is a link that leads through more than ${mostLinks} others` };
    if (link.type === "symbolic" && link.target.startsWith("/"))
      return {
        problem: `leads out of the archive by a link: ${JSON.stringify(here)} is one to ${JSON.stringify(link.target.slice(0, 200))}`,
      };
    // A symbolic link is read from its folder, a hard one from the top.
    if (link.type === "symbolic") done.pop();
    else done.length = 0;
    left = [...link.target.split("/"), ...left];
  }
}

/** A path of an archive as others name it: without `./`, doubled and leading separators. */
export function normalizedPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
