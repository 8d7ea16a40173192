import { ArchiveError } from "../../archive/format";
import type { ArchiveEntry } from "../../archive/entries";
import { digestOf } from "../../oci/digest";

/**
 * The entries of a wheel with its RECORD, which lists each with its hash and size. Source: packaging
 * specifications, "Binary distribution format" and "Recording installed projects".
 *
 * @throws ArchiveError where the entries are not those of a wheel
 */
export function withWheelRecord(entries: readonly ArchiveEntry[]): ArchiveEntry[] {
  const folders = entries.flatMap(({ path }) => /^(\/[^/]+\.dist-info)\/METADATA$/.exec(path)?.[1] ?? []);
  const [folder] = folders;
  if (folder === undefined || folders.length > 1) {
    throw new ArchiveError("entries", "has not one METADATA in a folder *.dist-info, as a wheel has");
  }
  const record = `${folder}/RECORD`;
  if (entries.some(({ path }) => path === record)) {
    throw new ArchiveError("entries", `has ${record.slice(1)}, which is written`);
  }
  const lines = entries.map(({ path, size, digest = "" }) => {
    const hash = Buffer.from(digest.slice("sha256:".length), "hex").toString("base64url");
    return `${field(path.slice(1))},sha256=${hash},${size}\n`;
  });
  const bytes = Buffer.from(`${lines.join("")}${field(record.slice(1))},,\n`, "utf8");
  const entry: ArchiveEntry = {
    path: record,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  };
  // Its place is at the end: who reads the wheel as a stream has seen all by then.
  return [...entries, entry];
}

/** A field of CSV (RFC 4180). */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
