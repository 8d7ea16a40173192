/** A block of a page that is followed: what a reader copies, or what is printed then. */
export type Block =
  /** A file, whole. */
  | { readonly kind: "file"; readonly file: string; readonly text: string }
  /** Lines of a file that are replaced by others. */
  | { readonly kind: "diff"; readonly file: string; readonly from: string; readonly to: string }
  /** Commands of a shell; `prints` are lines that are printed by them, among others. */
  | {
      readonly kind: "commands";
      readonly text: string;
      readonly fails: boolean;
      readonly prints: readonly string[];
    };

/** A section of a page with its blocks. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/**
 * Reads what a page tells to do, section by section. The first word after the opening fence is the
 * language, as Markdown has it, and the second the file that a block is: `ts index.ts`. `sh` is run,
 * `sh fails` is run and fails, and `text` is printed by what is run before it.
 *
 * @throws Error for a block that is none of these
 */
export function readPage(markdown: string): Section[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ title: text.split("\n")[0] ?? "", blocks: readBlocks(text) }));
}

function readBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const [, language = "", what = "", body = ""] of text.matchAll(
    /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms,
  )) {
    const last = blocks.at(-1);
    if (language === "sh") {
      blocks.push({ kind: "commands", text: body, fails: what === "fails", prints: [] });
    } else if (language === "text") {
      if (last?.kind !== "commands") throw new Error(`nothing is run before ${body}`);
      blocks[blocks.length - 1] = { ...last, prints: body.trimEnd().split("\n") };
    } else if (what === "") {
      throw new Error(`a block of ${language} without a file: ${body}`);
    } else if (language === "diff") {
      const lines = body.split(/^/m);
      const side = (other: string) =>
        lines
          .filter((line) => !line.startsWith(other))
          .map((line) => line.slice(1))
          .join("");
      blocks.push({ kind: "diff", file: what, from: side("+"), to: side("-") });
    } else {
      blocks.push({ kind: "file", file: what, text: body });
    }
  }
  return blocks;
}

/**
 * Returns the lines that a page shows and that were not printed, in whatever order: warnings come as
 * they are found. `…` stands for anything; digests and times may differ.
 */
export function notPrinted(shown: readonly string[], printed: string): string[] {
  const lines = printed.split("\n").map(plain);
  return shown.filter((line) => {
    const pattern = new RegExp(`^${plain(line).split("…").map(escaped).join(".*")}$`);
    return !lines.some((one) => pattern.test(one));
  });
}

const plain = (line: string) =>
  line
    .trim()
    .replaceAll(/\b(sha256:)?([0-9a-f]{64}|[0-9a-f]{12})\b/g, "DIGEST")
    .replaceAll(/\b\d+ s\b/g, "N s")
    .replaceAll(/ +/g, " ");

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
