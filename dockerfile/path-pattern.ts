/** A path as Go's `filepath.Clean` has it, and relative: a leading `/` means the context. Empty for the context itself. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/**
 * A pattern of paths: Go's `filepath.Match`, and `**` for any number of folders.
 *
 * @throws Error where it cannot be read
 */
export function pathPattern(path: string): RegExp {
  let source = "";
  for (let index = 0; index < path.length; index++) {
    const character = path[index] ?? "";
    if (character === "*" && path[index + 1] === "*") {
      index++;
      // `**/` is `**`.
      if (path[index + 1] === "/") index++;
      source += index + 1 >= path.length ? ".*" : "(.*/)?";
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") source += escaped(path[++index] ?? "\\");
    else if (character === "[") {
      const end = path.indexOf("]", index + 2);
      if (end < 0) throw new Error("unclosed class");
      source += `[${path.slice(index + 1, end).replaceAll("\\", "\\\\")}]`;
      index = end;
    } else source += escaped(character);
  }
  return new RegExp(`^${source}$`, "s");
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/, "\\$&");
}
