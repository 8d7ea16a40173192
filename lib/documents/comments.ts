import { basename, extname } from "node:path";

/** How a comment of one line is written. */
export interface CommentStyle {
  readonly open: string;
  /** Empty where the comment ends with the line. */
  readonly close: string;
}

const html: CommentStyle = { open: "<!--", close: "-->" };
const mdx: CommentStyle = { open: "{/*", close: "*/}" };
const hash: CommentStyle = { open: "#", close: "" };
const slashes: CommentStyle = { open: "//", close: "" };
const css: CommentStyle = { open: "/*", close: "*/" };
const dashes: CommentStyle = { open: "--", close: "" };
const dots: CommentStyle = { open: "..", close: "" };

/** Styles by the ending of a file's name, in small letters. */
const byEnding: ReadonlyMap<string, CommentStyle> = new Map(
  (
    [
      [html, "md markdown html htm xml svg vue"],
      [mdx, "mdx"],
      [
        hash,
        "yml yaml toml sh bash zsh fish py rb pl ps1 psd1 cfg conf ini env properties tf hcl nix mk cmake",
      ],
      [hash, "dockerfile containerfile gitignore dockerignore gitattributes editorconfig"],
      [slashes, "ts tsx mts cts js jsx mjs cjs go rs java kt kts scala swift c h cc cpp hpp cs dart groovy"],
      [slashes, "gradle php proto jsonc json5 adoc asciidoc zig"],
      [css, "css scss less"],
      [dashes, "sql lua hs"],
      [dots, "rst"],
    ] as const
  ).flatMap(([style, endings]) => endings.split(" ").map((ending) => [ending, style] as const)),
);

/** Names of files that have no ending, in small letters. */
const byName =
  /^(dockerfile|containerfile|makefile|gnumakefile|justfile|brewfile|gemfile|vagrantfile|codeowners|pkgbuild|procfile)(\.|$)/;

/** How comments are written in a file, by its name; undefined where it can have none, such as JSON. */
export function commentStyle(file: string): CommentStyle | undefined {
  const name = basename(file).toLowerCase();
  if (byName.test(name)) return hash;
  // `.gitignore` has no ending for Node, and is one.
  const ending = (extname(name) || name).slice(1);
  return byEnding.get(ending);
}

/** A comment of one line. */
export function comment({ open, close }: CommentStyle, text: string): string {
  return close === "" ? `${open} ${text}` : `${open} ${text} ${close}`;
}

/** What stands in a line that is a comment and nothing else; undefined for other lines. */
export function commentIn({ open, close }: CommentStyle, line: string): string | undefined {
  const text = line.trim();
  if (!text.startsWith(open)) return undefined;
  const rest = text.slice(open.length);
  return (close !== "" && rest.endsWith(close) ? rest.slice(0, -close.length) : rest).trim();
}

/** Whether a file is Markdown: formatters put empty lines between its blocks, and code stands in fences. */
export function isMarkdown(file: string): boolean {
  return /\.(md|markdown|mdx)$/i.test(file);
}
