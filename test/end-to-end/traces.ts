import { readdir, readFile } from "node:fs/promises";
import * as path from "node:path";

/** Where a secret can leave traces on a machine. */

/**
 * Command lines, words apart by spaces, or environments of all processes of this machine that can
 * be read.
 */
export async function processTexts(kind: "cmdline" | "environ"): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = ids.map((id) => readFile(`/proc/${id}/${kind}`, "utf8").catch(() => ""));
  return (await Promise.all(texts)).filter(Boolean).map((text) => text.replaceAll("\0", " "));
}

/** Paths of all files in a folder and below. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

/** Forms in which a text can stand in a file or a log. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    bytes.toString("latin1"),
    bytes.toString("hex"),
    // Without its last group, which depends on what follows.
    bytes.toString("base64").slice(0, -4),
  ];
}
