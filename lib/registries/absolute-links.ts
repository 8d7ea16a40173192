/** A relative link that nothing says where it leads. */
export class RelativeLinkError extends Error {
  override readonly name = "RelativeLinkError";
}

/**
 * Makes the relative links of a text in Markdown absolute, for a page elsewhere. Links to headings stay, and so does
 * what stands in code.
 *
 * @param base folder of the text as people see it on the Web, e.g. `https://github.com/acme/hello/blob/HEAD/docs`;
 * pictures are taken from where the host has their bytes. Undefined: there must be no such link
 * @throws RelativeLinkError for a link that leads nowhere
 */
export function absoluteLinks(text: string, base: string | undefined): string {
  let fence: string | undefined;
  const lines = text.split("\n").map((line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined;
      return line;
    }
    if (mark !== undefined) {
      fence = mark;
      return line;
    }
    return outsideOfCode(line, (part) =>
      withLinks(part, (link, isPicture) => absolute(link, base, isPicture)),
    );
  });
  return lines.join("\n");
}

/** Changes what is not between marks of code. */
function outsideOfCode(line: string, change: (part: string) => string): string {
  return line
    .split(/((?<!`)(`+)(?!`)(?:.*?)(?<!`)\2(?!`))/)
    .map((part, index) => {
      // Each code has two groups: the code, and its marks, which are in it.
      if (index % 3 === 0) return change(part);
      return index % 3 === 1 ? part : "";
    })
    .join("");
}

function withLinks(part: string, replace: (link: string, isPicture: boolean) => string): string {
  return (
    part
      // ![a picture](target "title"), [a link](target), [![a picture](target)](target)
      .replace(
        /(\]\(\s*)(<[^>]*>|[^\s)]+)/g,
        (_all, head: string, target: string, at: number) =>
          `${head}${inAngles(target, (link) => replace(link, isPictureAt(part, at)))}`,
      )
      // [name]: target
      .replace(
        /^( {0,3}\[[^\]]+\]:\s*)(<[^>]*>|\S+)/,
        (_all, head: string, target: string) => `${head}${inAngles(target, (link) => replace(link, false))}`,
      )
      // <a href="target">, <img src="target">
      .replace(
        /(<(?:a|img)\b[^>]*?\b(href|src)=)(["'])([^"']*)\3/gi,
        (_all, head: string, attribute: string, quote: string, target: string) =>
          `${head}${quote}${replace(target, attribute.toLowerCase() === "src")}${quote}`,
      )
  );
}

/** Returns whether what ends with the bracket at a place began as `![`. */
function isPictureAt(text: string, end: number): boolean {
  let depth = 0;
  for (let place = end; place >= 0; place--) {
    if (text[place] === "]") depth++;
    else if (text[place] === "[" && --depth === 0) return text[place - 1] === "!";
  }
  return false;
}

function inAngles(target: string, change: (link: string) => string): string {
  return target.startsWith("<") ? `<${change(target.slice(1, -1))}>` : change(target);
}

function absolute(link: string, base: string | undefined, isPicture: boolean): string {
  if (link === "" || link.startsWith("#") || /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return link;
  if (base === undefined) {
    throw new RelativeLinkError(
      `the link ${JSON.stringify(link)} is relative, and leads nowhere from another page: declare source, or links ` +
        '(a valid example: "https://github.com/acme/hello/blob/HEAD")',
    );
  }
  const folder = base.replace(/\/*$/, "/");
  const [root = folder] = /^.*\/(?:blob|tree|raw|src)\/[^/]+\//.exec(folder) ?? [new URL("/", folder).href];
  const { href } = link.startsWith("/") ? new URL(link.slice(1), root) : new URL(link, folder);
  if (!href.startsWith(root)) {
    throw new RelativeLinkError(`the link ${JSON.stringify(link)} leads out of ${root}`);
  }
  return isPicture ? href.replace(/\/blob\//, "/raw/") : href;
}
