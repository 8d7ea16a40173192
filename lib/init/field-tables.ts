import { markdownTable } from "../text/markdown-table";
import { metadataTable } from "./readers/metadata-action";

/** Tables of docs/init.md, by the name in their marks. */
const tables: Readonly<Record<string, () => string>> = {
  "metadata-action": () => markdownTable(["input", "becomes"], metadataTable),
};

/** The page with its tables as the converters have them. @throws Error for a table without marks */
export function withFieldTables(page: string): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const marks = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`);
    if (!marks.test(text)) throw new Error(`docs/init.md has no marks <!-- ${name} --> for its table`);
    return text.replace(marks, (_all, before: string, behind: string) => `${before}\n${table()}\n${behind}`);
  }, page);
}
